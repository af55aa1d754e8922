#!/usr/bin/env bash
# Package:  google-adk 2.13.0 with mcp 2.3.0 (PyPI).
# Expected: the model sees the descriptions of a tool and of its arguments as the server wrote them.
# Observed: each is enclosed in two lines of markers.
# Matters:  each argument of a tool costs some twenty tokens more in every request.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --disable-pip-version-check install -qq 'google-adk[mcp]==2.13.0' mcp==2.3.0

cat >"$folder/server.py" <<'PYTHON'
from typing import Annotated
from mcp.server.mcpserver import MCPServer
from pydantic import Field

server = MCPServer("probe")

@server.tool()
def page(count: Annotated[int, Field(description="Messages to read.")] = 10) -> str:
    """A page of messages."""
    return f"page of {count}"

server.run()
PYTHON

cat >"$folder/probe.py" <<'PYTHON'
import asyncio, sys
from google.adk.agents import LlmAgent
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import InMemoryRunner
from google.adk.tools.mcp_tool.mcp_session_manager import StdioConnectionParams
from google.adk.tools.mcp_tool.mcp_toolset import McpToolset
from google.genai import types
from mcp import StdioServerParameters

class Model(BaseLlm):
    async def generate_content_async(self, llm_request, stream=False):
        (declared,) = llm_request.config.tools[0].function_declarations
        print(declared.description)
        print("count:", declared.parameters_json_schema["properties"]["count"]["description"])
        yield LlmResponse(content=types.Content(role="model", parts=[types.Part(text="Done.")]))

async def main():
    parameters = StdioServerParameters(command=sys.executable, args=[sys.argv[1]])
    toolset = McpToolset(connection_params=StdioConnectionParams(server_params=parameters, timeout=60))
    agent = LlmAgent(name="reader", model=Model(model="probe"), tools=[toolset])
    await InMemoryRunner(agent=agent).run_debug("?", quiet=True)
    await toolset.close()

asyncio.run(main())
PYTHON

output=$("$folder/venv/bin/python" "$folder/probe.py" "$folder/server.py" 2>/dev/null)
echo "$output"
expected='<<<BEGIN_UNTRUSTED_TOOL_DESCRIPTION>>>
A page of messages.
<<<END_UNTRUSTED_TOOL_DESCRIPTION>>>
count: <<<BEGIN_UNTRUSTED_TOOL_DESCRIPTION>>>
Messages to read.
<<<END_UNTRUSTED_TOOL_DESCRIPTION>>>'
[ "$output" = "$expected" ] || { echo "The behaviour has changed." >&2; exit 1; }
