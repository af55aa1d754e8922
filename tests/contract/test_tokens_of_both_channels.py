"""Clients that show their model both channels: what that model gets is within a tenth of `max_tokens`.

The frames are those around text and structured content in these clients, as recorded with the versions named.
"""

import json
from collections.abc import Callable

import pytest
from mcp_types import CallToolResult, TextContent

from mcp_server.protocol import get_conversation
from mcp_server.sandbox.library import load_library
from tests.support.conversations import JANE, JOHN, MemorySource, counter, message, query, reader

Frame = Callable[[str, object], str]


def google_adk(text: str, structured: object) -> str:
    """google-adk 2.13.0: the result as JSON."""
    content = [{"type": "text", "text": text}]
    return json.dumps({"content": content, "structuredContent": structured, "isError": False}, ensure_ascii=False)


def langchain_js(text: str, structured: object) -> str:
    """@langchain/mcp-adapters 1.1.4: one block with both."""
    block = {"type": "text", "text": text, "structuredContent": structured}
    return json.dumps(block, ensure_ascii=False, separators=(",", ":"))


def haystack(text: str, structured: object) -> str:
    """mcp-haystack 2.1.1: the whole result as JSON, with nulls."""
    content = [{"type": "text", "text": text, "annotations": None, "meta": None}]
    whole = {"meta": None, "content": content, "structured_content": structured, "is_error": False}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def llama_index(text: str, structured: object) -> str:
    """llama-index-tools-mcp 0.6.0: the repr of the result."""
    content = f"[TextContent(type='text', text={text!r}, annotations=None, meta=None)]"
    return f"meta=None content={content} structured_content={structured!r} is_error=False"


@pytest.mark.anyio
@pytest.mark.parametrize("max_tokens", [500, 1000, 1500, 4000])
@pytest.mark.parametrize("frame", [google_adk, langchain_js, haystack, llama_index])
async def test_a_model_that_sees_both_channels_gets_a_tenth_more_at_most(frame: Frame, max_tokens: int) -> None:
    """And almost all of the budget: the text is not cut short for it."""
    stored = max(load_library().conversations, key=lambda each: len(each.messages)).messages[-400:]
    messages = [message(number, each.text, sender=(JANE, JOHN)[number % 2]) for number, each in enumerate(stored)]
    asked, conversation = query(count=400, max_tokens=max_tokens), reader(MemorySource(messages[::-1]))
    result = await get_conversation.answered(lambda: conversation.read(asked), structured_output="figures")
    shown = counter().count(frame(*channels(result)))
    assert 0.9 * max_tokens <= shown <= 1.1 * max_tokens


def channels(result: CallToolResult) -> tuple[str, object]:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text, result.structured_content
