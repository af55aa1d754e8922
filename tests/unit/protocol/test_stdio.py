"""The SDK's server on a client's pipes: one answer to each request, and time to finish at the end."""

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCRequest

from mcp_server.conversation.models import AnyQuery, OnPage, Reading
from mcp_server.protocol.stdio import parse, serve_connection
from scripts.make_front_answers import initialize, line
from tests.support.piped_client import PipedClient
from tests.support.serving import PROFILE, READING, StubReader, serving

INITIALIZE = line(1, "initialize", initialize("2025-11-25"))
CALL = {"name": "get_conversation", "arguments": {"profile_url": PROFILE}}

pytestmark = pytest.mark.anyio


class SlowReader(StubReader):
    """Reads when it is let; says when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = anyio.Event(), anyio.Event()

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        self.begun.set()
        await self.let.wait()
        return await super().read(query, on_page=on_page)


async def heard(client: PipedClient) -> dict[str, object]:
    """The next message, without holding up the server."""
    return await anyio.to_thread.run_sync(client.heard)


async def test_what_was_answered_is_known_to_the_server_and_not_answered_again() -> None:
    """The handshake and the list: the server takes calls after them, and their answers came once."""
    with PipedClient() as client:
        client.connection.start()
        client.say(INITIALIZE, line(2, "tools/list"), line(3, "tools/call", CALL))
        assert [client.heard()["id"] for _ in range(2)] == [1, 2]
        async with anyio.create_task_group() as tasks:
            server = serving(StubReader())
            tasks.start_soon(lambda: serve_connection(server, client.connection, finish=anyio.sleep_forever))
            answer = await heard(client)
            client.say(line(4, "ping"))
            assert (await heard(client))["id"] == 4
            client.hang_up()
    assert answer["id"] == 3
    assert "isError" not in str(answer) or answer["result"]["isError"] is False  # type: ignore[index]  # JSON


async def test_a_call_under_way_is_answered_after_the_end_of_input() -> None:
    """As when requests are piped in; one that was cancelled is not waited for."""
    reader = SlowReader()
    with PipedClient() as client:
        client.connection.start()
        client.say(INITIALIZE, line(2, "tools/call", CALL), line(3, "tools/call", CALL))
        client.say(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}')
        client.hang_up()
        async with anyio.create_task_group() as tasks:
            server = serving(reader)
            tasks.start_soon(lambda: serve_connection(server, client.connection, finish=anyio.sleep_forever))
            assert (await heard(client))["id"] == 1
            await reader.begun.wait()
            reader.let.set()
            answer = await heard(client)
    assert answer["id"] == 2
    assert READING.text in str(answer["result"]["content"][0]["text"])  # type: ignore[index]  # JSON


async def test_a_call_that_takes_too_long_ends_with_the_input() -> None:
    """Nobody is left to pay for it."""
    reader = SlowReader()
    with PipedClient() as client:
        client.connection.start()
        client.say(INITIALIZE, line(2, "tools/call", CALL))
        client.hang_up()
        await serve_connection(serving(reader), client.connection, finish=reader.begun.wait)
        assert client.heard()["id"] == 1
        assert client.heard()["error"]["message"] == "Connection closed"


async def test_a_client_that_does_not_listen_ends_the_server() -> None:
    """Without an error: it has gone."""
    with PipedClient() as client:
        client.connection.start()
        client.say(INITIALIZE)
        client.heard()
        client.stop_listening()
        client.say(line(2, "tools/call", CALL))
        await serve_connection(serving(StubReader()), client.connection, finish=anyio.sleep_forever)


async def test_a_line_with_half_a_character_is_a_call_and_nonsense_is_none() -> None:
    """Half an emoji is read as a question mark; bytes that are no text as marks of replacement."""
    message = parse(b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"focus": "half \\ud83d"}}')
    assert isinstance(message, SessionMessage)
    assert isinstance(message.message, JSONRPCRequest)
    assert message.message.params == {"focus": "half ?"}
    bytes_in = parse(b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"focus": "\xff"}}')
    assert isinstance(bytes_in, SessionMessage)
    assert isinstance(bytes_in.message, JSONRPCRequest)
    assert bytes_in.message.params == {"focus": "\ufffd"}
    for nonsense in (b"hello", b"{}", b"", b"[" * 100_000, b"\xff\xfe\x00"):
        assert isinstance(parse(nonsense), Exception)
