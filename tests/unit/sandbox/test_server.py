"""The sandbox as a server: real sockets, kept-alive connections, quick to start and to stop."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox

BODY = json.dumps(
    {
        "account_id": SANDBOX_ACCOUNT,
        "action": "get_conversation",
        "params": {"profile_url": "https://www.linkedin.com/in/jane-doe-42"},
    }
)


def connect(sandbox: Sandbox) -> HTTPConnection:
    """A connection that stays open between requests."""
    return HTTPConnection(urlsplit(sandbox.base_url).netloc, timeout=10)


def test_one_connection_serves_many_requests() -> None:
    """HTTP/1.1 keep-alive: the socket after ten requests is the socket of the first."""
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        sockets = set()
        for _ in range(10):
            connection.request("POST", "/v2/messages", BODY, {"x-api-key": SANDBOX_KEY})
            answer = connection.getresponse()
            assert answer.status == 200
            assert json.loads(answer.read())["success"] is True
            sockets.add(connection.sock)
        assert len(sockets) == 1
        assert (sandbox.ledger.requests, sandbox.ledger.credits) == (10, 10)
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/v2/messages", None, {}, 405),
        ("POST", "/v1/messages", BODY, {}, 404),
        ("POST", "/v2/messages", BODY, {"Content-Length": "1000001"}, 413),
        ("POST", "/v2/messages", BODY, {"Content-Length": "-1"}, 413),
        ("POST", "/v2/messages", BODY, {}, 403),
    ],
)
def test_what_is_no_request_of_this_api_is_refused(
    method: str, path: str, body: str | None, headers: dict[str, str], status: int
) -> None:
    """By HTTP's own codes; only the endpoint itself speaks in envelopes."""
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        connection.request(method, path, body, headers)
        assert connection.getresponse().status == status
        connection.close()


def test_a_body_of_unknown_length_is_refused() -> None:
    """The documented API is sent whole bodies; this server reads nothing else."""
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        # No body is sent: the server answers the head and hangs up, which a body on its way could run into.
        connection.putrequest("POST", "/v2/messages")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        assert connection.getresponse().status == 411
        connection.close()


def test_every_sandbox_starts_from_the_same_state() -> None:
    """What arrived in one has not arrived in another; two of them share no port."""
    with Sandbox() as one, Sandbox() as other:
        assert one.base_url != other.base_url
        connection = connect(one)
        connection.request("POST", "/v2/messages", BODY, {"x-api-key": SANDBOX_KEY})
        connection.getresponse().read()
        connection.close()
        assert (one.ledger.requests, other.ledger.requests) == (1, 0)


def test_a_taken_port_is_an_error() -> None:
    """Told when it is made, not when it is used."""
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox(port=int(sandbox.base_url.rpartition(":")[2]))
