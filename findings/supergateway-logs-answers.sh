#!/usr/bin/env bash
# Package:  supergateway 4.0.0 (npm), stdio to Streamable HTTP, at its default log level.
# Expected: a gateway logs methods and errors, not the content of answers.
# Observed: every answer of the server is written to its log, whole.
# Matters:  private messages end up in log files, where nobody looks for them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error supergateway@4.0.0 >/dev/null

cat >"$folder/server.mjs" <<'JAVASCRIPT'
import { createInterface } from "node:readline";

const results = {
  initialize: { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo: { name: "probe", version: "1" } },
  "tools/call": { content: [{ type: "text", text: "a private sentence" }] },
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
let log = "";
const listening = new Promise((ready) => running.stdout.on("data", () => log.includes("Listening on port") && ready()));
for (const stream of [running.stdout, running.stderr]) stream.prependListener("data", (data) => (log += data));
await listening;
const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "read", arguments: {} } };
const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
const answer = await fetch(`http://127.0.0.1:${port}/mcp`, { method: "POST", headers, body: JSON.stringify(body) });
console.log("the client receives it:", (await answer.text()).includes("a private sentence"));
running.kill();
await new Promise((ended) => running.on("close", ended));
console.log("the log contains it:", log.includes("a private sentence"));
JAVASCRIPT

output=$(node "$folder/probe.mjs" "$folder/node_modules/supergateway/dist/index.js" "$folder/server.mjs")
echo "$output"
expected='the client receives it: true
the log contains it: true'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
