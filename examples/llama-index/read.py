"""LlamaIndex: a conversation found in the list, and two pages of it, as the tools of an agent return them.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys

from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# LlamaIndex shows its model the text and the structured content: keep the transcript in one of them.
if "://" in SERVER[0]:
    client = BasicMCPClient(f"{SERVER[0]}?structured_output=figures", timeout=60)
else:
    # Each call starts the server again; over HTTP one server keeps what it has read. The server does not inherit this
    # program's environment: name its settings in `env`.
    settings = {"CONVERSATION_STRUCTURED_OUTPUT": "figures"}
    client = BasicMCPClient(SERVER[0], args=SERVER[1:], env=settings, timeout=60)


async def main() -> None:
    """Call the tools as an agent does. `FunctionAgent(tools=..., llm=...)` takes the same tools."""
    tools = {tool.metadata.name: tool for tool in await McpToolSpec(client=client).to_tool_list_async()}
    seen = (await tools["list_conversations"].acall(count=5, query="priya")).content
    print(f"=== list\n{seen}")
    arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen)[0], "count": 5}
    for page in (1, 2):
        seen = (await tools["get_conversation"].acall(**arguments)).content
        print(f"=== page {page}\n{seen}")
        arguments = {**arguments, "cursor": re.findall(r"next_cursor: ([\w-]+)", seen)[0]}


asyncio.run(main())
