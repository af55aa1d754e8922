"""Clients reach the server through real gateways, and see what they see without one."""

from functools import partial
from pathlib import Path

import anyio
import pytest
from mcp.client.streamable_http import streamable_http_client

from tests.gateways.routes import TO_HTTP, TO_STDIO, ToHttp, ToStdio
from tests.gateways.sight import A_MESSAGE, CALLUM, PRIYA, Seen, check, read_at_once, see, tools_offered


def name(gateway: ToHttp | ToStdio) -> str:
    return gateway.name


@pytest.mark.parametrize(("gateway", "era"), [(each, era) for each in TO_HTTP for era in each.eras], ids=str)
def test_a_client_over_stdio_sees_what_it_sees_directly(
    gateway: ToHttp, era: str, url: str, direct: Seen, tmp_path: Path
) -> None:
    """Tools and schemas, two pages that join, and errors that say what is wrong and what to do."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog:
        check(anyio.run(see, gateway.transport(url, errlog), era), direct)
    assert (A_MESSAGE in log.read_text(encoding="utf-8")) is gateway.logs_messages


@pytest.mark.parametrize("gateway", TO_STDIO, ids=name)
def test_clients_over_http_see_what_they_see_directly(gateway: ToStdio, direct: Seen, tmp_path: Path) -> None:
    """In each era of the gateway; and each sees its own, where two read different conversations at the same time."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog, gateway.running(errlog) as url:
        for era in gateway.eras:
            check(anyio.run(see, streamable_http_client(url), era), direct)
        assert anyio.run(read_at_once, partial(streamable_http_client, url)) == [{PRIYA}, {CALLUM}]
    assert (A_MESSAGE in log.read_text(encoding="utf-8")) is gateway.logs_messages


@pytest.mark.parametrize("gateway", TO_HTTP, ids=name)
def test_a_wrong_token_reads_nothing_and_is_reported(gateway: ToHttp, url: str, tmp_path: Path) -> None:
    """In the gateway's log, by two of four in the server's words. FastMCP's proxy is up, but has no tools."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog:
        assert anyio.run(tools_offered, gateway.transport(url, errlog, token="wrong")) == 0
    assert gateway.refusal in " ".join(log.read_text(encoding="utf-8").split())
