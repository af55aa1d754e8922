"""LangChain's adapters: two pages of a conversation, as a model is handed them in a ToolMessage.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Call the tool as an agent does, twice. `create_agent(model, tools)` takes the same tools."""
    if "://" in SERVER[0]:
        connection = {"transport": "http", "url": SERVER[0]}
    else:
        connection = {"transport": "stdio", "command": SERVER[0], "args": SERVER[1:]}
    # One session for all calls; without it every call would start another server.
    async with MultiServerMCPClient({"conversations": connection}).session("conversations") as session:
        (tool,) = [tool for tool in await load_mcp_tools(session) if tool.name == "get_conversation"]
        arguments = {"profile_url": PRIYA, "count": 5}
        for page in (1, 2):
            call = {"type": "tool_call", "id": str(page), "name": tool.name, "args": arguments}
            seen = (await tool.ainvoke(call)).text
            print(f"=== page {page}\n{seen}")
            arguments = {**arguments, "cursor": re.findall(r"next_cursor: ([\w-]+)", seen)[0]}


asyncio.run(main())
