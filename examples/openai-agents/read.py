"""The OpenAI Agents SDK: an agent reads two pages of a conversation. No key is needed: a script plays the model.

python read.py [URL | COMMAND...]      STRUCTURED=1 hands the model the structured content instead of the text
"""

import asyncio
import json
import os
import re
import sys
from typing import Any

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]
set_tracing_disabled(True)


class Script(Model):
    """Calls the tool twice, the second time with the cursor that it sees, then is done."""

    def __init__(self) -> None:
        self.page = 0

    async def get_response(self, system_instructions: Any, input: Any, *args: Any, **kwargs: Any) -> ModelResponse:
        arguments: dict[str, Any] = {"profile_url": PRIYA, "count": 5}
        if self.page:
            output = input[-1]["output"]
            seen = output if isinstance(output, str) else "".join(part["text"] for part in output)
            print(f"=== page {self.page}\n{seen}")
            arguments["cursor"] = re.findall(r'next_cursor"?: "?([\w-]+)', seen)[0]
        self.page += 1
        if self.page > 2:
            text = ResponseOutputText(type="output_text", text="Done.", annotations=[])
            said = ResponseOutputMessage(id="m", type="message", role="assistant", status="completed", content=[text])
            return ModelResponse(output=[said], usage=Usage(), response_id=None)
        call = ResponseFunctionToolCall(
            type="function_call", call_id=str(self.page), name="get_conversation", arguments=json.dumps(arguments)
        )
        return ModelResponse(output=[call], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError


async def main() -> None:
    """Run the agent; `model="gpt-..."` in place of the script makes it a real one."""
    options: dict[str, Any] = {
        "use_structured_content": bool(os.environ.get("STRUCTURED")),
        "client_session_timeout_seconds": 60,
    }
    if "://" in SERVER[0]:
        server: Any = MCPServerStreamableHttp({"url": SERVER[0]}, **options)
    else:
        server = MCPServerStdio({"command": SERVER[0], "args": SERVER[1:]}, **options)
    async with server:
        agent = Agent(
            name="reader", model=Script(), mcp_servers=[server], mcp_config={"convert_schemas_to_strict": True}
        )
        await Runner.run(agent, "What did Priya write?")


asyncio.run(main())
