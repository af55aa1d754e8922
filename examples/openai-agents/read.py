"""The OpenAI Agents SDK: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]      STRUCTURED=1 shows the model the structured content
"""

import asyncio
import os
import sys

from agents import Agent, Runner, set_default_openai_api, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]
set_default_openai_api("chat_completions")  # works with any model that speaks this API
set_tracing_disabled(True)

# Its own limit of a call is 5 seconds.
options = {"use_structured_content": bool(os.environ.get("STRUCTURED")), "client_session_timeout_seconds": 60}
if "://" in SERVER[0]:
    server = MCPServerStreamableHttp({"url": SERVER[0]}, **options)
else:
    # The server does not inherit this environment: name its settings in `env`.
    server = MCPServerStdio({"command": SERVER[0], "args": SERVER[1:], "env": {}}, **options)


async def main() -> None:
    """Ask one question."""
    async with server:
        strict = {"convert_schemas_to_strict": True}
        agent = Agent(name="reader", model="gpt-4.1", mcp_servers=[server], mcp_config=strict)
        print((await Runner.run(agent, QUESTION)).final_output)


asyncio.run(main())
