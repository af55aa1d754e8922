#!/usr/bin/env bash
# Package:  supergateway 4.0.0 (npm), stdio to Streamable HTTP, without --stateful (its default).
# Expected: one server process for all requests, or one per client.
# Observed: a new server process for every request, ended after its answer.
# Matters:  each call waits for a start, and whatever the server keeps in memory is lost and paid for again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error supergateway@4.0.0 >/dev/null

cat >"$folder/server.mjs" <<'JAVASCRIPT'
import { createInterface } from "node:readline";

// Answers a call with its own process id.
const results = {
  initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "probe", version: "1" } },
  "tools/call": { content: [{ type: "text", text: `process ${process.pid}.` }] },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
}
JAVASCRIPT

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { spawn } from "node:child_process";
import { createServer } from "node:net";

const [gateway, server] = process.argv.slice(2);
const free = createServer();
await new Promise((ready) => free.listen(0, "127.0.0.1", ready));
const { port } = free.address();
await new Promise((closed) => free.close(closed));
const command = `${process.execPath} ${server}`;
const options = ["--stdio", command, "--outputTransport", "streamableHttp", "--port", port];
const running = spawn(process.execPath, [gateway, ...options]);
await new Promise((ready) => running.stdout.on("data", (data) => `${data}`.includes("Listening on port") && ready()));
const processes = new Set();
for (const id of [1, 2, 3]) {
  const body = { jsonrpc: "2.0", id, method: "tools/call", params: { name: "read", arguments: {} } };
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const answer = await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers, body: JSON.stringify(body) });
  processes.add((await answer.text()).match(/process \d+/)[0]);
}
console.log(`3 calls, ${processes.size} server processes`);
running.kill();
JAVASCRIPT

output=$(node "$folder/probe.mjs" "$folder/node_modules/supergateway/dist/index.js" "$folder/server.mjs")
echo "$output"
[ "$output" = '3 calls, 3 server processes' ] || { echo "The behaviour has changed." >&2; exit 1; }
