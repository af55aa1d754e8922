"""Agno: two pages of a conversation, as the functions of an agent return them.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys

from agno.tools.function import FunctionCall
from agno.tools.mcp import MCPTools
from mcp import StdioServerParameters

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    tools = MCPTools(url=SERVER[0], transport="streamable-http", timeout_seconds=60)
else:
    # `command=` would refuse a full path. The server does not inherit this environment: name its settings in `env`.
    parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})
    tools = MCPTools(server_params=parameters, timeout_seconds=60)


async def main() -> None:
    """Call the tool as an agent does, twice. `Agent(model=..., tools=[tools])` takes the same tools."""
    async with tools:
        arguments = {"profile_url": PRIYA, "count": 5}
        for page in (1, 2):
            call = FunctionCall(function=tools.functions["get_conversation"], arguments=arguments)
            done = await call.aexecute()
            seen = getattr(done.result, "content", done.result)
            print(f"=== page {page}\n{seen}")
            arguments = {**arguments, "cursor": re.findall(r"next_cursor: ([\w-]+)", seen)[0]}


asyncio.run(main())
