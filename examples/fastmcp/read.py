"""FastMCP's client: two pages of a conversation.

python read.py [URL | COMMAND...]
"""

import asyncio
import json
import re
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


async def main() -> None:
    """Read a page, and the next by the cursor in it."""
    url = SERVER[0] if "://" in SERVER[0] else None
    async with Client(url or StdioTransport(SERVER[0], SERVER[1:])) as client:
        cursor = None
        for page in (1, 2):
            arguments = {"profile_url": PRIYA, "count": 5, "cursor": cursor}
            result = await client.call_tool("get_conversation", arguments)
            text = result.content[0].text
            seen = json.dumps({"content": [{"text": text}], "structuredContent": result.structured_content})
            print(f"=== page {page}\n{seen}")
            cursor = re.findall(r"next_cursor: ([\w-]+)", text)[0]


asyncio.run(main())
