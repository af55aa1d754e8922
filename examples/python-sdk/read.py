"""The MCP SDK for Python, version 2: a conversation found in the list, and two pages of it, as its program gets them.

python read.py [URL | COMMAND...]      ERA=legacy for clients and servers from before 2026
"""

import asyncio
import os
import re
import sys

from mcp import Client, StdioServerParameters

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Find a conversation, read a page of it, and the next by the cursor in that."""
    url = SERVER[0] if "://" in SERVER[0] else None
    async with Client(
        url or StdioServerParameters(command=SERVER[0], args=SERVER[1:]), mode=os.environ.get("ERA", "auto")
    ) as client:
        result = await client.call_tool("list_conversations", {"count": 5, "query": "priya"})
        seen = result.model_dump_json(by_alias=True, exclude_none=True)
        print(f"=== list\n{seen}")
        target, cursor = re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], None
        for page in (1, 2):
            arguments = {"profile_url": target, "count": 5, "cursor": cursor}
            result = await client.call_tool("get_conversation", arguments)
            seen = result.model_dump_json(by_alias=True, exclude_none=True)
            print(f"=== page {page}\n{seen}")
            cursor = re.findall(r"next_cursor: ([\w-]+)", seen)[0]


asyncio.run(main())
