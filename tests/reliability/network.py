"""Cases 1 to 10 and 22: connections, certificates, and answers that never come or never end."""

import asyncio
import socket
import ssl
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.reliability.case import TIMEOUTS, Case
from tests.reliability.stage import CURSOR, TEXT, Stage, good, older, said
from tests.support.certificates import Authority
from tests.support.chaos import (
    Call,
    ChaosUpstream,
    Step,
    answer,
    close,
    dripping,
    endless,
    head,
    page,
    page_body,
    then_close,
    then_reset,
    whole,
)
from tests.support.patience import PATIENCE_S

CUT = whole(page_body([said()]))[:-9]
PAGE_S, CALL_S = 20, 45
"""The deadlines of one page and of a whole call."""


async def does_not_resolve(stage: Stage) -> str:
    """The domain `.invalid` never resolves, by definition."""
    async with stage.another_server(API_BASE_URL="https://nowhere.invalid") as server:
        await stage.fails(stage.line(), "upstream_unreachable", requests=0, server=server)
        reply = await stage.fails(stage.line(), "upstream_unreachable", requests=0, server=server)
    assert "does not resolve" in reply.text
    assert reply.maybe_extra == 0
    return f"{_three_attempts(stage)}, {reply.seconds:.1f} s"


async def refuses_connections(stage: Stage) -> str:
    """No server is listening at first; then one is."""
    port = free_port()
    async with stage.another_server(API_BASE_URL=f"http://127.0.0.1:{port}") as server:
        reply = await stage.fails(stage.line(), "upstream_unreachable", requests=0, server=server)
        assert "refuses connections" in reply.text
        assert reply.maybe_extra == 0
        async with ChaosUpstream(stage.board.step, port=port):
            await stage.alive(server)
    return f"{_three_attempts(stage)}, {reply.seconds:.1f} s"


async def bad_certificates(stage: Stage) -> str:
    """Expired, or for another host. With a good certificate the same server works."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        trusted = Path(folder) / "authority.pem"
        trusted.write_bytes(authority.pem)
        bad = (authority.serving(expired=True), authority.serving(host="elsewhere.test"))
        seconds = max([await _refused(stage, trusted, each, authority.serving()) for each in bad])
    return f"1 attempt each, {seconds:.1f} s"


async def _refused(stage: Stage, trusted: Path, bad: ssl.SSLContext, fine: ssl.SSLContext) -> float:
    port = free_port()
    settings = {"API_BASE_URL": f"https://127.0.0.1:{port}", "SSL_CERT_FILE": str(trusted)}
    async with stage.another_server(**settings) as server:
        async with ChaosUpstream(stage.board.step, tls=bad, port=port) as upstream:
            reply = await stage.fails(stage.line(), "upstream_unreachable", requests=0, server=server)
            assert "identity could not be verified" in reply.text
            assert reply.maybe_extra == 0
            assert upstream.connections <= 1
        async with ChaosUpstream(stage.board.step, tls=fine, port=port):
            await stage.alive(server)
    return reply.seconds


def times_out(step: Step, *, lost: int) -> Callable[[Stage], Awaitable[str]]:
    """A page that never arrives is requested twice; each attempt ends at its deadline."""

    async def run(stage: Stage) -> str:
        # A server without a deadline would keep the call for ever; a busy machine only delays its end.
        async with asyncio.timeout(PATIENCE_S):
            reply = await stage.fails(stage.line(step), "upstream_timeout", requests=2, lost=lost)
        assert reply.maybe_extra
        assert reply.seconds >= 2 * PAGE_S
        return f"{reply.seconds:.1f} s"

    return run


async def answers_nothing(call: Call) -> None:
    """A step that charges for the request and never answers."""
    call.bill(1)
    await call.hang()


async def endless_headers(stage: Stage) -> str:
    """Eight megabytes of headers, unless the client stops reading."""
    step = endless(head()[:-2], (b"X-%s: %s\r\n" % (TEXT.encode(), b"x" * 8000),) * 999, credits=1)
    reply = await stage.fails(stage.line(step), "bad_response", lost=1)
    return f"{reply.seconds:.2f} s"


def breaks(step: Step) -> Callable[[Stage], Awaitable[str]]:
    """A body that breaks off and is charged each time: always, once, and in the middle of a walk."""

    async def run(stage: Stage) -> str:
        await stage.fails(stage.line(step), "upstream_failed", requests=2, lost=2)
        once = await stage.reads(stage.line(step, good()), requests=2, lost=1)
        assert once.maybe_extra == 1
        walk = stage.line(page([said(2)], next_cursor=older(1)), step)
        part = await stage.reads(walk, f"{TEXT} 2", requests=3, lost=2, count=2)
        assert part.maybe_extra == 2
        assert "upstream_failed" in part.notes
        assert part.cursor is not None
        return "one retry each"

    return run


async def kept_alive_and_closed(stage: Stage) -> str:
    """The server's first call leaves a connection open; the API closes it when the second one uses it."""
    first, second = stage.line(good()), stage.line(close, good())
    await stage.reads(first)
    reply = await stage.reads(second, requests=2)
    assert reply.maybe_extra == 0
    connections = [request.connection for line in (first, second) for request in line.requests]
    assert connections[0] == connections[1] != connections[2]
    return f"one silent retry, {reply.seconds:.2f} s"


async def redirects(stage: Stage) -> str:
    """Redirects are never followed."""
    async with ChaosUpstream(good()) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            moved = answer(b"", status=status, headers={"Location": f"{elsewhere.base_url}/{CURSOR}"})
            reply = await stage.fails(stage.line(moved), "bad_response")
            assert "redirects elsewhere" in reply.text
        assert elsewhere.connections == 0
    return "5 kinds; the other host: 0 connections"


def free_port() -> int:
    """A port that is free for now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _three_attempts(stage: Stage) -> str:
    """Asserts that the logs of this case's own server mention a third attempt and no fourth."""
    log = "".join(each.read_text() for each in stage.folder.glob("own-*.log"))
    assert "attempt 3: upstream_unreachable (free), given up" in log
    assert "attempt 4" not in log
    return "3 attempts"


_BODY_DRIPS = dripping(head(200, {"Content-Length": "99999"}), b"{" * 99_999, credits=1)
_HEADERS_DRIP = dripping(b"", head(200, {"X-Long": "x" * 99_999}), credits=1)

_LATE = "E `upstream_timeout` by the deadline"
_FREE = "free retries, then E `upstream_unreachable`"
_ONCE = "one retry, reported as possible extra credits, then E or P"

CASES = (
    Case(1, "name does not resolve", _FREE, does_not_resolve, "own"),
    Case(2, "connection refused", _FREE, refuses_connections, "own"),
    Case(3, "TLS expired or for another host", "E at once, no retry", bad_certificates, "own"),
    Case(4, "accepts and never answers", _LATE, times_out(answers_nothing, lost=2), TIMEOUTS),
    Case(5, "drips the body", _LATE, times_out(_BODY_DRIPS, lost=2), TIMEOUTS),
    Case(6, "drips the headers", _LATE, times_out(_HEADERS_DRIP, lost=2), TIMEOUTS),
    Case(7, "endless headers", "E `bad_response`", endless_headers),
    Case(8, "body cut short", _ONCE, breaks(then_close(CUT, credits=1)), "cuts"),
    Case(9, "connection reset in the body", _ONCE, breaks(then_reset(CUT, credits=1)), "cuts"),
    Case(10, "kept-alive connection found closed", "one silent retry", kept_alive_and_closed),
    Case(22, "301/302/307 to another host", "E, and that host receives nothing", redirects),
)
