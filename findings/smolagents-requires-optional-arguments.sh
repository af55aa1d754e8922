#!/usr/bin/env bash
# Package:  smolagents 1.26.0 with mcpadapt 0.1.19 and mcp 1.30.0 (PyPI).
# Expected: an argument that the tool's schema does not list as required may be left out.
# Observed: ToolCallingAgent's check takes each argument without "nullable": true as required.
# Matters:  a model must fill in every optional argument, or the call never leaves the client.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq 'smolagents[mcp]==1.26.0' mcpadapt==0.1.19 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool()
def page(count: int = 10, cursor: str = "") -> str:
    return f"page of {count} after {cursor or 'nothing'}"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import sys
from mcp import StdioServerParameters
from smolagents import ToolCollection
from smolagents.tools import validate_tool_arguments

with ToolCollection.from_mcp(
    StdioServerParameters(command=sys.executable, args=[sys.argv[1]]), trust_remote_code=True, structured_output=False
) as collection:
    (tool,) = collection.tools
    for arguments in ({"count": 3}, {"count": 3, "cursor": ""}):
        try:
            validate_tool_arguments(tool, arguments)
            print(arguments, "accepted")
        except ValueError as error:
            print(arguments, error)
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected="{'count': 3} Argument cursor is required
{'count': 3, 'cursor': ''} accepted"
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
