#!/usr/bin/env bash
# Package:  autogen-ext 0.7.5 with mcp 1.30.0 (PyPI), compared: mcp_server_tools and McpWorkbench.
# Expected: both hand the text of a tool's result to the model as it is.
# Observed: the tools of mcp_server_tools turn it into JSON with each character outside ASCII escaped.
# Matters:  Japanese text costs several times its tokens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq 'autogen-ext[mcp]==0.7.5' mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool()
def page() -> str:
    return "木曜日にお会いできますか"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from autogen_core import CancellationToken
from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams, mcp_server_tools

async def main():
    server = StdioServerParams(command=sys.executable, args=[sys.argv[1]])
    (tool,) = await mcp_server_tools(server)
    result = await tool.run_json({}, CancellationToken())
    print("mcp_server_tools:", tool.return_value_as_string(result))
    async with McpWorkbench(server) as workbench:
        print("McpWorkbench:", (await workbench.call_tool("page", {})).to_text())

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected="mcp_server_tools: [{\"type\": \"text\", \"text\": \"\\u6728\\u66dc\\u65e5\\u306b\\u304a\\u4f1a\\u3044\\u3067\\u304d\\u307e\\u3059\\u304b\", \"annotations\": null}]
McpWorkbench: 木曜日にお会いできますか"
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
