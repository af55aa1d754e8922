#!/usr/bin/env bash
# Package:  langchain 1.5.14 with @langchain/core 1.4.0 and @langchain/openai 1.6.0 (npm).
# Expected: an agent calls a tool as often as its model asks for it, and returns the model's last answer.
# Observed: if a provider gives its answers one and the same id, the second answer replaces the first; the agent stops
#           and returns the result of the tool as its answer.
# Matters:  with a chat API whose ids are constant, an agent reads one page and shows the user the raw text.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error langchain@1.5.14 @langchain/core@1.4.0 @langchain/openai@1.6.0 >/dev/null

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { createServer } from "node:http";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";

let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  const call = { id: `call_${asked}`, type: "function", function: { name: "page", arguments: "{}" } };
  const said = asked > 2 ? { content: "Done." } : { content: null, tool_calls: [call] };
  const choice = { index: 0, message: { role: "assistant", ...said }, finish_reason: asked > 2 ? "stop" : "tool_calls" };
  const id = process.argv[2] === "one" ? "chatcmpl-1" : `chatcmpl-${asked}`;
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ id, object: "chat.completion", created: 1, model: "probe", choices: [choice] }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const configuration = { baseURL: `http://127.0.0.1:${server.address().port}/v1` };
const page = tool(() => "a page", { name: "page", description: "A page.", schema: { type: "object", properties: {} } });
const agent = createAgent({ model: new ChatOpenAI({ model: "probe", apiKey: "none", configuration }), tools: [page] });
const { messages } = await agent.invoke({ messages: [{ role: "user", content: "?" }] });
console.log(`${process.argv[2]}: ${messages.map((message) => message.type).join(" ")}, "${messages.at(-1).text}"`);
server.close();
JAVASCRIPT

output=$(node "$folder/probe.mjs" many && node "$folder/probe.mjs" one)
echo "$output"
expected='many: human ai tool ai tool ai, "Done."
one: human ai tool, "a page"'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
