"""Google's Agent Development Kit: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]      (with Gemini: model="gemini-..." and its key)
"""

import asyncio
import sys

from google.adk.agents import LlmAgent
from google.adk.models.lite_llm import LiteLlm
from google.adk.runners import InMemoryRunner
from google.adk.tools.mcp_tool.mcp_session_manager import StdioConnectionParams, StreamableHTTPConnectionParams
from google.adk.tools.mcp_tool.mcp_toolset import McpToolset
from mcp import StdioServerParameters

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Its own limit is 5 seconds, for the start as well as for a call.
if "://" in SERVER[0]:
    # Over stdio the server knows ADK by its name, and sends the transcript once. Over HTTP it must be asked.
    connection = StreamableHTTPConnectionParams(url=f"{SERVER[0]}?structured_output=figures", timeout=60)
else:
    # The server does not inherit this environment: name its settings in `env`.
    parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})
    connection = StdioConnectionParams(server_params=parameters, timeout=60)


async def main() -> None:
    """Ask one question."""
    toolset = McpToolset(connection_params=connection)
    agent = LlmAgent(name="reader", model=LiteLlm("openai/gpt-4.1"), tools=[toolset])
    for event in await InMemoryRunner(agent=agent).run_debug(QUESTION, quiet=True):
        if event.is_final_response():
            print(event.content.parts[0].text)
    await toolset.close()


asyncio.run(main())
