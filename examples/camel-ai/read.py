"""CAMEL: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from camel.agents import ChatAgent
from camel.models import ModelFactory
from camel.toolkits import MCPToolkit

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Its own limit of a call is 10 seconds.
if "://" in SERVER[0]:
    server = {"url": SERVER[0], "mode": "streamable-http", "timeout": 60}
else:
    # The server does not inherit this environment: name its settings in `env`.
    server = {"command": SERVER[0], "args": SERVER[1:], "env": {}, "timeout": 60}


async def main() -> None:
    """Ask one question."""
    async with MCPToolkit(config_dict={"mcpServers": {"conversations": server}}) as toolkit:
        model = ModelFactory.create(model_platform="openai", model_type="gpt-4.1")
        agent = ChatAgent(model=model, tools=[*toolkit.get_tools()])
        print((await agent.astep(QUESTION)).msgs[0].content)


asyncio.run(main())
