// Mastra: an agent that reads conversations.
//
//     OPENAI_API_KEY=... node read.mjs [URL | COMMAND...]

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Agent } from "@mastra/core/agent";
import { MCPClient } from "@mastra/mcp";

const QUESTION = "Who waits for my answer, and what did they write?";
const [first, ...rest] = process.argv.length > 2 ? process.argv.slice(2) : ["conversation-mcp", "--sandbox"];
const server = first.includes("://")
  ? { url: new URL(first) }
  : // The server does not inherit this environment: name its settings in `env`.
    { command: first, args: rest, env: {} };

const provider = createOpenAICompatible({
  name: "compatible",
  baseURL: process.env.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
  apiKey: process.env.OPENAI_API_KEY,
});
const mcp = new MCPClient({ servers: { linkedin: server } });
const agent = new Agent({
  id: "reader",
  name: "reader",
  instructions: "Answer the question.",
  model: provider("gpt-4.1"),
  tools: await (mcp.listTools?.() ?? mcp.getTools()), // its name before version 1
});
const answer = await agent.generate(QUESTION, { maxSteps: 30 });
console.log(answer.text);
await mcp.disconnect();
