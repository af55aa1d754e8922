#!/usr/bin/env bash
# Package:  agno 3.1.10 with fastmcp 4.2.3 and mcp 2.3.0 (PyPI).
# Expected: connecting to a server that ends at once raises an error.
# Observed: connect() logs the failure and returns; the toolkit has no functions.
# Matters:  the agent then answers without the tools, as if there were none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq agno==3.1.10 fastmcp==4.2.3 mcp==2.3.0

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from agno.tools.mcp import MCPTools
from mcp import StdioServerParameters

async def main():
    parameters = StdioServerParameters(command=sys.executable, args=["-c", "raise SystemExit('no settings')"])
    tools = MCPTools(server_params=parameters)
    await tools.connect()
    print("functions:", len(tools.functions))

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" 2>/dev/null | tail -n 1)
echo "$output"
expected='functions: 0'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
