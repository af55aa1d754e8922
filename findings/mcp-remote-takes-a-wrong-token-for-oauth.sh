#!/usr/bin/env bash
# Package:  mcp-remote 0.15.1 (npm), in front of a server that answers 401 with a sentence, and has no OAuth.
# Expected: with a header Authorization of the user's own, a 401 is reported, with the server's words.
# Observed: it tries to register as an OAuth client; after a 404 it tries the old SSE transport, and reports only the 405.
# Matters:  a user with a wrong token reads about registration and SSE, and nothing about the token.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error mcp-remote@0.15.1 >/dev/null

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const words = "The token is wrong: ask your operator.";
const server = createServer((request, response) => {
  request.resume();
  const status = request.url !== "/mcp" ? 404 : request.method === "POST" ? 401 : 405;
  response.writeHead(status, { "WWW-Authenticate": "Bearer" }).end(words);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}/mcp`;
const bridge = spawn(process.execPath, [process.argv[2], url, "--allow-http", "--header", "Authorization: Bearer wrong"], {
  env: { ...process.env, MCP_REMOTE_CONFIG_DIR: process.argv[3] },
});
let said = "";
bridge.stderr.on("data", (data) => (said += data));
await new Promise((ended) => bridge.on("exit", ended));
server.close();
const fatal = said.split("\n").find((line) => line.includes("Fatal error")).replace(/^\[\d+\] /, "");
console.log(said.includes("Dynamic Client Registration rejected (HTTP 404)") ? "it tried to register" : "no registration");
console.log(fatal);
JAVASCRIPT

output=$(node "$folder/probe.mjs" "$folder/node_modules/mcp-remote/dist/proxy.js" "$folder/config")
echo "$output"
expected='it tried to register
Fatal error: SseError: SSE error: Non-200 status code (405)'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
