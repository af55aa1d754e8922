#!/usr/bin/env bash
# Package:  @ai-sdk/mcp 1.0.102 (npm), stdio.
# Expected: aborting a call sends notifications/cancelled, as the protocol asks of a client that gives up.
# Observed: the call is rejected in the client; nothing is sent, so the server finishes its work.
# Matters:  a server that pays for each page keeps paying after the user has pressed Stop.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error @ai-sdk/mcp@1.0.102 @modelcontextprotocol/sdk@1.30.0 zod@4.6.7 >/dev/null

cat >"$folder/server.mjs" <<'JAVASCRIPT'
import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

// Answers everything but the call "slow", and keeps the method of each message.
const tools = ["slow", "quick"].map((name) => ({ name, inputSchema: { type: "object" } }));
const results = {
  initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "probe", version: "1" } },
  "tools/list": { tools },
  "tools/call": { content: [{ type: "text", text: "done" }] },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  appendFileSync(process.argv[2], `${method}${params?.name ? ` ${params.name}` : ""}\n`);
  if (id !== undefined && params?.name !== "slow") {
    console.log(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
  }
}
JAVASCRIPT

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport } from "@ai-sdk/mcp/mcp-stdio";

const [server, log] = process.argv.slice(2);
const transport = new Experimental_StdioMCPTransport({ command: process.execPath, args: [server, log] });
const client = await createMCPClient({ transport });
const { slow, quick } = await client.tools();
const controller = new AbortController();
const options = { toolCallId: "1", messages: [] };
const outcome = slow.execute({}, { ...options, abortSignal: controller.signal }).then(() => "answered", (error) => error.name);
controller.abort();
console.log("the call:", await outcome);
await quick.execute({}, options);  // The pipe keeps the order: a cancellation would have come before this call.
console.log("the server received:", readFileSync(log, "utf8").trim().split("\n").join(", "));
await client.close();
JAVASCRIPT

output=$(node "$folder/probe.mjs" "$folder/server.mjs" "$folder/log")
echo "$output"
expected='the call: MCPClientError
the server received: initialize, notifications/initialized, tools/list, tools/call slow, tools/call quick'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
