"""Semantic Kernel: an agent that reads conversations.

OPENAI_API_KEY=... python read.py [URL | COMMAND...]
"""

import asyncio
import sys

from openai import AsyncOpenAI
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.connectors.mcp import MCPStdioPlugin, MCPStreamableHttpPlugin

QUESTION = "Who waits for my answer, and what did they write?"
SERVER = sys.argv[1:] or ["conversation-mcp", "--sandbox"]

# Semantic Kernel shows its model every text twice, so each counts as two: both together fit into max_tokens then.
SCALE = "2.1"

# Prompts would become functions.
if "://" in SERVER[0]:
    plugin = MCPStreamableHttpPlugin(name="linkedin", url=f"{SERVER[0]}?token_scale={SCALE}", load_prompts=False)
else:
    # The server does not inherit this environment: name its settings in `env`.
    env = {"CONVERSATION_TOKEN_SCALE": SCALE}
    plugin = MCPStdioPlugin(name="linkedin", command=SERVER[0], args=SERVER[1:], env=env, load_prompts=False)


async def main() -> None:
    """Ask one question."""
    async with plugin:
        agent = ChatCompletionAgent(
            service=OpenAIChatCompletion(ai_model_id="gpt-4.1", async_client=AsyncOpenAI()),
            plugins=[plugin],
            # Five calls without this.
            function_choice_behavior=FunctionChoiceBehavior.Auto(maximum_auto_invoke_attempts=30),
        )
        print(await agent.get_response(QUESTION))


asyncio.run(main())
