"""LiteLLM's proxy, over HTTP on both sides: it puts a prefix before names of tools, and asks for a key of its own."""

import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import httpx2
import pytest
from mcp.client import Transport
from mcp.client.streamable_http import streamable_http_client

from tests.gateways.routes import HANDSHAKE, TOKEN, TOKEN_NEEDED, authorization, litellm
from tests.gateways.sight import A_MESSAGE, CALLUM, PRIYA, Seen, check, read_at_once, see, tools_offered
from tests.support.replicas import free_port, process

PREFIX = "linkedin-"


class Gateway(NamedTuple):
    """The way to each server that it was given, and its log."""

    to: Callable[[str], Transport]
    log: Path


@pytest.fixture(scope="module")
def gateway(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """In front of the server twice, the second time with a wrong token."""
    folder = tmp_path_factory.mktemp("litellm")
    key, port, log = f"sk-{secrets.token_hex(32)}", free_port(), folder / "log"
    servers = {
        name: {"transport": "http", "url": url, "auth_type": "bearer_token", "auth_value": token}
        for name, token in (("linkedin", TOKEN), ("locked", "wrong"))
    }
    # JSON is YAML.
    settings = folder / "config.yaml"
    settings.write_text(json.dumps({"mcp_servers": servers, "general_settings": {"master_key": key}}))
    command, env = litellm(settings, port)
    with log.open("w", encoding="utf-8") as output, process(command, port, output, env=env):
        yield Gateway(lambda name: _connected(f"http://127.0.0.1:{port}/mcp/{name}", key), log)


@asynccontextmanager
async def _connected(url: str, key: str) -> AsyncIterator[Any]:
    headers = {"Authorization": authorization(key)}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=None) as client,
        streamable_http_client(url, http_client=client) as streams,
    ):
        yield streams


def test_a_client_sees_what_it_sees_directly(gateway: Gateway, direct: Seen) -> None:
    """It opens the connection as clients of 2025 do. The newest fall back to that."""
    check(anyio.run(see, gateway.to("linkedin"), HANDSHAKE[0], PREFIX), direct)


def test_each_client_sees_its_own_and_no_message_is_in_the_log(gateway: Gateway) -> None:
    """Two read different conversations at the same time."""
    assert anyio.run(read_at_once, partial(gateway.to, "linkedin"), PREFIX) == [{PRIYA}, {CALLUM}]
    assert A_MESSAGE not in gateway.log.read_text(encoding="utf-8")


def test_a_wrong_token_gives_no_tools_and_is_in_the_log_alone(gateway: Gateway) -> None:
    """In the server's words."""
    assert anyio.run(tools_offered, gateway.to("locked")) == 0
    assert TOKEN_NEEDED in gateway.log.read_text(encoding="utf-8")
