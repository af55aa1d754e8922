"""LangChain: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from langchain.agents import create_agent
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    connection = {"transport": "http", "url": SERVER[0]}
else:
    # The server does not inherit this environment: name its settings in `env`.
    connection = {"transport": "stdio", "command": SERVER[0], "args": SERVER[1:], "env": {}}


async def main() -> None:
    """Ask one question."""
    # One session for all calls: without it, every call would start another server.
    async with MultiServerMCPClient({"conversations": connection}).session("conversations") as session:
        agent = create_agent("openai:gpt-4.1", await load_mcp_tools(session))
        answer = await agent.ainvoke({"messages": [("user", QUESTION)]})
        print(answer["messages"][-1].text)


asyncio.run(main())
