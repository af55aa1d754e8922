"""DSPy: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

import dspy
from mcp import Client, StdioServerParameters

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# The server does not inherit this environment: name its settings in `env`.
server = SERVER[0] if "://" in SERVER[0] else StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})


async def main() -> None:
    """Ask one question."""
    dspy.configure(lm=dspy.LM("openai/gpt-4.1", cache=False))
    async with Client(server, mode="legacy") as client:
        session = client.session
        listed = await session.list_tools()
        tools = [dspy.Tool.from_mcp_tool(session, tool) for tool in listed.tools]
        agent = dspy.ReAct("question -> answer", tools=tools, max_iters=30)
        print((await agent.acall(question=QUESTION)).answer)


asyncio.run(main())
