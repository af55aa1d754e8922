"""Clients reach the server through real gateways, and see what they see without one."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest
from mcp import Client
from mcp.client import Transport
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from mcp_server.transcript.parse import parse
from tests.gateways.routes import SERVER, TO_HTTP, TO_STDIO, ToHttp

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"


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


Through = Callable[[str], AbstractContextManager[Transport]]
"""The way through a gateway, to a server at this URL or to one that the gateway starts."""


@contextmanager
def over_http(gateway: ToHttp, url: str) -> Iterator[Transport]:
    with open("/dev/null", "w", encoding="utf-8") as nowhere:
        yield gateway.transport(url, nowhere)


ROUTES = {
    **{f"{each.name} to HTTP": lambda url, each=each: over_http(each, url) for each in TO_HTTP},
    **{f"{each.name} to stdio": lambda url, each=each: each.running() for each in TO_STDIO},
}


@pytest.fixture(scope="module")
def direct() -> Seen:
    return anyio.run(see, stdio_client(StdioServerParameters(command=SERVER[0], args=SERVER[1:])))


@pytest.mark.parametrize("through", ROUTES.values(), ids=ROUTES)
def test_a_client_sees_through_a_gateway_what_it_sees_directly(through: Through, url: str, direct: Seen) -> None:
    """Tools and schemas, two pages that join, and errors that say what is wrong and what to do."""
    with through(url) as transport:
        seen = anyio.run(see, transport)
    assert seen == direct
    assert all(is_error for is_error, _ in seen.errors)
    assert 'Unknown argument "cuont": did you mean count?' in seen.errors[1][1]


@pytest.mark.parametrize("gateway", TO_HTTP, ids=lambda each: each.name)
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
