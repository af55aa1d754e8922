"""Haystack: two pages of a conversation, as an agent hands them to its model.

python read.py [URL | COMMAND...]
"""

import json
import re
import sys

from haystack_integrations.tools.mcp import MCPTool, StdioServerInfo, StreamableHttpServerInfo

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Haystack shows its model the text and the structured content: keep the transcript in one of them.
if "://" in SERVER[0]:
    server = StreamableHttpServerInfo(url=f"{SERVER[0]}?structured_output=figures")
else:
    # The server does not inherit this program's environment: name its settings in `env`.
    settings = {"CONVERSATION_STRUCTURED_OUTPUT": "figures"}
    server = StdioServerInfo(command=SERVER[0], args=SERVER[1:], env=settings)

# `Agent(chat_generator=..., tools=[tool])` takes the same tool.
tool = MCPTool(name="get_conversation", server_info=server, connection_timeout=60, invocation_timeout=60)
arguments = {"profile_url": PRIYA, "count": 5}
for page in (1, 2):
    seen = tool.invoke(**arguments)
    print(f"=== page {page}\n{seen if isinstance(seen, str) else json.dumps(seen)}")
    arguments["cursor"] = re.findall(r"next_cursor: ([\w-]+)", seen)[0]
tool.close()
