"""The first answers of a connection are the SDK's own, to the byte."""

import json
from typing import get_args

import pytest
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from mcp_server.front.opening import Opening
from mcp_server.front.results import ANSWERS, load
from mcp_server.setting_values import Listed, Speakers
from scripts.make_front_answers import answers, envelope, initialize, line, sdk_answers

pytestmark = pytest.mark.anyio

SETTINGS = [
    Listed(),
    Listed(max_count=1, structured_output="off"),
    Listed(structured_output="figures"),
    Listed(max_count=10_000, prompts=False),
    Listed(tokenizer="claude"),
    *(Listed(speakers=each) for each in get_args(Speakers)),
]
HANDSHAKES = [*KNOWN_PROTOCOL_VERSIONS, "2099-01-01", ""]
# As the clients of the matrix send them; progress tokens and cursors of lists mean nothing here.
GREETINGS = [
    {
        "capabilities": {
            "roots": {"listChanged": True},
            "sampling": {},
            "elicitation": {"form": {"applyDefaults": True}},
        }
    },
    {"clientInfo": {"name": "x", "version": "1", "icons": [{"src": "https://example.com/x.png", "sizes": ["any"]}]}},
    {"capabilities": {"experimental": {"x": {"y": [1, None]}}, "extensions": {"io.modelcontextprotocol/ui": {}}}},
    {"clientInfo": {"name": "Ä", "version": "", "title": None, "websiteUrl": "https://example.com"}},
    {"_meta": {"progressToken": "p", "other": 1}, "unknown": True},
]


async def test_the_file_is_what_the_sdk_answers() -> None:
    """After a change that is meant: `python -m scripts.make_front_answers`."""
    assert json.loads(ANSWERS.read_text(encoding="utf-8")) == await answers()


@pytest.mark.parametrize("listed", SETTINGS)
@pytest.mark.parametrize("version", HANDSHAKES)
async def test_a_handshake_is_answered_as_the_sdk_does(version: str, listed: Listed) -> None:
    """Every version, also unsupported ones; then the requests that may follow."""
    requests = [
        line(0, "ping"),
        line(1, "initialize", initialize(version)),
        line("two", "tools/list"),
        line(3, "tools/list", {"cursor": "x", "_meta": {"progressToken": 3}}),
        line(4, "ping", {}),
    ]
    assert front_answers(listed, requests) == await sdk_answers(listed, requests)


@pytest.mark.parametrize("more", GREETINGS)
async def test_a_client_may_say_what_it_can_do(more: dict[str, object]) -> None:
    """Capabilities, and everything a client may say about itself."""
    requests = [line(1, "initialize", {**initialize("2025-06-18"), **more}), line(2, "tools/list")]
    assert front_answers(Listed(), requests) == await sdk_answers(Listed(), requests)


@pytest.mark.parametrize("listed", SETTINGS)
async def test_the_modern_era_is_answered_as_the_sdk_does(listed: Listed) -> None:
    """Discovery and the list of tools, in any order, and an unsupported version."""
    requests = [
        line(1, "server/discover", envelope()),
        line(2, "tools/list", envelope()),
        line(3, "server/discover", envelope()),
        line(4, "tools/list", {**envelope(), "cursor": "x"}),
    ]
    newer = [line("x", "server/discover", envelope("2027-01-01"))]
    assert front_answers(listed, requests) == await sdk_answers(listed, requests)
    assert front_answers(listed, newer) == await sdk_answers(listed, newer)


def front_answers(listed: Listed, requests: list[bytes]) -> list[bytes]:
    """The same lines answered without the SDK, each at once."""
    opening = Opening(load(listed))
    replies = [opening.handle(request).reply for request in requests]
    return [(reply or b"(left to the SDK)\n").removesuffix(b"\n") for reply in replies]
