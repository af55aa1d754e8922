"""Limits on a request's body, applied before anything reads it: its size, its time, and half characters repaired."""

import json

import anyio
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
"""A call is a few hundred bytes; its longest arguments together are 20 kB."""
BODY_TIMEOUT_S = 10.0
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class _Gone(Exception):
    """The client disconnected before its request was complete."""


class WholeBody:
    """ASGI middleware that passes on whole bodies of at most 64 KiB that arrived within ten seconds.

    Half of an emoji, which a client cut off, is a JSON escape for which the SDK refuses the whole request; it becomes a
    question mark, as it does over stdio, where a byte-order mark before the first letter is skipped, too.
    """

    def __init__(self, app: ASGIApp, *, timeout_s: float = BODY_TIMEOUT_S) -> None:
        self._app = app
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        body = None
        with anyio.move_on_after(self._timeout_s) as waiting:
            try:
                too_large = declared.isdigit() and int(declared[:10]) > MAX_BODY_BYTES
                body = None if too_large else await _read(receive)
            except _Gone:
                return
        if waiting.cancelled_caught:
            await PlainTextResponse("The request did not arrive in time.", 408)(scope, receive, send)
        elif body is None:
            await PlainTextResponse("The request is too large.", 413)(scope, receive, send)
        else:
            await self._app(scope, replay(_repaired(body.removeprefix(_BYTE_ORDER_MARK)), receive), send)


async def _read(receive: Receive) -> bytes | None:
    """The body, or None as soon as it is too large."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _repaired(body: bytes) -> bytes:
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return body  # not JSON: the SDK answers that


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns this body first, and then what `receive` returns: that the client disconnected."""
    first: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def again() -> Message:
        nonlocal first
        message, first = first, None
        return message if message is not None else await receive()

    return again
