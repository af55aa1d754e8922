"""What goes over the wire to the API, and to whom it goes: exact requests, verified hosts, the probe."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from mcp_server import __version__
from mcp_server.conversation.models import Page, Target
from mcp_server.errors import (
    AccountInactive,
    BadCredentials,
    BadResponse,
    RequestRejected,
    UnknownAccount,
    UpstreamError,
    UpstreamUnreachable,
)
from tests.support.certificates import Authority
from tests.support.chaos import ChaosUpstream, answer, message, page, page_body, refusal
from tests.support.clients import KEY, client_for, read

pytestmark = pytest.mark.anyio

GOOD = page([message("hello")])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


async def test_a_page_is_one_post_with_exactly_the_documented_body() -> None:
    """Account, action, one target, count, and the cursor where there is one; the key in its header."""
    async with ChaosUpstream(GOOD) as upstream, client_for(upstream.base_url) as client:
        soon = anyio.current_time() + 5
        profile = Target("profile_url", "https://www.linkedin.com/in/jane-doe-42")
        await client.page(Target("conversation_id", "urn:li:x"), cursor=None, count=10, deadline=soon)
        await client.page(profile, cursor="1777146285823", count=7, deadline=soon)

    first, second = upstream.requests
    assert first.line == "POST /v2/messages HTTP/1.1"
    assert first.document == {
        "account_id": "acct",
        "action": "get_conversation",
        "params": {"conversation_id": "urn:li:x", "count": 10},
    }
    assert second.document["params"] == {"profile_url": profile.value, "count": 7, "cursor": "1777146285823"}
    assert dict(first.headers) == {
        "host": f"127.0.0.1:{upstream.port}",
        "content-type": "application/json",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": f"conversation-mcp/{__version__}",
        "x-api-key": KEY,
        "content-length": str(len(first.body)),
    }


async def test_nothing_an_api_sets_comes_back_to_it() -> None:
    """A cookie would tie calls together that have nothing to do with each other."""
    cookie = answer(page_body([]), headers={"Set-Cookie": "session=1"})
    async with ChaosUpstream(cookie) as upstream, client_for(upstream.base_url) as client:
        await read(client)
        await read(client)
    assert "cookie" not in upstream.requests[1].headers


async def test_a_host_with_a_good_certificate_is_asked(authority: Authority) -> None:
    """TLS works where it should, so that the refusals below mean something."""
    async with (
        ChaosUpstream(GOOD, tls=authority.serving()) as upstream,
        client_for(upstream.base_url, tls=authority.trusting()) as client,
    ):
        assert isinstance(await read(client), Page)


@pytest.mark.parametrize(
    ("host", "expired", "trusted", "reason"),
    [
        ("127.0.0.1", True, True, "certificate has expired"),
        ("messages.example.com", False, True, "mismatch"),
        ("127.0.0.1", False, False, "unable to get local issuer certificate"),
    ],
    ids=["expired", "for another host", "signed by nobody known"],
)
async def test_a_bad_certificate_is_refused_at_once(
    authority: Authority, host: str, expired: bool, trusted: bool, reason: str
) -> None:
    """Row 3: no retry, no request, and the reason is named."""
    async with (
        ChaosUpstream(GOOD, tls=authority.serving(host=host, expired=expired)) as upstream,
        client_for(upstream.base_url, tls=authority.trusting() if trusted else None) as client,
    ):
        outcome = await read(client)
        assert isinstance(outcome, UpstreamUnreachable)
        assert reason in outcome.what
        assert upstream.requests == []


async def test_a_port_that_speaks_no_tls_is_refused_at_once() -> None:
    """A wrong port is a setting to correct, not something to try again."""
    accepted: list[SocketStream] = []

    async def plain(stream: SocketStream) -> None:
        accepted.append(stream)
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    outcome = await _read_over_tls_from(plain)
    assert isinstance(outcome, UpstreamUnreachable)
    assert "TLS" in outcome.what
    assert len(accepted) == 1


async def test_a_handshake_that_breaks_off_is_tried_again_for_free() -> None:
    """Nothing was sent yet: a load balancer that restarts looks like this."""
    accepted: list[SocketStream] = []

    async def gone(stream: SocketStream) -> None:
        accepted.append(stream)
        await stream.aclose()

    assert isinstance(await _read_over_tls_from(gone), UpstreamUnreachable)
    assert len(accepted) == 3


async def test_a_handshake_that_never_ends_is_over_by_the_deadline() -> None:
    """No connection in time is "unreachable": nothing was sent, nothing can have been billed."""

    async def silent(stream: SocketStream) -> None:
        async with stream:
            await anyio.sleep_forever()

    outcome = await _read_over_tls_from(silent, within_s=0.3)
    assert isinstance(outcome, UpstreamUnreachable)
    assert "timed out" in outcome.what


async def _read_over_tls_from(
    serve: Callable[[SocketStream], Awaitable[None]], *, within_s: float = 5.0
) -> Page | UpstreamError:
    """What reading comes to where `serve` handles the connections that TLS is expected on."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as tasks, client_for(f"https://127.0.0.1:{port}") as client:
        tasks.start_soon(listener.serve, serve)
        outcome = await read(client, within_s=within_s)
        assert client.possible_extra_requests == 0
        tasks.cancel_scope.cancel()
    return outcome


async def test_the_probe_names_no_conversation_and_takes_the_refusal_for_an_answer() -> None:
    """Nothing could come back for such a request, so nothing can be billed."""
    async with ChaosUpstream(refusal(400, "INVALID_PARAMS")) as upstream, client_for(upstream.base_url) as client:
        assert "accepted the key" in await client.probe()
        assert [request.document["params"] for request in upstream.requests] == [{}]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "INVALID_API_KEY", BadCredentials),
        (403, "ACCOUNT_INACTIVE", AccountInactive),
        (404, "INVALID_ACCOUNT", UnknownAccount),
        (400, "INVALID_ACTION", RequestRejected),
        (404, "", BadResponse),
    ],
)
async def test_the_probe_tells_what_is_wrong(status: int, code: str, error: type[UpstreamError]) -> None:
    """The same typed errors a page would give."""
    async with ChaosUpstream(refusal(status, code)) as upstream, client_for(upstream.base_url) as client:
        with pytest.raises(error):
            await client.probe()


async def test_a_probe_that_is_answered_with_a_page_is_no_success() -> None:
    """Whatever answers that way is not the API that was documented."""
    async with ChaosUpstream(GOOD) as upstream, client_for(upstream.base_url) as client:
        with pytest.raises(BadResponse):
            await client.probe()


async def test_the_client_is_imported_without_httpx() -> None:
    """It costs 80 ms, which the first answer of a server does not need."""
    program = "import sys, mcp_server.upstream.client; print('httpx' in sys.modules)"
    root = Path(__file__).parents[2]
    found = await anyio.to_thread.run_sync(
        lambda: subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    )
    assert found.stdout.strip() == "False"
