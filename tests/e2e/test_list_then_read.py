"""An agent that knows nobody finds a conversation and reads it, from what its model sees, over both transports."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import TextContent

from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse
from mcp_server.sandbox import Sandbox
from tests.support.conversations import counter
from tests.support.exports import MODERN, OWNER, Row, csv_of
from tests.support.http_server import environment_for, http_server
from tests.support.patience import PATIENCE_S

BUDGET = 700
Era = Literal["legacy", "auto"]
pytestmark = pytest.mark.anyio


def export(folder: Path) -> Path:
    """An export with a person, a group and the owner's own last word."""
    rows = [
        Row("Shall we meet?", conversation=1, at="2026-03-01T10:00:00"),
        Row("Of course.", conversation=2, sender=OWNER, to=("Finn Friend",), at="2026-03-02T10:00:00"),
        Row("elsewhere", sender="Gail Other", conversation=99, at="2020-01-01T00:00:00"),
        Row("All of you: the fair!", conversation=3, to=(OWNER, "Gail Other"), at="2026-03-03T10:00:00"),
    ]
    path = folder / "messages.csv"
    path.write_bytes(csv_of(rows, MODERN))
    return path


@contextmanager
def served(source: str, transport: str, folder: Path) -> Iterator[Any]:
    """What a client connects to: a process that reads the sandbox or an export."""
    with Sandbox() as sandbox:
        arguments = ["--archive", str(export(folder))] if source == "archive" else []
        environment = {} if source == "archive" else environment_for(sandbox.base_url)
        if transport == "http":
            with http_server(environment, *arguments) as server:
                yield server.url
            return
        command = ["-m", "mcp_server", *arguments]
        yield StdioServerParameters(command=sys.executable, args=command, env={**os.environ, **environment})


async def call(client: Client, tool: str, **arguments: object) -> tuple[str, dict[str, Any]]:
    """Both channels of an answer, which is within the budget in each."""
    result = await client.call_tool(tool, {"max_tokens": BUDGET, **arguments})
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert not result.is_error, content.text
    assert result.structured_content is not None
    assert counter().count(content.text) <= BUDGET
    return content.text, result.structured_content


@pytest.mark.parametrize("source", ["sandbox", "archive"])
@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_every_listed_conversation_can_be_read(source: str, transport: str, era: Era, tmp_path: Path) -> None:
    """By the first word of its entry; the name there is the name in the transcript, and "(me)" needs no setting."""
    with served(source, transport, tmp_path) as server, anyio.fail_after(PATIENCE_S):
        async with Client(server, mode=era) as client:
            entries: list[ListedEntry] = []
            cursor: object = None
            while True:
                text, structured = await call(client, "list_conversations", cursor=cursor)
                assert text.startswith(structured["list"])
                entries += [item for item in parse(text).items if isinstance(item, ListedEntry)]
                cursor = structured.get("next_cursor")
                if cursor is None:
                    break
                assert text.endswith(f"next_cursor: {cursor}")
            assert len(entries) == len({entry.target for entry in entries}) >= 3
            for entry in entries[:6]:
                argument = "profile_url" if entry.target.startswith("in/") else "conversation_id"
                text, _ = await call(client, "get_conversation", count=10, **{argument: entry.target})
                if entry.target.startswith("in/"):
                    assert entry.name in text
                assert re.search(r"^\S+ \(me\) ", text, flags=re.M) or " (me) " not in text
                if entry.turn == "me":
                    assert ": (me) " in text
            assert any(entry.turn == "me" for entry in entries)
