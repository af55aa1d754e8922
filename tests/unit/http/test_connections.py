"""A connection that asks for nothing is ended, and none makes the server keep more than a small head; either parser."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import ByteStream
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from mcp_server.http.connections import MAX_HEAD_BYTES, Bounded, BoundedH11
from mcp_server.http.httptools_connections import BoundedHttpTools

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("parser", [BoundedH11, BoundedHttpTools]),
]
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n"


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("in")(scope, receive, send)


@asynccontextmanager
async def connected(
    parser: type[Bounded],
    *,
    head_timeout_s: float = 60,
    app: object = _app,
    state: ServerState | None = None,
    sent: bytes = b"",
    **timeouts_s: float,
) -> AsyncIterator[ByteStream]:
    """A connection to a server with this parser; `state` holds its connections and tasks.

    `sent` is there before the server accepts the connection, so before any of its clocks runs.
    """
    impatient = type("Impatient", (parser,), {"head_timeout_s": head_timeout_s, **timeouts_s})
    config = Config(app, log_config=None, ws="none", h11_max_incomplete_event_size=MAX_HEAD_BYTES)  # type: ignore[arg-type]
    config.load()
    make = partial(impatient, config, state or ServerState(), {})
    listener = socket.create_server(("127.0.0.1", 0))
    stream = await anyio.connect_tcp("127.0.0.1", listener.getsockname()[1])
    await stream.send(sent)
    async with await asyncio.get_running_loop().create_server(make, sock=listener), stream:
        with anyio.fail_after(60):
            yield stream


async def rest(stream: ByteStream) -> bytes:
    """All that comes until the server ends the connection."""
    said = b""
    try:
        async for data in stream:
            said += data
    except anyio.BrokenResourceError:
        pass  # it had not read all that was sent to it
    return said


@pytest.mark.parametrize(
    "begun", [b"", ASK, ASK + b"\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"]
)
async def test_a_connection_without_a_request_is_closed(parser: type[Bounded], begun: bytes) -> None:
    """Nothing, half a head, nothing after an answer, or not all of a body that nobody wants."""
    async with connected(parser, sent=begun, head_timeout_s=0.05) as stream:
        assert (b"200 OK" in await rest(stream)) == (b"\r\n\r\n" in begun)


async def test_an_answer_may_take_longer_than_a_head(parser: type[Bounded]) -> None:
    """Time is counted while nothing is being answered."""

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(0.1)
        await _app(scope, receive, send)

    async with connected(parser, sent=ASK + b"\r\n", head_timeout_s=0.05, app=slow) as stream:
        assert b"200 OK" in await rest(stream)


@pytest.mark.parametrize("endless", [b"GET /" + b"a" * 4096, ASK + b"X: ", ASK + b"X: b\r\n" * 100])
async def test_a_head_that_goes_on_is_refused(parser: type[Bounded], endless: bytes) -> None:
    """One long address, one long header, many short ones: 431, at 32 KiB or a little more."""
    filling = {b"a": b"a", b" ": b"a", b"\n": b"X: b\r\n"}[endless[-1:]]
    async with connected(parser) as stream:
        await stream.send(endless + filling * (MAX_HEAD_BYTES // len(filling) + 4096))
        assert (await rest(stream)).startswith(b"HTTP/1.1 431 ")


async def test_a_head_of_the_largest_token_is_read(parser: type[Bounded]) -> None:
    """Though it comes at once with others behind it."""
    async with connected(parser) as stream:
        await stream.send((ASK + b"Authorization: Bearer " + b"t" * 16_384 + b"\r\n\r\n") * 3)
        await stream.send(ASK + b"Connection: close\r\n\r\n")
        assert (await rest(stream)).count(b"200 OK") == 4


async def test_what_follows_a_body_is_counted_too(parser: type[Bounded]) -> None:
    """Trailers behind the last chunk; a large body is not for the connection to refuse."""
    async with connected(parser) as stream:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        await stream.send(head + b"20000\r\n" + b"b" * 0x20000 + b"\r\n0\r\n")
        await anyio.wait_all_tasks_blocked()
        # More than all buffers on the way would hold: it is the server that ends this.
        with pytest.raises(anyio.BrokenResourceError):
            await stream.send(b"X: " + b"a" * (64 << 20))


async def _large(scope: Scope, receive: Receive, send: Send) -> None:
    """More than all buffers on the way to the client hold."""
    await PlainTextResponse(b"a" * (64 << 20))(scope, receive, send)


async def _gone(state: ServerState) -> None:
    """Wait until the server has neither a connection nor a request."""
    while state.connections or state.tasks:
        await anyio.lowlevel.checkpoint()


async def test_a_client_that_does_not_read_its_answer_is_dropped(parser: type[Bounded]) -> None:
    """Its request is no longer in progress then."""
    state = ServerState()
    async with connected(parser, app=_large, state=state, write_timeout_s=0.05) as stream:
        await stream.send(ASK + b"\r\n")
        await stream.receive(1)
        await _gone(state)


async def test_a_client_that_reads_gets_all_of_a_large_answer(parser: type[Bounded]) -> None:
    """The time ends as soon as it has read enough."""

    async def several(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(b"a" * (4 << 20))(scope, receive, send)

    async with connected(parser, app=several, write_timeout_s=10) as stream:
        await stream.send(ASK + b"Connection: close\r\n\r\n")
        assert (await rest(stream)).endswith(b"a" * (4 << 20))


@pytest.mark.parametrize("app", [_large, _app])
async def test_a_stop_does_not_wait_for_unread_answers(parser: type[Bounded], app: object) -> None:
    """Neither for one in progress nor for those that are complete."""
    state = ServerState()
    async with connected(parser, app=app, state=state, stop_write_timeout_s=0.05) as stream:
        await stream.send(ASK + b"\r\n")
        await stream.receive(1)
        await anyio.wait_all_tasks_blocked()
        for connection in list(state.connections):
            connection.shutdown()
        await _gone(state)


async def test_requests_sent_ahead_of_their_answers_are_bounded(parser: type[Bounded]) -> None:
    """A connection with too many is closed, or no longer read: it never makes the server hold them all."""
    answered = anyio.Event()

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        await answered.wait()
        await _app(scope, receive, send)

    async with connected(parser, app=held) as stream:
        with pytest.raises((TimeoutError, anyio.BrokenResourceError)), anyio.fail_after(1):
            await stream.send((ASK + b"\r\n") * 2_000_000)
        answered.set()
