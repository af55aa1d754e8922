#!/usr/bin/env bash
# Package:  llama-index-tools-mcp 0.6.0 with llama-index-core 0.14.25 and mcp 2.3.0 (PyPI).
# Expected: the model sees a tool's result once, as text or as structured content.
# Observed: it sees the Python repr of the whole result: field names, None values and both channels.
# Matters:  a result that a server keeps within a budget reaches the model at more than twice its tokens.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq llama-index-tools-mcp==0.6.0 llama-index-core==0.14.25 mcp==2.3.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server import MCPServer

server = MCPServer("probe")

@server.tool()
def page(count: int = 10) -> dict[str, str]:
    return {"transcript": "See you on Thursday."}

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

async def main():
    (tool,) = await McpToolSpec(client=BasicMCPClient(sys.executable, args=[sys.argv[1]])).to_tool_list_async()
    seen = (await tool.acall(count=3)).content
    print("starts with:", seen[:9])
    print("the transcript, times:", seen.count("See you on Thursday."))
    print("names the fields:", all(name in seen for name in ("structured_content=", "is_error=")))

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='starts with: meta=None
the transcript, times: 2
names the fields: True'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
