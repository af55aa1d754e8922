#!/usr/bin/env bash
# Package:  crewai 1.15.30 with mcp 1.30.0 (PyPI).
# Expected: a tool of a server in `mcps=` is named after the tool, at most with a name for the server before it.
# Observed: its name begins with the command line of the server: the path of the program and all arguments.
# Matters:  the model is sent paths of the user's machine and any secret among the arguments.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq crewai==1.15.30 mcp==1.30.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.fastmcp import FastMCP

server = FastMCP("probe")

@server.tool()
def page(count: int = 10, cursor: str = "") -> str:
    """A page."""
    return f"page of {count} after {cursor or 'nothing'}"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import contextlib, io, sys
from crewai import Agent
from crewai.mcp import MCPServerStdio

server = MCPServerStdio(command=sys.executable, args=[sys.argv[1], "--token", "of-the-user"])
agent = Agent(role="Reader", goal="Read", backstory="-", llm="openai/gpt-4.1", mcps=[server])
with contextlib.redirect_stdout(io.StringIO()):
    (tool,) = agent.get_mcp_tools([server])
print("begins with the path of the program:", tool.name.startswith(sys.executable))
print("ends with:", tool.name[tool.name.index("_--"):])
PYTHON

output=$(OPENAI_API_KEY=none CREWAI_DISABLE_TELEMETRY=true HOME="$folder" "$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='begins with the path of the program: True
ends with: _--token_of-the-user_page'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
