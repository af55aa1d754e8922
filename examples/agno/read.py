"""Agno: a conversation found in the list, and two pages of it, as the functions of an agent return them.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys

from agno.tools.function import FunctionCall
from agno.tools.mcp import MCPTools
from mcp import StdioServerParameters

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

if "://" in SERVER[0]:
    tools = MCPTools(url=SERVER[0], transport="streamable-http", timeout_seconds=60)
else:
    # `command=` would refuse a full path. The server does not inherit this environment: name its settings in `env`.
    parameters = StdioServerParameters(command=SERVER[0], args=SERVER[1:], env={})
    tools = MCPTools(server_params=parameters, timeout_seconds=60)


async def call(name: str, arguments: dict[str, object]) -> str:
    """What a model is shown of the answer."""
    done = await FunctionCall(function=tools.functions[name], arguments=arguments).aexecute()
    return str(getattr(done.result, "content", done.result))


async def main() -> None:
    """Call the tools as an agent does. `Agent(model=..., tools=[tools])` takes the same tools."""
    async with tools:
        seen = await call("list_conversations", {"count": 5, "query": "priya"})
        print(f"=== list\n{seen}")
        arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], "count": 5}
        for page in (1, 2):
            seen = await call("get_conversation", arguments)
            print(f"=== page {page}\n{seen}")
            arguments = {**arguments, "cursor": re.findall(r"next_cursor: ([\w-]+)", seen)[0]}


asyncio.run(main())
