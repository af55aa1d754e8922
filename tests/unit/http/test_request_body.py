"""A body is handed over whole, small and in time, or not at all."""

import anyio
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mcp_server.http.request_body import MAX_BODY_BYTES, WholeBody

pytestmark = pytest.mark.anyio


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body that reached it."""
    await Response(await Request(scope, receive).body())(scope, receive, send)


async def answer(*messages: Message, length: int | None = None, timeout_s: float = 10) -> tuple[int | None, bytes]:
    """Status and body for a request that arrives in these messages and then says nothing more."""
    left = list(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        if not left:
            await anyio.sleep_forever()
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    await WholeBody(echo, timeout_s=timeout_s)(scope, receive, send)
    return (sent[0]["status"] if sent else None), b"".join(message.get("body", b"") for message in sent)


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_parts_arrives_whole() -> None:
    """As it was sent."""
    assert await answer(part(b'{"a":', more=True), part(b" 1}")) == (200, b'{"a": 1}')


async def test_a_byte_order_mark_before_it_is_skipped() -> None:
    """Editors and shells of Windows write one. Inside a text it stays."""
    assert await answer(part(b"\xef\xbb\xbf{}")) == (200, b"{}")
    assert await answer(part(b'["\xef\xbb\xbf"]')) == (200, b'["\xef\xbb\xbf"]')


async def test_one_that_is_too_large_is_refused_as_soon_as_that_is_known() -> None:
    """By what it says of itself, or by what has arrived; the largest allowed passes."""
    assert (await answer(length=MAX_BODY_BYTES + 1))[0] == 413
    assert (await answer(length=10**30))[0] == 413
    assert (await answer(part(b"x" * MAX_BODY_BYTES, more=True), part(b"x", more=True)))[0] == 413
    assert (await answer(part(b"x" * MAX_BODY_BYTES)))[0] == 200


async def test_one_that_never_ends_is_given_up() -> None:
    """Nobody holds a connection open with half a request; one who left is not answered."""
    assert (await answer(part(b"{", more=True), timeout_s=0.01))[0] == 408
    assert await answer(part(b"{", more=True), {"type": "http.disconnect"}) == (None, b"")


async def test_half_a_character_becomes_a_question_mark() -> None:
    """All around it stays; a whole one, and what is no JSON, is left alone."""
    assert await answer(part(b'{"focus": "caf\\u00e9 \\ud83d"}')) == (200, '{"focus": "café ?"}'.encode())
    whole = b'{"focus": "\\ud83d\\ude00"}'
    assert (await answer(part(whole)))[1] in (whole, '{"focus": "😀"}'.encode())
    assert (await answer(part(b"\\ud83d")))[1] == b"\\ud83d"
