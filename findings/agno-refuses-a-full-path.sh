#!/usr/bin/env bash
# Package:  agno 3.1.10 with mcp 2.3.0 (PyPI).
# Expected: MCPTools(command=...) starts a server by its full path, as configurations of other clients do.
# Observed: only the last part of the path is compared with a list of programs (python, uvx, npx and others) and with
#           the PATH, so a program given by its full path outside the PATH is refused before it is started.
# Matters:  give the server's name on the PATH, or StdioServerParameters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq agno==3.1.10 mcp==2.3.0 fastmcp==4.2.3

mkdir "$folder/bin"
printf '#!/bin/sh\n' >"$folder/bin/probe-server"
chmod +x "$folder/bin/probe-server"

cat >"$folder/probe.py" <<'PYTHON'
import sys
from agno.tools.mcp import MCPTools

for kind, program in (("a program", sys.argv[1]), ("python", sys.executable)):
    try:
        MCPTools(command=program)
        print(f"{kind}: accepted")
    except ValueError as error:
        print(f"{kind}: {str(error).partition(':')[0]}")
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/bin/probe-server")
echo "$output"
expected='a program: MCP command needs to use one of the following executables
python: accepted'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
