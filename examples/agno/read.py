"""Agno: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.tools.mcp import MCPTools
from mcp import StdioServerParameters

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Its own limit of a call is 10 seconds.
if "://" in SERVER[0]:
    tools = MCPTools(url=SERVER[0], transport="streamable-http", timeout_seconds=60)
else:
    # `command=` would refuse a full path. The server does not inherit this environment: name its settings in `env`.
    parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})
    tools = MCPTools(server_params=parameters, timeout_seconds=60)


async def main() -> None:
    """Ask one question."""
    async with tools:
        answer = await Agent(model=OpenAIChat("gpt-4.1"), tools=[tools], telemetry=False).arun(QUESTION)
        print(answer.content)


asyncio.run(main())
