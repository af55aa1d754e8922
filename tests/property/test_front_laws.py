"""Whatever opens a connection: where it is answered without the SDK, the SDK would have answered the same."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.front.opening import Opening
from mcp_server.front.results import load
from mcp_server.setting_values import Listed
from scripts.make_front_answers import sdk_answers

CAPABILITIES = {
    "roots": {"listChanged": True},
    "sampling": {"context": {}, "tools": {}},
    "elicitation": {"form": {"applyDefaults": True}, "url": {}},
    "experimental": {"x": {"y": [1]}},
    "extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}},
    "tasks": {"list": {}, "requests": {"sampling": {"createMessage": {}}, "elicitation": {"create": {}}}},
}
CLIENT: dict[str, Any] = {
    "name": "x",
    "version": "1",
    "title": "X",
    "description": "",
    "websiteUrl": "https://example.com",
}
CLIENT |= {"icons": [{"src": "https://example.com", "mimeType": "image/png", "sizes": ["48x48"], "theme": "light"}]}
META = {
    "progressToken": 1,
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": CAPABILITIES,
    "io.modelcontextprotocol/logLevel": "info",
}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": CAPABILITIES, "clientInfo": CLIENT, "_meta": {}}
REQUESTS: list[dict[str, Any]] = [
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HANDSHAKE},
    {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": META}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META, "cursor": "x"}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {"progressToken": "x"}, "cursor": "x"}},
    {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"_meta": {"progressToken": "x"}}},
    {"jsonrpc": "2.0", "id": 1, "method": "ping"},
]
VALUES: list[Any] = [
    *(None, True, 0, 1.5, "", "x", "\ud83d", "Ä", "2025-06-18", "2026-07-28", "2027-01-01", "initialize", "tools/list"),
    *([], {}, {"listChanged": True}, {"x": {}}, {"x": 1}, [{}], [{"src": "https://example.com"}]),
]
GONE = object()


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something may be changed: every key of every object, and one that is not there."""
    if isinstance(value, dict):
        yield (*at, "unknown")
        for key, inner in value.items():
            yield (*at, key)
            yield from places(inner, (*at, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*at, 0))


@st.composite
def openings(draw: st.DrawFn) -> dict[str, Any]:
    """A request as clients send it, with up to three of its values taken out or replaced."""
    request: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(REQUESTS)))
    for _ in range(draw(st.integers(0, 3))):
        *way, key = draw(st.sampled_from(list(places(request))))
        holder = request
        for step in way:
            holder = holder[step]
        value = draw(st.sampled_from([GONE, *VALUES]))
        if value is GONE:
            holder.pop(key, None)
        else:
            holder[key] = copy.deepcopy(value)
    return request


@given(openings(), st.booleans())
def test_the_first_answer_is_the_one_that_the_sdk_gives(request: dict[str, Any], after_handshake: bool) -> None:
    """To the byte, as the first request of all or the first after a handshake."""
    before = [{"jsonrpc": "2.0", "id": "before", "method": "initialize", "params": HANDSHAKE}] * after_handshake
    lines = [json.dumps(each).encode() for each in (*before, request)]
    front = Opening(load(Listed()))
    reply = [front.handle(line).reply for line in lines][-1]
    if reply is not None:
        assert reply == anyio.run(sdk_answers, Listed(), lines)[-1] + b"\n"
