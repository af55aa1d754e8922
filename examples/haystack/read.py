"""Haystack: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import sys

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack_integrations.tools.mcp import MCPToolset, StdioServerInfo, StreamableHttpServerInfo

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Haystack shows its model the text and the structured content: keep the transcript in one of them.
if "://" in SERVER[0]:
    server = StreamableHttpServerInfo(url=f"{SERVER[0]}?structured_output=figures")
else:
    # The server does not inherit this environment: name its settings in `env`.
    settings = {"CONVERSATION_STRUCTURED_OUTPUT": "figures"}
    server = StdioServerInfo(command=SERVER[0], args=SERVER[1:], env=settings)

toolset = MCPToolset(server_info=server, connection_timeout=60, invocation_timeout=60)
try:
    agent = Agent(chat_generator=OpenAIChatGenerator(model="gpt-4.1"), tools=toolset)
    print(agent.run(messages=[ChatMessage.from_user(QUESTION)])["last_message"].text)
finally:
    toolset.close()
