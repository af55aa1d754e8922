// LangChain.js: an agent that reads conversations.
//
//     OPENAI_API_KEY=... node read.mjs [URL | COMMAND...]

import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";

const QUESTION = "Who waits for my answer, and what did they write?";
const [first, ...rest] = process.argv.length > 2 ? process.argv.slice(2) : ["conversation-mcp", "--sandbox"];
const server = first.includes("://")
  ? // Over stdio the server knows this client by its name, and sends the transcript once. Over HTTP it must be asked.
    { transport: "http", url: `${first}?structured_output=figures` }
  : // The server does not inherit this environment: name its settings in `env`.
    { transport: "stdio", command: first, args: rest, env: { PATH: process.env.PATH } };

const client = new MultiServerMCPClient({ linkedin: server });
const agent = createAgent({
  model: new ChatOpenAI({ model: "gpt-4.1", configuration: { baseURL: process.env.OPENAI_BASE_URL } }),
  tools: await client.getTools(),
});
const { messages } = await agent.invoke({ messages: [{ role: "user", content: QUESTION }] }, { recursionLimit: 100 });
console.log(messages.at(-1).text);
await client.close();
