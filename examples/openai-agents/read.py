"""The OpenAI Agents SDK: an agent finds a conversation and reads two pages of it. A script plays the model.

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

SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]
set_tracing_disabled(True)


class Script(Model):
    """Lists, then reads by the target that it sees, then by the cursor that it sees, then is done."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def get_response(self, system_instructions: Any, input: Any, *args: Any, **kwargs: Any) -> ModelResponse:
        name = "list_conversations"
        arguments: dict[str, Any] = {"count": 5, "query": "priya"}
        if not isinstance(input, str) and "output" in input[-1]:
            output = input[-1]["output"]
            self.seen.append(output if isinstance(output, str) else "".join(part["text"] for part in output))
            print(f"=== {('list', 'page 1', 'page 2')[len(self.seen) - 1]}\n{self.seen[-1]}")
            name = "get_conversation"
            arguments = {"profile_url": re.findall(r"(in/\S+) \d\d:\d\d", self.seen[0])[0], "count": 5}
        if len(self.seen) == 2:
            arguments["cursor"] = re.findall(r'next_cursor"?: "?([\w-]+)', self.seen[1])[0]
        if len(self.seen) == 3:
            text = ResponseOutputText(type="output_text", text="Done.", annotations=[])
            said = ResponseOutputMessage(id="m", type="message", role="assistant", status="completed", content=[text])
            return ModelResponse(output=[said], usage=Usage(), response_id=None)
        call = ResponseFunctionToolCall(
            type="function_call", call_id=str(len(self.seen)), name=name, arguments=json.dumps(arguments)
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
