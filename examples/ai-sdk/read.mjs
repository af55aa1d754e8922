// The AI SDK: an agent that reads conversations.
//
//     OPENAI_API_KEY=... node read.mjs [URL | COMMAND...]

import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs } from "ai";

const QUESTION = "Who waits for my answer, and what did they write?";
const [first, ...rest] = process.argv.length > 2 ? process.argv.slice(2) : ["conversation-mcp", "--sandbox"];
const transport = first.includes("://")
  ? { type: "http", url: first }
  : // The server does not inherit this environment: name its settings in `env`.
    new StdioTransport({ command: first, args: rest, env: { PATH: process.env.PATH } });

const provider = createOpenAICompatible({
  name: "openai",
  baseURL: process.env.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
  apiKey: process.env.OPENAI_API_KEY,
});
const client = await createMCPClient({ transport });
const { text } = await generateText({
  model: provider("gpt-4.1"),
  tools: await client.tools(),
  stopWhen: stepCountIs(30),
  prompt: QUESTION,
});
console.log(text);
await client.close();
