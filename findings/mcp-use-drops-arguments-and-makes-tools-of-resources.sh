#!/usr/bin/env bash
# Package:  mcp-use 1.7.1 with langchain 1.5.2 and mcp 1.30.0 (PyPI).
# Expected: a misspelt argument is refused or sent to the server; the agent has the tools that the server lists.
# Observed: the misspelt argument is dropped, so the server answers with its default; resources become tools as well.
# Matters:  a misspelt cursor reads page 1 again, and a resource's whole text can become a tool's answer.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq mcp-use==1.7.1 langchain==1.5.2 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool()
def page(cursor: str = "") -> str:
    return f"page after {cursor or 'nothing'}"

@server.resource("ui://probe/view")
def view() -> str:
    return "<html></html>"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from mcp_use import MCPClient
from mcp_use.adapters import LangChainAdapter

async def main():
    client = MCPClient({"mcpServers": {"probe": {"command": sys.executable, "args": [sys.argv[1]]}}})
    await client.create_all_sessions()
    adapter = LangChainAdapter()
    await adapter.create_all(client)
    tools = {tool.name: tool for tool in [*adapter.tools, *adapter.resources, *adapter.prompts]}
    print("tools:", ", ".join(sorted(tools)))
    print("cursor:", await tools["page"].ainvoke({"cursor": "b"}))
    print("crusor:", await tools["page"].ainvoke({"crusor": "b"}))
    await client.close_all_sessions()

asyncio.run(main())
PYTHON

output=$(MCP_USE_ANONYMIZED_TELEMETRY=false "$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='tools: page, view
cursor: page after b
crusor: page after nothing'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
