"""The door: what is refused before anybody looks at who is asking, and the headers every answer carries.

A browser that was talked into calling this server (DNS rebinding) sends a Host or an Origin that is not ours; so both
are checked, wherever the server listens.
"""

import ipaddress
import re
from collections.abc import Iterable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBES = frozenset(("/health", "/ready"))
"""Asked by whatever keeps the server running, by any name or address; they tell nothing about anybody."""
FIGURES = "/metrics"
"""Asked by whatever watches this replica, by its address. By the names that clients use it is not there: no token is
asked for, and what comes from outside comes by such a name. An address as Host is no rebinding's either."""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000"),
)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")


class HostValidation:
    """ASGI middleware that lets in only requests to `hosts`, from no web page but those of `origins`.

    Both are lower case; an entry without a port stands for that host on any port.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], origins: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # nothing here speaks over web sockets: uvicorn closes them

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*headers, *_HEADERS]}
            await send(message)

        # White space around a value is no part of it (RFC 9110, 5.5), but not every parser under us takes it away.
        scope = {**scope, "headers": [(name, value.strip(b" \t")) for name, value in scope["headers"]]}
        refusal = None if scope["path"] in PROBES else self._refusal(scope, by_address=scope["path"] == FIGURES)
        await (refusal or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope, *, by_address: bool) -> PlainTextResponse | None:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        is_ours = _is_address if by_address else self._is_known_host
        if len(hosts) != 1 or not is_ours(hosts[0].decode("latin-1").lower()):
            return PlainTextResponse("This server does not answer to that Host.", 421)
        if origins and not (len(origins) == 1 and self._is_known_origin(origins[0].decode("latin-1").lower())):
            return PlainTextResponse("This server does not answer that Origin.", 403)
        return None

    def _is_known_host(self, authority: str) -> bool:
        return _known(authority, self._hosts)

    def _is_known_origin(self, origin: str) -> bool:
        scheme, mark, authority = origin.partition("://")
        return bool(mark) and _known(authority, self._origins, prefix=f"{scheme}://")


def _known(authority: str, known: frozenset[str], *, prefix: str = "") -> bool:
    match = _AUTHORITY.fullmatch(authority)
    return match is not None and (prefix + authority in known or prefix + match[1] in known)


def _is_address(authority: str) -> bool:
    match = _AUTHORITY.fullmatch(authority)
    try:
        return match is not None and bool(ipaddress.ip_address(match[1].strip("[]")))
    except ValueError:
        return match is not None and match[1] == "localhost"
