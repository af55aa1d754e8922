"""AutoGen: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]      TOOLS=each for `mcp_server_tools`, not recommended
"""

import asyncio
import os
import sys

from autogen_agentchat.agents import AssistantAgent
from autogen_ext.models.openai import OpenAIChatCompletionClient
from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams, StreamableHttpServerParams, mcp_server_tools

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Its own limit of a call is 5 seconds.
if "://" in SERVER[0]:
    parameters = StreamableHttpServerParams(url=SERVER[0], timeout=60)
else:
    # The server does not inherit this environment: name its settings in `env`.
    parameters = StdioServerParams(command=SERVER[0], args=SERVER[1:], env={}, read_timeout_seconds=60)


async def main() -> None:
    """Ask one question."""
    model = OpenAIChatCompletionClient(model="gpt-4.1")
    if os.environ.get("TOOLS") == "each":
        # Starts the server for every call, and escapes every character outside ASCII.
        tools = await mcp_server_tools(parameters)
        agent = AssistantAgent("reader", model, tools=tools, max_tool_iterations=30)
        print((await agent.run(task=QUESTION)).messages[-1].content)
        return
    async with McpWorkbench(parameters) as workbench:
        agent = AssistantAgent("reader", model, workbench=workbench, max_tool_iterations=30)
        print((await agent.run(task=QUESTION)).messages[-1].content)


asyncio.run(main())
