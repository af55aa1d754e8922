#!/usr/bin/env bash
# Package:  @langchain/mcp-adapters 1.1.4 with @langchain/core 1.4.0 and @modelcontextprotocol/sdk 1.30.0 (npm).
# Expected: the model sees a tool's result once, as text or as structured content.
# Observed: the content of its ToolMessage is one string, JSON with the text and the structured content.
# Matters:  a result that a server keeps within a budget reaches the model at twice its tokens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --loglevel=error @langchain/mcp-adapters@1.1.4 @langchain/core@1.4.0 @modelcontextprotocol/sdk@1.30.0 >/dev/null

cat >"$folder/server.mjs" <<'JAVASCRIPT'
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "probe", version: "1" });
server.registerTool("page", { inputSchema: {}, outputSchema: { transcript: z.string() } }, async () => {
  const structuredContent = { transcript: "See you on Thursday." };
  return { content: [{ type: "text", text: structuredContent.transcript }], structuredContent };
});
await server.connect(new StdioServerTransport());
JAVASCRIPT

cat >"$folder/probe.mjs" <<'JAVASCRIPT'
import { MultiServerMCPClient } from "@langchain/mcp-adapters";

const client = new MultiServerMCPClient({
  probe: { transport: "stdio", command: process.execPath, args: [process.argv[2]] },
});
const [tool] = await client.getTools();
const message = await tool.invoke({ type: "tool_call", id: "1", name: tool.name, args: {} });
console.log(typeof message.content === "string" ? message.content : JSON.stringify(message.content));
await client.close();
JAVASCRIPT

output=$(node "$folder/probe.mjs" "$folder/server.mjs" 2>/dev/null)
echo "$output"
expected='{"type":"text","text":"See you on Thursday.","structuredContent":{"transcript":"See you on Thursday."}}'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
