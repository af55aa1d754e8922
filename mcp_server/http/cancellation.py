"""`notifications/cancelled` of the 2025 versions: a separate request, which has to find the call that it cancels.

No state is kept between requests, so there is no session to look in, and request ids alone are ambiguous, as every
client counts from one. So `initialize` is answered with a random `Mcp-Session-Id`, which clients then repeat: subject,
session and id together identify at most one call. A call of another worker or replica, or of a client that repeats no
session id, continues. (Clients of 2026-07-28 disconnect instead.)
"""

import json
import secrets
from typing import Any

import anyio
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_server.http.request_body import replay
from mcp_server.http.tenants import current_subject

_SESSION = b"mcp-session-id"

_Call = tuple[str, bytes, str]
"""Subject, session, and the id as JSON, in which 1 and "1" are two."""


class Cancellation:
    """ASGI middleware that assigns session ids, and ends a call that its own client cancels. Expects whole bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._in_progress: dict[_Call, list[anyio.CancelScope]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = next((value for name, value in scope["headers"] if name == _SESSION), b"")
        body = (await receive()).get("body", b"")
        receive = replay(body, receive)
        if session:
            await self._within(session, _read(body), scope, receive, send)
        elif b'"initialize"' in body and _read(body).get("method") == "initialize":
            await self._app(scope, receive, _naming_session(send))
        else:
            await self._app(scope, receive, send)

    async def _within(
        self, session: bytes, message: dict[str, Any], scope: Scope, receive: Receive, send: Send
    ) -> None:
        params = message.get("params")
        if message.get("method") == "notifications/cancelled" and isinstance(params, dict):
            for call in self._only(_call(session, params.get("requestId"))):
                call.cancel()
        if "id" not in message:
            await self._app(scope, receive, send)
            return
        name, answer, ending = _call(session, message["id"]), _Answer(send), anyio.CancelScope()
        self._in_progress.setdefault(name, []).append(ending)
        try:
            with ending:
                await self._app(scope, receive, answer.send)
        finally:
            self._in_progress[name].remove(ending)
            if not self._in_progress[name]:
                del self._in_progress[name]
        if ending.cancelled_caught:
            await answer.finish()

    def _only(self, name: _Call) -> list[anyio.CancelScope]:
        found = self._in_progress.get(name, [])
        return found if len(found) == 1 else []  # with two calls of one id it is unknown which is meant


class _Answer:
    """Records how much of an answer was sent, so that one cut short still ends as HTTP requires."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_started = self._is_whole = False

    async def send(self, message: Message) -> None:
        self._is_started = True
        self._is_whole = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)

    async def finish(self) -> None:
        """End the response without a result: the protocol sends none for a cancelled call."""
        if not self._is_started:
            headers = [(b"content-type", b"text/event-stream")]
            await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        if not self._is_whole:
            await self.send({"type": "http.response.body", "body": b""})


def _naming_session(send: Send) -> Send:
    async def with_session(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            MutableHeaders(scope=message)[_SESSION.decode()] = secrets.token_urlsafe(24)
        await send(message)

    return with_session


def _call(session: bytes, given: object) -> _Call:
    return current_subject.get(), session, json.dumps(given)


def _read(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}
