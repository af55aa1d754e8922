#!/usr/bin/env bash
# Package:  pydantic-ai-slim 2.68.0 with mcp 2.3.0 (PyPI).
# Expected: the model sees each error that a tool returns, and may try again.
# Observed: the second error of one tool in a row ends the run with an exception (retries=1 by default).
# Matters:  a model that is wrong about two arguments, one after the other, gets no third try.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq 'pydantic-ai-slim[mcp]==2.68.0' mcp==2.3.0

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
from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent, ModelResponse, TextPart, ToolCallPart, UnexpectedModelBehavior
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.function import FunctionModel

def model(messages, info):
    calls = sum(isinstance(part, ToolCallPart) for message in messages for part in message.parts)
    return ModelResponse(parts=[ToolCallPart("page", {"since": "soon"}) if calls < 2 else TextPart("Done.")])

async def main():
    toolset = MCPToolset(StdioTransport(sys.executable, [sys.argv[1]]))
    try:
        print((await Agent(FunctionModel(model), toolsets=[toolset]).run("?")).output)
    except UnexpectedModelBehavior as error:
        print(type(error).__name__, str(error).split(" Consider ")[0])

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='UnexpectedModelBehavior Tool '\''page'\'' exceeded max retries count of 1.'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
