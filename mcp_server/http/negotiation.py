"""The media type of an answer, from the client's `Accept` header: a stream of events, or one JSON message.

The specification wants clients to accept both, and the SDK refuses a request that does not (406). Clients and guides
often name one type or none, so an answer comes in a type that the client accepts, and as JSON when it names none. The
SDK always answers with a stream: that is how a client's disconnect reaches the tool. It compares the type of a request
letter by letter, so that is passed on in lower case.
"""

import json

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON, _EVENTS = "application/json", "text/event-stream"
_BOTH = f"{_JSON}, {_EVENTS}".encode()
_RANGES = {_JSON: ("application/*", "*/*"), _EVENTS: ("text/*", "*/*")}


class Negotiation:
    """ASGI middleware that lets the SDK see an `Accept` it takes, and answers in a type that the client accepts.

    A client that accepts neither JSON nor events is answered 406.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"]
        kind = answer_type(",".join(given))
        if kind is None:
            refusal = PlainTextResponse(f"Answers are {_JSON} or {_EVENTS}: accept one of them.", 406)
            await refusal(scope, receive, send)
            return
        headers = [
            (name, value.lower() if name == b"content-type" else value)
            for name, value in scope["headers"]
            if name != b"accept"
        ]
        scope = {**scope, "headers": [*headers, (b"accept", _BOTH)]}
        if kind == _EVENTS:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _OneMessage(send).send)


def answer_type(accept: str) -> str | None:
    """The type in which a client with this `Accept` header is answered; None if it accepts neither.

    Events if it names them and does not prefer JSON; JSON if it names no type, or any (RFC 9110, 12.5.1).
    """
    if not accept.strip(" ,"):
        return _JSON
    quality: dict[str, float] = {}
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        quality[name] = next((_quality(each) for each in parameters if each.startswith("q")), 1.0)
    # The most specific range that matches decides: `*/*, application/json;q=0` excludes JSON.
    of = {kind: next((quality[name] for name in (kind, *_RANGES[kind]) if name in quality), 0.0) for kind in _RANGES}
    names_events = not quality.keys().isdisjoint((_EVENTS, "text/*"))
    if of[_JSON] and not (names_events and of[_EVENTS] >= of[_JSON]):
        return _JSON
    return _EVENTS if of[_EVENTS] else None


def _quality(parameter: str) -> float:
    name, _, value = (piece.strip() for piece in parameter.partition("="))
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 1.0


class _OneMessage:
    """Passes an answer on; a stream of events becomes its last JSON-RPC message: the result or the error."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._events = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_stream(message):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._events += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = last_message(bytes(self._events))
        replaced = (b"content-type", b"content-length", b"cache-control", b"x-accel-buffering")
        headers = [(name, value) for name, value in start["headers"] if name.lower() not in replaced]
        # A call that its client cancelled ends without a message: accepted, and nothing to show.
        status = start["status"] if body else 202
        headers += [(b"content-type", _JSON.encode())] if body else []
        headers += [(b"content-length", str(len(body)).encode())]
        await self._send({**start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_stream(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(_EVENTS.encode()) for name, value in start["headers"]
    )


def last_message(events: bytes) -> bytes:
    """The last result or error in a stream of server-sent events, as JSON; empty where there is none.

    Progress and other notifications, which come before it, have no place in a JSON answer.
    """
    for line in reversed(events.replace(b"\r", b"\n").split(b"\n")):
        if not line.startswith(b"data:"):
            continue
        data = line[len(b"data:") :].strip()
        try:
            message = json.loads(data)
        except ValueError:
            continue
        if isinstance(message, dict) and ("result" in message or "error" in message):
            return data
    return b""
