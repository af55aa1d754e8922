"""LlamaIndex: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import os
import sys

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.llms.openai_like import OpenAILike
from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# LlamaIndex shows its model the text and the structured content: keep the transcript in one of them.
if "://" in SERVER[0]:
    client = BasicMCPClient(f"{SERVER[0]}?structured_output=figures", timeout=60)
else:
    # Each call starts the server again; over HTTP one server keeps what it has read. The server does not inherit this
    # environment: name its settings in `env`.
    settings = {"CONVERSATION_STRUCTURED_OUTPUT": "figures"}
    client = BasicMCPClient(SERVER[0], args=SERVER[1:], env=settings, timeout=60)

model = OpenAILike(
    "gpt-4.1",
    api_base=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    is_chat_model=True,
    is_function_calling_model=True,
)


async def main() -> None:
    """Ask one question."""
    tools = await McpToolSpec(client=client).to_tool_list_async()
    print(await FunctionAgent(tools=tools, llm=model).run(QUESTION))


asyncio.run(main())
