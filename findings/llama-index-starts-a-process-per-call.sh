#!/usr/bin/env bash
# Package:  llama-index-tools-mcp 0.6.0 with llama-index-core 0.14.25 and mcp 2.3.0 (PyPI).
# Expected: one client over stdio keeps its server for all calls.
# Observed: each call starts a server of its own.
# Matters:  whatever a server keeps in memory between calls, such as pages already paid for, is lost.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq llama-index-core==0.14.25 llama-index-tools-mcp==0.6.0 mcp==2.3.0

cat >"$folder/server.py" <<'PYTHON'
import os
from mcp.server.mcpserver import MCPServer

server = MCPServer("probe")

@server.tool()
def process() -> str:
    return str(os.getpid())

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, os, sys
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

async def main():
    client = BasicMCPClient(sys.executable, args=[sys.argv[1]], timeout=60)
    (tool,) = await McpToolSpec(client=client).to_tool_list_async()
    answers = [str((await tool.acall()).raw_output.content[0].text) for _ in range(3)]
    print("calls: 3, processes:", len(set(answers)))

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='calls: 3, processes: 3'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
