"""The door, on every kind of address: who is let in by which name, and what never gets as far as that."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from mcp_server.http.connections import MAX_HEAD_BYTES
from mcp_server.http.process import allow_open_files
from mcp_server.sandbox import Sandbox
from tests.support.http_server import (
    TOOL,
    Running,
    answered,
    ask,
    call,
    digest_line,
    environment_for,
    get,
    http_server,
    post,
    preflight,
)
from tests.support.patience import PATIENCE_S

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
TOKEN = {"Authorization": "Bearer token"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module", params=["127.0.0.1", "0.0.0.0", "::1", "127.0.0.2"])
def running(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Running]:
    """A server on this address, with a token and a name."""
    if request.param == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    environment = environment_for(
        sandbox.base_url,
        HTTP_TOKENS=digest_line("token", "alice"),
        HTTP_ALLOWED_HOSTS="mcp.example.com",
        HTTP_ALLOWED_ORIGINS="https://app.example.com,http://localhost,http://[::1]",
    )
    with http_server(environment, "--host", request.param) as server:
        yield server


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost.evil.example"}, 421),
        ({"Host": "127.0.0.1@evil.example"}, 421),
        ({"Host": "127.0.0.1:80:80"}, 421),
        ({"Host": "mcp.example.com.evil.example"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://1"}, 403),
        ({"Origin": "https://app.example.com"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "http://[::1]:3000"}, 200),
        ({}, 200),
    ],
)
def test_a_strange_host_or_origin_is_refused(running: Running, headers: dict[str, str], status: int) -> None:
    """What a web page of somebody else's could make a browser send does not get in, even with a token."""
    by_name = {"Host": "mcp.example.com", **TOKEN, **headers}
    assert post(running.url, ask("tools/list"), by_name)[0] == status
    if "Host" in headers:
        assert get(running.root + "/health", headers)[0] == 200


@pytest.mark.parametrize(
    ("origin", "is_told"),
    [
        ("https://app.example.com", True),
        ("http://localhost:3000", True),
        ("http://[::1]:3000", True),
        ("https://evil.example", False),
        ("http://1", False),
        ("http://:", False),
        ("https://appXexample.com", False),
    ],
)
def test_a_browser_is_told_which_pages_may_ask(sandbox: Sandbox, running: Running, origin: str, is_told: bool) -> None:
    """Before it asks (OPTIONS), and with the answer itself."""
    by_name = {"Host": "mcp.example.com", **TOKEN, "Origin": origin}
    _, answer, _ = post(running.url, ask("tools/list"), by_name)
    for headers in (preflight(running.url, origin, host="mcp.example.com"), answer):
        assert (headers.get("access-control-allow-origin") == origin) == is_told
        assert ("access-control-allow-origin" in headers) == is_told


def test_the_address_that_is_printed_answers(running: Running) -> None:
    """Of loopback; where all addresses are listened on, clients come by a name."""
    assert post(running.url, ask("tools/list"), TOKEN)[0] == (421 if "0.0.0.0" in running.url else 200)


@pytest.mark.parametrize("path", ["/", ""])
@pytest.mark.parametrize(
    "accept", ["application/json", "text/event-stream", "", "*/*", "application/json, text/event-stream"]
)
def test_a_slash_or_one_accepted_type_is_enough(running: Running, path: str, accept: str) -> None:
    """Guides write the address with a slash, and clients accept one type, or name none: they get it, or JSON."""
    headers = {"Host": "mcp.example.com", **TOKEN, "Accept": accept}
    status, answer, body = post(running.url + path, ask("tools/list"), headers)
    kind = "text/event-stream" if accept.endswith("text/event-stream") else "application/json"
    assert (status, answer["content-type"].split(";")[0]) == (200, kind)
    assert answered(body)["result"]["tools"][0]["name"] == TOOL


def test_a_request_whose_length_is_stated_twice_is_refused_and_its_connection_closed(running: Running) -> None:
    """A proxy in front might believe the other one."""
    for lengths in (
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    ):
        with _connection(running) as client:
            client.sendall(f"POST /mcp HTTP/1.1\r\nHost: mcp.example.com\r\n{lengths}\r\n{{}}".encode())
            said = b"".join(iter(lambda: client.recv(4096), b""))
        assert said.startswith(b"HTTP/1.1 400 ")


def test_clients_that_do_not_read_keep_nobody_out(running: Running) -> None:
    """Without a token their refusals take no place; the server answers others, and says truly that it is ready."""
    refused = b"POST /mcp HTTP/1.1\r\nHost: mcp.example.com\r\nContent-Length: 0\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(_connection(running))
            client.setblocking(False)
            with suppress(OSError):
                while True:
                    client.send(refused * 100)
        assert get(running.root + "/ready")[0] == 200
        assert post(running.url, ask("tools/list"), {"Host": "mcp.example.com", **TOKEN})[0] == 200


def test_a_thousand_idle_connections_keep_nobody_out(sandbox: Sandbox) -> None:
    """Nor do they make whatever watches the server think that it is dead."""
    allow_open_files()
    with http_server(environment_for(sandbox.base_url)) as server, ExitStack() as stack:
        address = ("127.0.0.1", int(server.root.rsplit(":", 1)[1]))
        for _ in range(1_010):
            stack.enter_context(socket.create_connection(address))
        assert get(server.root + "/health")[0] == 200
        assert post(server.url, call(profile_url=PRIYA, count=1))[0] == 200
        assert server.stop() == 0
    assert server.log == ""


def test_a_head_that_never_ends_is_cut_off(running: Running) -> None:
    """Before anybody looks at Host or token, and long before it is large."""
    with _connection(running) as client:
        client.sendall(b"POST /mcp HTTP/1.1\r\nHost: evil\r\nX: " + b"a" * (MAX_HEAD_BYTES + 4096))
        assert client.recv(64).startswith(b"HTTP/1.1 431 ")


def _connection(running: Running) -> socket.socket:
    host, port = running.root.removeprefix("http://").rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE_S)
