"""The sandbox as a server: real sockets, kept-alive connections, quick to start and to stop."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from tests.support.patience import PATIENCE_S

BODY = json.dumps(
    {
        "account_id": SANDBOX_ACCOUNT,
        "action": "get_conversation",
        "params": {"profile_url": "https://www.linkedin.com/in/jane-doe-42"},
    }
)


def connect(sandbox: Sandbox) -> HTTPConnection:
    """A connection that stays open between requests."""
    return HTTPConnection(urlsplit(sandbox.base_url).netloc, timeout=PATIENCE_S)


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
def test_other_requests_are_refused(
    method: str, path: str, body: str | None, headers: dict[str, str], status: int
) -> None:
    """With HTTP's own codes; only the endpoint answers in the API's format."""
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        connection.request(method, path, body, headers)
        assert connection.getresponse().status == status
        connection.close()


def test_a_body_of_unknown_length_is_refused() -> None:
    """Clients of the documented API send whole bodies."""
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        # No body is sent: the server answers the head and hangs up, which a body on its way could run into.
        connection.putrequest("POST", "/v2/messages")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        assert connection.getresponse().status == 411
        connection.close()


def test_every_sandbox_starts_from_the_same_state() -> None:
    """Arrivals in one do not appear in another; each has its own port."""
    with Sandbox() as one, Sandbox() as other:
        assert one.base_url != other.base_url
        connection = connect(one)
        connection.request("POST", "/v2/messages", BODY, {"x-api-key": SANDBOX_KEY})
        connection.getresponse().read()
        connection.close()
        assert (one.ledger.requests, other.ledger.requests) == (1, 0)


def test_a_taken_port_is_an_error() -> None:
    """Raised when the sandbox is created."""
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox(port=int(sandbox.base_url.rpartition(":")[2]))
