"""A process that condenses five million characters answers others meanwhile."""

import json

import anyio
import anyio.to_thread
import pytest
from mcp.client import Client

from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.http_server import TOOL, answered, call, environment_for, get, http_server, post
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.anyio

CHARS, LENGTH = 5_000_000, 1000
LONG, SHORT = "2-long", "2-short"


def _text(chars: int, number: int) -> str:
    """Sentences with words of their own."""
    return " ".join(f"Word{number}x{at} is ready." for at in range(chars // 16))[:chars]


MESSAGES = {
    LONG: [message(_text(CHARS // LENGTH, at), number=at) for at in range(LENGTH, 0, -1)],
    SHORT: [message(f"Hello {at}", number=at) for at in range(3, 0, -1)],
}


async def _serve(request: Call) -> None:
    asked = json.dumps(request.received.document)
    await page(next(messages for name, messages in MESSAGES.items() if name in asked))(request)


async def test_health_and_other_calls_are_answered_before_a_call_that_condenses_five_million_characters() -> None:
    """They are asked as soon as all its messages have been read, when it begins to condense."""
    order: list[str] = []
    read = anyio.Event()

    async def note_read(progress: float, total: float | None, message: str | None) -> None:
        read.set()

    async def ask_others(root: str, url: str) -> None:
        await read.wait()
        status, _, _ = await anyio.to_thread.run_sync(get, f"{root}/health")
        order.append(f"health {status}")
        _, _, body = await anyio.to_thread.run_sync(post, url, call(conversation_id=SHORT, count=3))
        order.append(answered(body)["result"]["content"][0]["text"].splitlines()[-2].partition(" ")[2])

    async with ChaosUpstream(_serve) as upstream:
        settings = environment_for(upstream.base_url, MAX_CREDITS_PER_CALL="1000")
        with http_server(settings) as server, anyio.fail_after(PATIENCE_S):
            async with Client(server.url) as client, anyio.create_task_group() as tasks:
                tasks.start_soon(ask_others, server.root, server.url)
                arguments = {"conversation_id": LONG, "count": LENGTH}
                answer = await client.call_tool(TOOL, arguments, progress_callback=note_read)
                order.append("condensed")
    assert not answer.is_error
    assert order == ["health 200", "Hello 3", "condensed"]
