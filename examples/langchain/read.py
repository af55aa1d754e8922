"""LangChain's adapters: a conversation found in the list, and two pages of it, as a model gets them.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Call the tools as an agent does. `create_agent(model, tools)` takes the same tools."""
    if "://" in SERVER[0]:
        connection = {"transport": "http", "url": SERVER[0]}
    else:
        connection = {"transport": "stdio", "command": SERVER[0], "args": SERVER[1:]}
    # One session for all calls; without it every call would start another server.
    async with MultiServerMCPClient({"conversations": connection}).session("conversations") as session:
        tools = {tool.name: tool for tool in await load_mcp_tools(session)}
        search = {"count": 5, "query": "priya"}
        call = {"type": "tool_call", "id": "0", "name": "list_conversations", "args": search}
        seen = (await tools["list_conversations"].ainvoke(call)).text
        print(f"=== list\n{seen}")
        arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], "count": 5}
        for page in (1, 2):
            call = {"type": "tool_call", "id": str(page), "name": "get_conversation", "args": arguments}
            seen = (await tools["get_conversation"].ainvoke(call)).text
            print(f"=== page {page}\n{seen}")
            arguments = {**arguments, "cursor": re.findall(r"next_cursor: ([\w-]+)", seen)[0]}


asyncio.run(main())
