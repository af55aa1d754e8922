"""The client's pipes: lines in, answers out, and the rest handed over."""

from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from mcp_server.front.opening import Line
from scripts.make_front_answers import envelope, initialize, line
from tests.support.piped_client import PipedClient

INITIALIZE = line(1, "initialize", initialize("2025-11-25"))
INITIALIZED = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
DISCOVER = line(2, "server/discover", envelope())
CALL = line(3, "tools/call", {"name": "get_conversation"})


@pytest.fixture
def client() -> Iterator[PipedClient]:
    """A client whose server reads what it says."""
    with PipedClient() as client:
        client.connection.start()
        yield client


def handed_over(client: PipedClient) -> "SimpleQueue[Line | None]":
    """What the SDK's server is given, in order, from now on."""
    lines: SimpleQueue[Line | None] = SimpleQueue()
    client.connection.hand_over(lines.put)
    return lines


def test_what_opens_is_answered_and_the_rest_waits(client: PipedClient) -> None:
    """In order, with what was answered marked so; what comes after the handing over goes straight on."""
    client.say(DISCOVER, INITIALIZE, INITIALIZED, CALL)
    assert [client.heard()["id"] for _ in range(2)] == [2, 1]
    assert client.connection.needs_server()
    lines = handed_over(client)
    client.say(line(4, "tools/list"))
    client.hang_up()
    expected = [
        Line(INITIALIZE, answered=True),
        Line(INITIALIZED, answered=False),
        Line(CALL, answered=False),
        Line(line(4, "tools/list"), answered=False),
        None,
    ]
    assert [lines.get() for _ in expected] == expected


def test_discovery_leaves_the_era_open_even_with_the_server_there(client: PipedClient) -> None:
    """A client that thinks for long between its questions is no worse off."""
    client.say(line(1, "ping"))
    client.heard()
    lines = handed_over(client)
    client.say(DISCOVER, INITIALIZE)
    assert [client.heard()["id"] for _ in range(2)] == [2, 1]
    assert lines.get() == Line(INITIALIZE, answered=True)


def test_a_byte_order_mark_before_the_first_line_is_skipped(client: PipedClient) -> None:
    """Some shells put one there; anywhere else it is nonsense and stays."""
    client.send(b"\xef\xbb\xbf" + DISCOVER + b"\r\n")
    assert client.heard()["id"] == 2
    client.say(b"\xef\xbb\xbf" + CALL)
    assert handed_over(client).get() == Line(b"\xef\xbb\xbf" + CALL, answered=False)


def test_a_line_may_come_in_pieces_and_the_last_without_its_end(client: PipedClient) -> None:
    """What is long comes in many pieces; a hung up pipe ends a line, too."""
    long = line(9, "tools/call", {"name": "x" * 300_000})
    lines = handed_over(client)
    client.send(INITIALIZE[:10])
    client.send(INITIALIZE[10:] + b"\n")
    assert client.heard()["id"] == 1
    client.say(long)
    client.send(CALL)
    client.hang_up()
    texts = [lines.get() for _ in range(4)]
    assert texts == [
        Line(INITIALIZE, answered=True),
        Line(long, answered=False),
        Line(CALL, answered=False),
        None,
    ]


def test_a_client_that_asked_nothing_more_needs_no_server(client: PipedClient) -> None:
    """It hung up without a word, or with everything answered: nothing has to be loaded."""
    client.hang_up()
    assert not client.connection.needs_server()
    assert handed_over(client).get() is None


def test_a_client_that_does_not_listen_ends_its_input(client: PipedClient) -> None:
    """Its pipe is broken: there is nobody to serve."""
    client.stop_listening()
    client.say(DISCOVER)
    assert handed_over(client).get() is None
