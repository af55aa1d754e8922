"""Pydantic AI: an agent reads two pages of a conversation. No key is needed: a function plays the model.

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

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]


def script(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """Call the tool twice, the second time with the cursor that is seen, then be done."""
    returns = [part for message in messages for part in message.parts if isinstance(part, ToolReturnPart)]
    arguments: dict[str, Any] = {"profile_url": PRIYA, "count": 5}
    if returns:
        seen = returns[-1].model_response_str()
        print(f"=== page {len(returns)}\n{seen}")
        arguments["cursor"] = re.findall(r'next_cursor"?: ?"?([\w-]+)', seen)[0]
    if len(returns) == 2:
        return ModelResponse(parts=[TextPart("Done.")])
    return ModelResponse(parts=[ToolCallPart("get_conversation", arguments)])


async def main() -> None:
    """Run the agent; `Agent("anthropic:...")` in place of the function makes it a real one."""
    toolset = MCPToolset(SERVER[0] if "://" in SERVER[0] else StdioTransport(SERVER[0], SERVER[1:]))
    await Agent(FunctionModel(script), toolsets=[toolset]).run("What did Priya write?")


asyncio.run(main())
