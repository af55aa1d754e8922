"""The MCP SDK for Python, version 1, which most programs still use: two pages of a conversation.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys
from contextlib import AsyncExitStack

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Read a page, and the next by the cursor in it."""
    async with AsyncExitStack() as stack:
        if "://" in SERVER[0]:
            read, write, _ = await stack.enter_async_context(streamable_http_client(SERVER[0]))
        else:
            command = StdioServerParameters(command=SERVER[0], args=SERVER[1:])
            read, write = await stack.enter_async_context(stdio_client(command))
        session = await stack.enter_async_context(ClientSession(read, write))
        await session.initialize()
        cursor = None
        for page in (1, 2):
            arguments = {"profile_url": PRIYA, "count": 5, "cursor": cursor}
            result = await session.call_tool("get_conversation", arguments)
            seen = result.model_dump_json(by_alias=True, exclude_none=True)
            print(f"=== page {page}\n{seen}")
            cursor = re.findall(r"next_cursor: ([\w-]+)", seen)[0]


asyncio.run(main())
