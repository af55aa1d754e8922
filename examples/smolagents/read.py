"""smolagents: two pages of a conversation, as the tools of an agent return them.

python read.py [URL | COMMAND...]
"""

import re
import sys

from mcp import StdioServerParameters
from smolagents import ToolCollection

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    server = {"url": SERVER[0], "transport": "streamable-http"}
else:
    # The server does not inherit this program's environment: name its settings in `env`.
    server = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})

# `ToolCallingAgent(tools=[*collection.tools], model=...)` takes the same tools.
with ToolCollection.from_mcp(server, trust_remote_code=True, structured_output=False) as collection:
    (tool,) = [tool for tool in collection.tools if tool.name == "get_conversation"]
    arguments = {"profile_url": PRIYA, "count": 5}
    for page in (1, 2):
        seen = tool(**arguments)
        print(f"=== page {page}\n{seen}")
        arguments["cursor"] = re.findall(r"next_cursor: ([\w-]+)", seen)[0]
