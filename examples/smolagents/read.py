"""smolagents: a conversation found in the list, and two pages of it, as the tools of an agent return them.

python read.py [URL | COMMAND...]
"""

import re
import sys

from mcp import StdioServerParameters
from smolagents import ToolCollection

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    server = {"url": SERVER[0], "transport": "streamable-http"}
else:
    # The server does not inherit this program's environment: name its settings in `env`.
    server = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})

# `ToolCallingAgent(tools=[*collection.tools], model=...)` takes the same tools.
with ToolCollection.from_mcp(server, trust_remote_code=True, structured_output=False) as collection:
    tools = {tool.name: tool for tool in collection.tools}
    seen = tools["list_conversations"](count=5, query="priya")
    print(f"=== list\n{seen}")
    arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], "count": 5}
    for page in (1, 2):
        seen = tools["get_conversation"](**arguments)
        print(f"=== page {page}\n{seen}")
        arguments["cursor"] = re.findall(r"next_cursor: ([\w-]+)", seen)[0]
