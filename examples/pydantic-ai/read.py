"""Pydantic AI: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# The server does not inherit this environment: name its settings in `env`.
toolset = MCPToolset(SERVER[0] if "://" in SERVER[0] else StdioTransport(SERVER[0], SERVER[1:], env={}))


async def main() -> None:
    """Ask one question."""
    agent = Agent("openai-chat:gpt-4.1", toolsets=[toolset], retries=5)
    print((await agent.run(QUESTION)).output)


asyncio.run(main())
