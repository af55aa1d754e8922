#!/usr/bin/env bash
# Package:  mcp 2.3.0 (PyPI), the high-level MCPServer.
# Expected: a call whose arguments do not match the listed schema is refused: a misspelt name, or text for an integer.
# Observed: the misspelt argument is dropped, its default is used, and "3" becomes 3. Both calls succeed.
# Matters:  a model that misspells an argument receives a plausible answer to another question.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq mcp==2.3.0

cat >"$folder/probe.py" <<'PYTHON'
import asyncio
from mcp import Client
from mcp.server import MCPServer

server = MCPServer("probe")

@server.tool()
def page(count: int = 10) -> str:
    return f"count {count!r}"

async def main():
    async with Client(server) as client:
        for arguments in ({"cuont": 3}, {"count": "3"}):
            result = await client.call_tool("page", arguments)
            print(arguments, "->", "refused" if result.is_error else result.content[0].text)

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py")
echo "$output"
expected="{'cuont': 3} -> count 10
{'count': '3'} -> count 3"
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
