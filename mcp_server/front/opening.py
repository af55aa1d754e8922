"""The opening of a connection: answers its first requests, and notes which protocol era the client chooses.

A client opens with `initialize`, or with requests that each name the version 2026-07-28. It may send `server/discover`
first and then do either. The SDK takes that request for a choice of the modern era; here it chooses nothing.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from mcp_server.front import certain
from mcp_server.front.results import Era, Results

UNSUPPORTED_PROTOCOL_VERSION = -32022
_MESSAGE_KEYS = {"jsonrpc", "id", "method", "params"}


class Line(NamedTuple):
    """A message for the SDK's server. Where it was answered already, the SDK's own answer must not be sent."""

    text: bytes
    answered: bool


class Handled(NamedTuple):
    """The result of handling a line: `reply` is for the client, `rest` for the SDK's server."""

    reply: bytes | None
    rest: Line | None


class Opening:
    """Answers what opens a connection. Give it every line in order."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._initialized = False
        self.era: Era | None = None
        """The era that the client has chosen, or None while it may still choose."""

    def handle(self, text: bytes) -> Handled:
        """Handle one line. Never raises: a line that cannot be answered here is left to the SDK."""
        request = _request(text)
        if request is None:
            return Handled(None, Line(text, answered=False))
        reply = self._reply(request["method"], request.get("params"))
        encoded = None if reply is None else _encoded({"jsonrpc": "2.0", "id": request["id"], **reply})
        chooses = self._choose(request["method"], request.get("params"), answered=encoded is not None)
        if encoded is None:
            return Handled(None, Line(text, answered=False))
        # A request that chose nothing is not passed on, so that it chooses nothing in the SDK's server either.
        return Handled(encoded, Line(text, answered=True) if chooses else None)

    def _reply(self, method: str, params: Any) -> dict[str, Any] | None:
        """The result or the error, or None where the SDK has to answer."""
        if method == "initialize":
            return self._initialize(params) if self.era != "modern" and certain.accepts_initialize(params) else None
        if certain.is_enveloped(params):
            return self._enveloped(method, params) if self.era != "handshake" else None
        if self.era != "modern" and certain.accepts_plain(params) and (method == "ping" or self._initialized):
            return _result(self._results.results["handshake"].get(method))
        return None

    def _initialize(self, params: Mapping[str, Any]) -> dict[str, Any]:
        version, served = params["protocolVersion"], self._results.versions["handshake"]
        agreed = version if version in served else served[-1]
        return {"result": {**self._results.results["handshake"]["initialize"], "protocolVersion": agreed}}

    def _enveloped(self, method: str, params: Any) -> dict[str, Any] | None:
        version, served = certain.version_asked_for(params), self._results.versions["modern"]
        if not certain.accepts_enveloped(params) or not isinstance(version, str):
            return None
        if version in served:
            return _result(self._results.results["modern"].get(method))
        if method == "server/discover":
            # A newer client asks again with a version from this list, or falls back to `initialize`.
            data = {"supported": served, "requested": version}
            error = {"code": UNSUPPORTED_PROTOCOL_VERSION, "message": "Unsupported protocol version", "data": data}
            return {"error": error}
        return None

    def _choose(self, method: str, params: Any, *, answered: bool) -> bool:
        """Note the era that this request chooses. False for a request that chooses none and may be forgotten."""
        if answered and method in ("server/discover", "ping"):
            return False
        if self.era is None:
            self.era = "modern" if method != "initialize" and certain.is_enveloped(params) else "handshake"
        if method == "initialize" and answered:
            self._initialized = True
        return True


def _request(text: bytes) -> dict[str, Any] | None:
    """The request in a line, or None: a notification, an answer, nonsense, or anything out of the ordinary."""
    try:
        message = json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not message.keys() <= _MESSAGE_KEYS:
        return None
    ordinary = (
        message.get("jsonrpc") == "2.0"
        and isinstance(message.get("method"), str)
        and type(message.get("id")) in (str, int)
        and isinstance(message.get("params"), dict | None)
    )
    return message if ordinary else None


def _result(result: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if result is None else {"result": result}


def _encoded(message: dict[str, Any]) -> bytes | None:
    """The message as a line, or None for an id that cannot be repeated: one with half of a character."""
    try:
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return None
