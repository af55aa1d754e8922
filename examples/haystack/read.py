"""Haystack: a conversation found in the list, and two pages of it, as an agent hands them to its model.

python read.py [URL | COMMAND...]
"""

import re
import sys
from contextlib import closing

from haystack_integrations.tools.mcp import MCPToolset, StdioServerInfo, StreamableHttpServerInfo

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Haystack shows its model the text and the structured content: keep the transcript in one of them.
if "://" in SERVER[0]:
    server = StreamableHttpServerInfo(url=f"{SERVER[0]}?structured_output=figures")
else:
    # The server does not inherit this program's environment: name its settings in `env`.
    settings = {"CONVERSATION_STRUCTURED_OUTPUT": "figures"}
    server = StdioServerInfo(command=SERVER[0], args=SERVER[1:], env=settings)

# `Agent(chat_generator=..., tools=[tools])` takes the same tools.
with closing(MCPToolset(server, connection_timeout=60, invocation_timeout=60, eager_connect=True)) as tools:
    by_name = {tool.name: tool for tool in tools}
    seen = by_name["list_conversations"].invoke(count=5, query="priya")
    print(f"=== list\n{seen}")
    arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], "count": 5}
    for page in (1, 2):
        seen = by_name["get_conversation"].invoke(**arguments)
        print(f"=== page {page}\n{seen}")
        arguments["cursor"] = re.findall(r"next_cursor: ([\w-]+)", seen)[0]
