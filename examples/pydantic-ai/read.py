"""Pydantic AI: an agent finds a conversation and reads two pages of it. No key is needed: a function plays the model.

python read.py [URL | COMMAND...]
"""

import asyncio
import re
import sys
from typing import Any

from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.models.function import AgentInfo, FunctionModel

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """List, then read by the target that is seen, then by the cursor that is seen, then be done."""
    returns = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    seen = [part.model_response_str() for part in returns]
    if not seen:
        return ModelResponse(parts=[ToolCallPart("list_conversations", {"count": 5, "query": "priya"})])
    print(f"=== {('list', 'page 1', 'page 2')[len(seen) - 1]}\n{seen[-1]}")
    arguments: dict[str, Any] = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", seen[0])[0], "count": 5}
    if len(seen) == 2:
        arguments["cursor"] = re.findall(r'next_cursor"?: ?"?([\w-]+)', seen[1])[0]
    if len(seen) == 3:
        return ModelResponse(parts=[TextPart("Done.")])
    return ModelResponse(parts=[ToolCallPart("get_conversation", arguments)])


async def main() -> None:
    """Run the agent; `Agent("anthropic:...")` in place of the function makes it a real one."""
    toolset = MCPToolset(SERVER[0] if "://" in SERVER[0] else StdioTransport(SERVER[0], SERVER[1:]))
    await Agent(FunctionModel(script), toolsets=[toolset]).run("What did Priya write?")


asyncio.run(main())
