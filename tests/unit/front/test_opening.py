"""Who answers what while a connection opens, and when its era is chosen."""

import json
from typing import Any

import pytest

from mcp_server.front.opening import Handled, Line, Opening
from mcp_server.front.results import load
from mcp_server.setting_values import Listed
from scripts.make_front_answers import envelope, initialize, line

INITIALIZE = line(1, "initialize", initialize("2025-11-25"))
DISCOVER = line(2, "server/discover", envelope())
CALL = line(3, "tools/call", {"name": "get_conversation", "arguments": {}})


@pytest.fixture
def opening() -> Opening:
    """A connection on which nothing was said."""
    return Opening(load(Listed()))


def answer(handled: Handled) -> Any:
    """What the client is sent."""
    assert handled.reply is not None
    assert handled.reply.endswith(b"\n")
    return json.loads(handled.reply)


def test_discovery_leaves_the_era_open_and_no_trace(opening: Opening) -> None:
    """A client that did not wait for the answer may still shake hands, as the AI SDK does after a second."""
    discovered = opening.handle(DISCOVER)
    assert answer(discovered)["result"]["supportedVersions"] == ["2026-07-28"]
    assert (discovered.rest, opening.era) == (None, None)
    greeted = opening.handle(INITIALIZE)
    assert answer(greeted)["result"]["protocolVersion"] == "2025-11-25"
    assert (greeted.rest, opening.era) == (Line(INITIALIZE, answered=True), "handshake")


def test_discovery_may_be_followed_by_the_modern_era(opening: Opening) -> None:
    """The list of tools chooses it; a handshake is then for the SDK to refuse."""
    opening.handle(DISCOVER)
    listing = line(4, "tools/list", envelope())
    listed = opening.handle(listing)
    assert answer(listed)["result"]["resultType"] == "complete"
    assert (listed.rest, opening.era) == (Line(listing, answered=True), "modern")
    assert opening.handle(INITIALIZE) == Handled(None, Line(INITIALIZE, answered=False))
    assert answer(opening.handle(DISCOVER))["id"] == 2


def test_a_version_from_the_future_may_fall_back(opening: Opening) -> None:
    """The error names what is served, and the connection is as open as before."""
    error = answer(opening.handle(line(1, "server/discover", envelope("2027-01-01"))))["error"]
    assert error["data"] == {"supported": ["2026-07-28"], "requested": "2027-01-01"}
    assert answer(opening.handle(INITIALIZE))["result"]["protocolVersion"] == "2025-11-25"


def test_tools_are_listed_once_the_handshake_was_made(opening: Opening) -> None:
    """Before it, and when its parameters were left to the SDK, the SDK says what is wrong."""
    listing = line(5, "tools/list")
    nameless = initialize("2025-11-25") | {"clientInfo": {"version": "1"}}
    assert opening.handle(line(1, "initialize", nameless)).reply is None
    assert opening.handle(listing).reply is None
    assert opening.handle(INITIALIZE).reply is not None
    assert answer(opening.handle(listing))["result"]["tools"][0]["name"] == "get_conversation"


def test_a_call_chooses_an_era_and_waits_for_the_sdk(opening: Opening) -> None:
    """What belongs to the other era is not answered after it."""
    assert opening.handle(CALL) == Handled(None, Line(CALL, answered=False))
    assert opening.era == "handshake"
    assert opening.handle(DISCOVER).reply is None
    assert opening.handle(line(6, "ping")).rest is None


def test_the_newest_version_is_offered_to_one_that_nobody_serves(opening: Opening) -> None:
    """As the handshake has it; a version that is served is agreed on."""
    greeted = [opening.handle(line(1, "initialize", initialize(version))) for version in ("1999-01-01", "2024-11-05")]
    assert [answer(each)["result"]["protocolVersion"] for each in greeted] == ["2025-11-25", "2024-11-05"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"[]",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1.0,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
        b'{"jsonrpc":"2.0","id":"half \\ud83d","method":"ping"}',
    ],
)
def test_what_is_no_ordinary_request_is_for_the_sdk(text: bytes, opening: Opening) -> None:
    """Unchanged, and it chooses nothing but by the SDK's rules."""
    assert opening.handle(text) == Handled(None, Line(text, answered=False))


def test_settings_decide_what_is_listed(opening: Opening) -> None:
    """The most messages in one call, and whether there is an output schema."""
    modern = line(1, "tools/list", envelope())
    usual, listing = answer(opening.handle(modern))["result"]["tools"]
    other, other_listing = answer(Opening(load(Listed(max_count=7, structured_output="off"))).handle(modern))["result"][
        "tools"
    ]
    assert usual["inputSchema"]["properties"]["count"]["maximum"] == 1000
    assert other["inputSchema"]["properties"]["count"]["maximum"] == 7
    assert ("outputSchema" in usual, "outputSchema" in other) == (True, False)
    assert ("outputSchema" in listing, "outputSchema" in other_listing) == (True, False)
