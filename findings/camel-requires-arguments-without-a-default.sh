#!/usr/bin/env bash
# Package:  camel-ai 0.2.90 with mcp 1.30.0 (PyPI).
# Expected: an argument that the tool's schema does not list as required stays optional, or may be null.
# Observed: the schema for the model is strict, lists the argument as required, and does not allow null for it.
# Matters:  a model must make up a value for every optional argument; only an empty text can mean "not given".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq camel-ai==0.2.90 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
import asyncio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import Tool

server = Server("probe")

@server.list_tools()
async def tools():
    properties = {"target": {"type": "string"}, "cursor": {"type": "string"}}
    return [Tool(name="page", description="A page.", inputSchema={
        "type": "object", "properties": properties, "required": ["target"], "additionalProperties": False,
    })]

async def main():
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())

asyncio.run(main())
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, json, sys
from camel.toolkits import MCPToolkit

async def main():
    server = {"command": sys.executable, "args": [sys.argv[1]]}
    async with MCPToolkit(config_dict={"mcpServers": {"probe": server}}) as toolkit:
        (tool,) = toolkit.get_tools()
        function = tool.get_openai_tool_schema()["function"]
        print("strict:", function["strict"])
        print("required:", *function["parameters"]["required"])
        for name, schema in function["parameters"]["properties"].items():
            print(f"{name}:", schema["type"])

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='strict: True
required: target cursor
target: string
cursor: string'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
