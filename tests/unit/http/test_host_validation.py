"""The door: by which names and from which pages the server may be called."""

from collections.abc import Mapping

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from mcp_server.http.host_validation import HostValidation

pytestmark = pytest.mark.anyio


async def status(
    headers: Mapping[str, str], *, path: str = "/mcp", hosts: tuple[str, ...] = ("mcp.example.com",)
) -> int:
    """What a request with these headers is answered."""
    validation = HostValidation(
        PlainTextResponse("in"), hosts=hosts, origins=("https://app.example.com", "http://localhost:3000")
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(validation)) as client:
        return (await client.get(f"http://mcp.example.com{path}", headers=headers)).status_code


@pytest.mark.parametrize("names", [("content-length",) * 2, ("content-length", "transfer-encoding")])
async def test_a_length_stated_twice_ends_the_connection(names: tuple[str, str]) -> None:
    """Parsers and proxies disagree on which one counts; the rest would be taken for another request."""
    validation = HostValidation(PlainTextResponse("in"), hosts=("a",), origins=())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(validation)) as client:
        answer = await client.send(httpx.Request("POST", "http://a/mcp", headers=[(name, "2") for name in names]))
    assert (answer.status_code, answer.headers["connection"]) == (400, "close")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mcp.example.com", 200),
        ("MCP.example.com:8443", 200),
        ("mcp.example.com.", 421),
        ("evil.mcp.example.com", 421),
        ("mcp.example.com.evil.example", 421),
        ("mcp.example.com:8443:1", 421),
        ("mcp.example.com:", 421),
        ("mcp.example.com/..", 421),
        ("", 421),
    ],
)
async def test_only_hosts_that_were_named_are_answered(host: str, expected: int) -> None:
    """Whatever their letters' case and their port."""
    assert await status({"Host": host}) == expected


async def test_a_port_that_was_named_counts() -> None:
    """An entry with a port means that port."""
    hosts = ("mcp.example.com:8443",)
    assert await status({"Host": "mcp.example.com:8443"}, hosts=hosts) == 200
    assert await status({"Host": "mcp.example.com"}, hosts=hosts) == 421


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://app.example.com", 200),
        ("https://app.example.com:444", 200),
        ("http://app.example.com", 403),
        ("https://evil.example", 403),
        ("https://app.example.com.evil.example", 403),
        ("http://localhost:3000", 200),
        ("http://localhost:3001", 403),
        ("null", 403),
        ("", 403),
        ("file://", 403),
    ],
)
async def test_only_pages_that_were_named_may_call(origin: str, expected: int) -> None:
    """A browser says whose page is calling."""
    assert await status({"Origin": origin}) == expected


async def test_probes_are_answered_by_any_name_and_nothing_else_is() -> None:
    """Whatever keeps the server running asks by address."""
    assert await status({"Host": "10.0.0.7:8000"}, path="/health") == 200
    assert await status({"Host": "10.0.0.7:8000"}, path="/health/") == 421


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("10.0.0.7:8000", 200),
        ("[fd00::7]:8000", 200),
        ("localhost:8000", 200),
        ("mcp.example.com", 421),
        ("evil.example", 421),
        ("10.0.0.7.evil.example", 421),
    ],
)
async def test_metrics_are_served_by_address_only(host: str, expected: int) -> None:
    """As what collects them does. By the names of clients nobody gets them, as they want no token."""
    assert await status({"Host": host}, path="/metrics") == expected
    assert await status({"Host": host, "Origin": "https://evil.example"}, path="/metrics") in (421, 403)


async def test_white_space_around_a_value_is_no_part_of_it() -> None:
    """Parsers that leave it there would have the transport refuse what it may not."""
    seen: list[tuple[bytes, bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        await PlainTextResponse("in")(scope, receive, send)

    validation = HostValidation(app, hosts=("mcp.example.com",), origins=())
    headers = [(b"host", b"mcp.example.com \t"), (b"mcp-name", b" \tget_conversation ")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_: Message) -> None:
        pass

    await validation(scope, receive, send)
    assert seen == [(b"host", b"mcp.example.com"), (b"mcp-name", b"get_conversation")]
