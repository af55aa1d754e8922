#!/usr/bin/env bash
# Package:  dspy 3.4.1 with mcp 2.3.0 (PyPI).
# Expected: the model sees the text of a tool's error.
# Observed: ReAct shows it a Python traceback that has the paths of the installed packages.
# Matters:  an error of one line costs hundreds of tokens, and the model is sent paths of the user's machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq dspy==3.4.1 mcp==2.3.0

cat >"$folder/server.py" <<'PYTHON'
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("probe")

@server.tool()
def page(since: str = "") -> str:
    raise ToolError("since must be a date")

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
import dspy
from dspy.utils import DummyLM
from mcp import Client, StdioServerParameters

async def main():
    steps = [
        {"next_thought": "read", "next_tool_name": "page", "next_tool_args": {"since": "soon"}},
        {"next_thought": "enough", "next_tool_name": "finish", "next_tool_args": {}},
        {"reasoning": "read", "answer": "none"},
    ]
    dspy.configure(lm=DummyLM(steps))
    async with Client(StdioServerParameters(command=sys.executable, args=[sys.argv[1]]), mode="legacy") as client:
        (tool,) = (await client.session.list_tools()).tools
        agent = dspy.ReAct("question -> answer", tools=[dspy.Tool.from_mcp_tool(client.session, tool)])
        done = await agent.acall(question="?")
    seen = done.trajectory["observation_0"]
    print("a path of this machine:", sys.prefix in seen)
    print(seen.strip().splitlines()[0], "/", seen.strip().splitlines()[-1])

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='a path of this machine: True
Execution error in page:  / RuntimeError: Failed to call a MCP tool: Error executing tool page: since must be a date'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
