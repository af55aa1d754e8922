"""CrewAI: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]      TOOLS=mcps for `mcps=`, not recommended
"""

import os
import sys
from contextlib import ExitStack

from crewai import Agent
from crewai.mcp import MCPServerHTTP, MCPServerStdio
from crewai_tools import MCPServerAdapter
from mcp import StdioServerParameters

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]
http = "://" in SERVER[0]

with ExitStack() as stack:
    # The server does not inherit this environment: name its settings in `env`.
    if os.environ.get("TOOLS") == "mcps":
        # Starts the server for every call, and calls up to three times when 30 seconds are over.
        one = MCPServerHTTP(url=SERVER[0]) if http else MCPServerStdio(command=SERVER[0], args=SERVER[1:], env={})
        given = {"mcps": [one]}
    else:
        parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})
        server = {"url": SERVER[0], "transport": "streamable-http"} if http else parameters
        given = {"tools": stack.enter_context(MCPServerAdapter(server, connect_timeout=60))}
    agent = Agent(role="Reader", goal="Answer", backstory="A colleague", llm="openai/gpt-4.1", max_iter=30, **given)
    print(agent.kickoff(QUESTION).raw)
