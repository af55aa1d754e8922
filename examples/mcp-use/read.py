"""mcp-use: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from langchain_openai import ChatOpenAI
from mcp_use import MCPAgent, MCPClient

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    server = {"url": SERVER[0]}
else:
    # The server does not inherit this environment: name its settings in `env`. mcp-use makes a tool of every prompt.
    server = {"command": SERVER[0], "args": SERVER[1:], "env": {"CONVERSATION_PROMPTS": "off"}}


async def main() -> None:
    """Ask one question."""
    client = MCPClient({"mcpServers": {"conversations": server}})
    agent = MCPAgent(llm=ChatOpenAI(model="gpt-4.1"), client=client, max_steps=30)
    try:
        print(await agent.run(QUESTION))
    finally:
        await client.close_all_sessions()


asyncio.run(main())
