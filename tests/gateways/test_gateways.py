"""Clients reach the server through real gateways, and see what they see without one."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest
from mcp import Client
from mcp.client import Transport
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from mcp_server.transcript.parse import parse
from tests.gateways.routes import SERVER, TO_HTTP, TO_STDIO, ToHttp, ToStdio

PRIYA, CALLUM = "in/priya-raman-norbury", "in/callum-reyes-harbour-lane"
A_MESSAGE = "Gareth likes his little quotes"


class Seen(NamedTuple):
    """What a client sees: the tools, the entries of two pages and whether both had all figures, and two errors."""

    tools: list[dict[str, Any]]
    pages: list[tuple[object, ...]]
    figures: list[set[str]]
    errors: list[tuple[bool | None, str]]


async def see(transport: Transport) -> Seen:
    """List the tools, read two pages by the cursor in the text, and make two mistakes."""
    async with Client(transport) as client:
        tools = (await client.list_tools()).tools
        first = await call(client, count=5)
        cursor = re.findall(r"next_cursor: ([\w-]+)", text(first))[0]
        pages = [first, await call(client, count=5, cursor=cursor)]
        mistakes = [await call(client, count=0), await call(client, cuont=5)]
    return Seen(
        [
            tool.model_dump(by_alias=True, include={"name", "description", "input_schema", "output_schema"})
            for tool in tools
        ],
        [parse(text(page)).entries for page in pages],
        [set(page.structured_content or ()) for page in pages],
        [(mistake.is_error, text(mistake)) for mistake in mistakes],
    )


async def call(client: Client, **arguments: object) -> CallToolResult:
    return await client.call_tool("get_conversation", {"profile_url": PRIYA, **arguments})


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.fixture(scope="module")
def direct() -> Seen:
    return anyio.run(see, stdio_client(StdioServerParameters(command=SERVER[0], args=SERVER[1:])))


def name(gateway: ToHttp | ToStdio) -> str:
    return gateway.name


@pytest.mark.parametrize("gateway", TO_HTTP, ids=name)
def test_a_client_over_stdio_sees_what_it_sees_directly(
    gateway: ToHttp, url: str, direct: Seen, tmp_path: Path
) -> None:
    """Tools and schemas, two pages that join, and errors that say what is wrong and what to do."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog:
        check(anyio.run(see, gateway.transport(url, errlog)), direct)
    assert (A_MESSAGE in log.read_text(encoding="utf-8")) is gateway.logs_messages


@pytest.mark.parametrize("gateway", TO_STDIO, ids=name)
def test_clients_over_http_see_what_they_see_directly(gateway: ToStdio, direct: Seen, tmp_path: Path) -> None:
    """And each sees its own, where two read different conversations at the same time."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog, gateway.running(errlog) as url:
        check(anyio.run(see, streamable_http_client(url)), direct)
        assert anyio.run(read_at_once, url) == [{PRIYA}, {CALLUM}]
    assert (A_MESSAGE in log.read_text(encoding="utf-8")) is gateway.logs_messages


def check(seen: Seen, direct: Seen) -> None:
    assert seen == direct
    assert all(is_error for is_error, _ in seen.errors)
    assert 'Unknown argument "cuont": did you mean count?' in seen.errors[1][1]


async def read_at_once(url: str) -> list[set[str]]:
    """Two clients read a conversation each, five times; returns which ones each was shown."""
    shown: list[set[str]] = [set(), set()]

    async def read(target: str, seen: set[str]) -> None:
        async with Client(streamable_http_client(url)) as client:
            for _ in range(5):
                answer = text(await call(client, profile_url=target, count=3))
                seen.update(person for person in (PRIYA, CALLUM) if f" {person} " in answer)

    async with anyio.create_task_group() as clients:
        clients.start_soon(read, PRIYA, shown[0])
        clients.start_soon(read, CALLUM, shown[1])
    return shown


@pytest.mark.parametrize("gateway", TO_HTTP, ids=name)
def test_a_wrong_token_reads_nothing_and_is_reported(gateway: ToHttp, url: str, tmp_path: Path) -> None:
    """In the gateway's log, by two of four in the server's words. FastMCP's proxy is up, but has no tools."""
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errlog:
        assert anyio.run(tools_offered, gateway.transport(url, errlog, token="wrong")) == 0
    assert gateway.refusal in " ".join(log.read_text(encoding="utf-8").split())


async def tools_offered(transport: Transport) -> int:
    """The number of tools, 0 if the connection fails."""
    offered = 0
    try:
        async with Client(transport) as client:
            offered = len((await client.list_tools()).tools)
    except* MCPError:
        pass
    return offered
