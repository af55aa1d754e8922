#!/usr/bin/env bash
# Package:  crewai 1.15.30 with mcp 1.30.0 (PyPI).
# Expected: a tool of a server in `mcps=` returns the server's answer, over HTTP as over stdio.
# Observed: the server answers, but the tool fails when it hangs up: "no running event loop".
# Matters:  each call is carried out, and paid for, while the model sees only an error and tries again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq crewai==1.15.30 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
import socket, sys
from pathlib import Path
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")
calls = Path(sys.argv[1])

@server.tool()
def page(count: int = 10) -> str:
    """A page."""
    calls.write_text(calls.read_text() + f"page of {count}\n")
    return f"page of {count}"

if sys.argv[2] == "stdio":
    server.run()
else:
    import uvicorn
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error")).run(sockets=[listening])
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import contextlib, io, subprocess, sys
from pathlib import Path
from crewai import Agent
from crewai.mcp import MCPServerHTTP, MCPServerStdio

command, calls = [sys.executable, *sys.argv[1:]], Path(sys.argv[2])

def call(server):
    calls.write_text("")
    agent = Agent(role="Reader", goal="Read", backstory="-", llm="openai/gpt-4.1", mcps=[server])
    with contextlib.redirect_stdout(io.StringIO()):
        (tool,) = agent.get_mcp_tools([server])
        try:
            seen = tool.run(count=3)
        except RuntimeError as error:
            seen = f"RuntimeError: {error}"
    return f"{seen}; calls that arrived: {len(calls.read_text().splitlines())}"

print("stdio:", call(MCPServerStdio(command=command[0], args=[*command[1:], "stdio"])))
with subprocess.Popen([*command, "http"], stdout=subprocess.PIPE, text=True) as serving:
    try:
        print("HTTP:", call(MCPServerHTTP(url=f"http://127.0.0.1:{int(serving.stdout.readline())}/mcp")))
    finally:
        serving.terminate()
PYTHON

output=$(OPENAI_API_KEY=none CREWAI_DISABLE_TELEMETRY=true HOME="$folder" \
    "$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" "$folder/calls" 2>/dev/null)
echo "$output"
expected='stdio: page of 3; calls that arrived: 1
HTTP: RuntimeError: Error executing MCP tool page: Error during MCP client disconnect: no running event loop; calls that arrived: 1'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
