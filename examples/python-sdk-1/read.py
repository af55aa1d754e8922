"""The MCP SDK for Python, version 1: a conversation found in the list, and two pages of it.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys
from contextlib import AsyncExitStack

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Find a conversation, read a page of it, and the next by the cursor in that."""
    async with AsyncExitStack() as stack:
        if "://" in SERVER[0]:
            read, write, _ = await stack.enter_async_context(streamable_http_client(SERVER[0]))
        else:
            command = StdioServerParameters(command=SERVER[0], args=SERVER[1:])
            read, write = await stack.enter_async_context(stdio_client(command))
        session = await stack.enter_async_context(ClientSession(read, write))
        await session.initialize()
        result = await session.call_tool("list_conversations", {"count": 5, "query": "priya"})
        seen = result.model_dump_json(by_alias=True, exclude_none=True)
        print(f"=== list\n{seen}")
        target, cursor = re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], None
        for page in (1, 2):
            arguments = {"profile_url": target, "count": 5, "cursor": cursor}
            result = await session.call_tool("get_conversation", arguments)
            seen = result.model_dump_json(by_alias=True, exclude_none=True)
            print(f"=== page {page}\n{seen}")
            cursor = re.findall(r"next_cursor: ([\w-]+)", seen)[0]


asyncio.run(main())
