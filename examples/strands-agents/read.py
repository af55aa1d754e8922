"""Strands Agents: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import sys

from mcp import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from strands import Agent
from strands.models.openai import OpenAIModel
from strands.tools.mcp import MCPClient

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    client = MCPClient(lambda: streamable_http_client(SERVER[0]))
else:
    # The server does not inherit this environment: name its settings in `env`.
    client = MCPClient(lambda: stdio_client(StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})))

with client:
    agent = Agent(model=OpenAIModel(model_id="gpt-4.1"), tools=client.list_tools_sync(), callback_handler=None)
    print(agent(QUESTION))
