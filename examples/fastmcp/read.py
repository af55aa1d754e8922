"""FastMCP's client: a conversation found in the list, and two pages of it.

python read.py [URL | COMMAND...]
"""

import asyncio
import json
import re
import sys

from fastmcp import Client
from fastmcp.client.client import CallToolResult
from fastmcp.client.transports import StdioTransport

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Find a conversation, read a page of it, and the next by the cursor in that."""
    url = SERVER[0] if "://" in SERVER[0] else None
    async with Client(url or StdioTransport(SERVER[0], SERVER[1:])) as client:
        seen = whole(await client.call_tool("list_conversations", {"count": 5, "query": "priya"}))
        print(f"=== list\n{seen}")
        target, cursor = re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], None
        for page in (1, 2):
            arguments = {"profile_url": target, "count": 5, "cursor": cursor}
            seen = whole(await client.call_tool("get_conversation", arguments))
            print(f"=== page {page}\n{seen}")
            cursor = re.findall(r"next_cursor: ([\w-]+)", seen)[0]


def whole(result: CallToolResult) -> str:
    """Text and structured content of an answer, as JSON."""
    return json.dumps({"content": [{"text": result.content[0].text}], "structuredContent": result.structured_content})


asyncio.run(main())
