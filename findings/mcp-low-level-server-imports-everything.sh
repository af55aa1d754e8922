#!/usr/bin/env bash
# Package:  mcp 2.3.0 (PyPI).
# Expected: importing the low-level server loads what serves over stdin and stdout.
# Observed: it also loads the client, the high-level server, an HTTP client, a web framework and a web server.
# Matters:  every server over stdio waits for all of them before it can answer `initialize`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq mcp==2.3.0

cat >"$folder/probe.py" <<'PYTHON'
import sys

import mcp.server.lowlevel

names = ("mcp.client.client", "mcp.server.mcpserver", "httpx2", "starlette.applications", "uvicorn")
print(*(name for name in names if name in sys.modules), sep="\n")
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py")
echo "$output"
expected='mcp.client.client
mcp.server.mcpserver
httpx2
starlette.applications
uvicorn'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
