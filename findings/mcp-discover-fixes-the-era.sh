#!/usr/bin/env bash
# Package:  mcp 2.3.0 (PyPI), a server over stdio.
# Expected: server/discover only asks which versions a server speaks. A client that receives the answer too late, or
#           wants an older version, can still open the connection with initialize.
# Observed: the first server/discover commits the connection to 2026-07-28; initialize is then refused with -32022.
# Matters:  a client that gives server/discover a short limit and falls back to initialize cannot connect.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq mcp==2.3.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server import MCPServer

MCPServer("probe").run()
PYTHON

cat >"$folder/client.py" <<'PYTHON'
import json, subprocess, sys

def ask(number, method, params):
    server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())

meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "probe", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
opening = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "probe", "version": "1"}}
for first in (False, True):
    with subprocess.Popen([sys.executable, sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        if first:
            print("server/discover:", ", ".join(ask(1, "server/discover", {"_meta": meta})["result"]["supportedVersions"]))
        answer = ask(2, "initialize", opening)
        outcome = answer["error"]["code"] if "error" in answer else answer["result"]["protocolVersion"]
        print("initialize", "after it:" if first else "alone:", outcome)
        server.stdin.close()
PYTHON

output=$("$folder/venv/bin/python" "$folder/client.py" "$folder/server.py")
echo "$output"
expected='initialize alone: 2025-11-25
server/discover: 2026-07-28
initialize after it: -32022'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
