"""smolagents: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]      AGENT=code for one that writes Python to call the tools
"""

import os
import sys

from mcp import StdioServerParameters
from smolagents import CodeAgent, OpenAIModel, ToolCallingAgent, ToolCollection

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    server = {"url": SERVER[0], "transport": "streamable-http"}
else:
    # The server does not inherit this environment: name its settings in `env`.
    server = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})

make = CodeAgent if os.environ.get("AGENT") == "code" else ToolCallingAgent
with ToolCollection.from_mcp(server, trust_remote_code=True, structured_output=False) as collection:
    agent = make(tools=[*collection.tools], model=OpenAIModel("gpt-4.1"), verbosity_level=0)
    print(agent.run(QUESTION))
