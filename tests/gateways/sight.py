"""What a client sees of the server, directly or through a gateway."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import anyio
from mcp import Client
from mcp.client import Transport
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from mcp_server.transcript.parse import parse

PRIYA, CALLUM = "in/priya-raman-norbury", "in/callum-reyes-harbour-lane"
A_MESSAGE = "Gareth likes his little quotes"


class Seen(NamedTuple):
    """What a client sees: the tools, the entries of two pages and whether both had all figures, and two errors."""

    tools: list[dict[str, Any]]
    pages: list[tuple[object, ...]]
    figures: list[set[str]]
    errors: list[tuple[bool | None, str]]


async def see(transport: Transport, era: str, prefix: str = "") -> Seen:
    """List the tools, read two pages by the cursor in the text, and make two mistakes.

    `prefix` is what the gateway puts before the names of tools.
    """
    async with Client(transport, mode=era) as client:
        read = partial(call, client, prefix)
        tools = (await client.list_tools()).tools
        first = await read(count=5)
        cursor = re.findall(r"next_cursor: ([\w-]+)", text(first))[0]
        pages = [first, await read(count=5, cursor=cursor)]
        mistakes = [await read(count=0), await read(cuont=5)]
    return Seen(
        [
            tool.model_dump(by_alias=True, include={"description", "input_schema", "output_schema"})
            | {"name": tool.name.removeprefix(prefix)}
            for tool in tools
        ],
        [parse(text(page)).entries for page in pages],
        [set(page.structured_content or ()) for page in pages],
        [(mistake.is_error, text(mistake)) for mistake in mistakes],
    )


async def call(client: Client, prefix: str, **arguments: object) -> CallToolResult:
    return await client.call_tool(f"{prefix}get_conversation", {"profile_url": PRIYA, **arguments})


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def check(seen: Seen, direct: Seen) -> None:
    assert seen == direct
    assert all(is_error for is_error, _ in seen.errors)
    assert 'Unknown argument "cuont": did you mean count?' in seen.errors[1][1]


async def read_at_once(connect: Callable[[], Transport], prefix: str = "") -> list[set[str]]:
    """Two clients read a conversation each, five times; returns which ones each was shown."""
    shown: list[set[str]] = [set(), set()]

    async def read(target: str, seen: set[str]) -> None:
        async with Client(connect()) as client:
            for _ in range(5):
                answer = text(await call(client, prefix, profile_url=target, count=3))
                seen.update(person for person in (PRIYA, CALLUM) if f" {person} " in answer)

    async with anyio.create_task_group() as clients:
        clients.start_soon(read, PRIYA, shown[0])
        clients.start_soon(read, CALLUM, shown[1])
    return shown


async def tools_offered(transport: Transport) -> int:
    """The number of tools, 0 if the connection fails."""
    offered = 0
    try:
        async with Client(transport) as client:
            offered = len((await client.list_tools()).tools)
    except* MCPError:
        pass
    return offered
