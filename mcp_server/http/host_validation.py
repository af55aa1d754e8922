"""Checks before authentication: Host, Origin and an unambiguous length; and the headers that every answer carries.

A browser that a web page has led to this server (DNS rebinding) sends a Host or an Origin that is not ours. So both are
checked, on whatever address the server listens.
"""

import ipaddress
import re
from collections.abc import Iterable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBES = frozenset(("/health", "/ready"))
"""Paths for the supervisor of the process, by any host name or address. Their answers say nothing about callers."""
METRICS = "/metrics"
"""The path for monitoring, by the address of this replica only. It needs no token, so it does not exist under the host
names that clients use, by which requests from outside arrive. A rebinding attack cannot send an address as Host."""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"strict-transport-security", b"max-age=31536000"),
)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")


class HostValidation:
    """ASGI middleware that accepts only requests to `hosts`, and from web pages only those of `origins`.

    Both are lower case; an entry without a port means that host on any port.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str], origins: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # no path here serves web sockets: uvicorn closes them

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*headers, *_HEADERS]}
            await send(message)

        # White space around a value is not part of it (RFC 9110, 5.5), but not every parser removes it.
        scope = {**scope, "headers": [(name, value.strip(b" \t")) for name, value in scope["headers"]]}
        refusal = None if scope["path"] in PROBES else self._refusal(scope, by_address=scope["path"] == METRICS)
        await (refusal or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope, *, by_address: bool) -> PlainTextResponse | None:
        lengths = [name for name, _ in scope["headers"] if name in (b"content-length", b"transfer-encoding")]
        if len(lengths) > 1:
            # A proxy in front might believe the other one, and take the rest for a request of its own (RFC 9112, 11.2).
            return PlainTextResponse("The length of the request is stated twice.", 400, {"Connection": "close"})
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
