"""Requests through a proxy that a setting names, and errors where a variable names one that is not used."""

from base64 import b64encode

import pytest

from mcp_server.conversation.models import Page
from mcp_server.errors import UpstreamUnreachable
from tests.support.certificates import Authority
from tests.support.chaos import ChaosUpstream, message, page
from tests.support.clients import KEY, client_for, read
from tests.support.proxy import Proxy

pytestmark = pytest.mark.anyio

GOOD = page([message("hello")])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def through(proxy: str) -> dict[str, str]:
    """The environment with the setting."""
    return {"CONVERSATION_PROXY": proxy}


async def test_requests_go_through_the_proxy_of_the_setting(authority: Authority) -> None:
    """In a tunnel, so that the proxy sees the host and its own password, and neither the key nor a message."""
    async with Proxy() as proxy, ChaosUpstream(GOOD, tls=authority.serving()) as upstream:
        setting = f"http://nora:p%40ss@{proxy.address}"
        async with client_for(upstream.base_url, tls=authority.trusting(), environ=through(setting)) as client:
            assert isinstance(await read(client), Page)
            assert isinstance(await read(client), Page)
        (head,) = proxy.requests
        assert head.startswith(f"CONNECT 127.0.0.1:{upstream.port} HTTP/1.1\r\n")
        assert f"Proxy-Authorization: Basic {b64encode(b'nora:p@ss').decode()}\r\n" in head
        assert KEY not in head
        assert [dict(each.headers)["x-api-key"] for each in upstream.requests] == [KEY, KEY]
        assert "proxy-authorization" not in upstream.requests[0].headers


async def test_plain_http_goes_through_no_proxy() -> None:
    """It is for this machine only, such as the sandbox, which no proxy could reach."""
    async with (
        Proxy() as proxy,
        ChaosUpstream(GOOD) as upstream,
        client_for(upstream.base_url, environ=through(proxy.address)) as client,
    ):
        assert isinstance(await read(client), Page)
        assert proxy.requests == []


@pytest.mark.parametrize(("status", "reason"), [(407, "(HTTP 407)"), (502, "(HTTP 502)")])
async def test_a_proxy_that_refuses_is_named(authority: Authority, status: int, reason: str) -> None:
    """Nothing was sent to the API, so that nothing can have been billed, and another attempt is free."""
    async with (
        Proxy(status=status) as proxy,
        ChaosUpstream(GOOD, tls=authority.serving()) as upstream,
        client_for(upstream.base_url, tls=authority.trusting(), environ=through(proxy.address)) as client,
    ):
        outcome = await read(client)
        assert isinstance(outcome, UpstreamUnreachable)
        assert outcome.what == (
            "No connection to the API could be made through the proxy in CONVERSATION_PROXY: "
            f"the proxy refused it {reason}."
        )
        assert outcome.maybe_extra == 0
        assert len(proxy.requests) == 3
        assert upstream.requests == []


async def test_a_proxy_that_does_not_answer_is_named(authority: Authority) -> None:
    """It is not the API that did not answer, and may have billed."""
    async with (
        Proxy(silent=True) as proxy,
        client_for("https://messages.example.com", tls=authority.trusting(), environ=through(proxy.address)) as client,
    ):
        outcome = await read(client, within_s=0.3)
        assert isinstance(outcome, UpstreamUnreachable)
        assert "through the proxy in CONVERSATION_PROXY: it timed out." in outcome.what
        assert outcome.maybe_extra == 0


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_variable_for_a_proxy_that_is_not_used_is_named(variable: str) -> None:
    """A machine that reaches the internet through a proxy only."""
    async with Proxy() as proxy:
        gone = f"http://{proxy.address}"
    async with client_for(gone.replace("http:", "https:"), environ={variable: "http://proxy:3128"}) as client:
        outcome = await read(client)
    assert isinstance(outcome, UpstreamUnreachable)
    assert outcome.advice.startswith(
        f"{variable} is set but not used: to connect through a proxy, put its URL into CONVERSATION_PROXY. "
    )
