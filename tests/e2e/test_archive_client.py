"""An archive as a client sees it: the tool, its walk, focus and since, a prompt and the resource."""

import os
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent, TextResourceContents

from mcp_server.protocol.server import conversation_uri
from tests.support.exports import FRIEND, OWNER, Row, conversation_id, csv_of, mine, url, written
from tests.support.patience import PATIENCE_S

FRIENDS_URL = url(FRIEND)

pytestmark = pytest.mark.anyio


def exported(folder: Path) -> Path:
    """An export with thirty messages of one conversation, one per minute; the owner wrote the first."""
    rows = [Row(f"note {number}", at=f"2026-02-03T07:{59 - number:02}:00") for number in range(29)]
    return written(folder / "messages.csv", csv_of([*rows, mine("we begin", at="2026-01-01T00:00:00")]))


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_everything_that_reads_a_conversation_reads_an_archive(era: str, tmp_path: Path) -> None:
    """Without a credit, in both eras of the protocol; each transcript names the day of the export."""
    environ = {
        "PATH": os.environ.get("PATH", ""),
        "CONVERSATION_ARCHIVE": str(exported(tmp_path)),
        "CONVERSATION_SELF_PROFILE_URL": url(OWNER),
    }
    command = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server"], env=environ)
    target = {"profile_url": FRIENDS_URL, "count": 10}
    with anyio.fail_after(PATIENCE_S):
        async with Client(command, mode=era) as client:
            first = await client.call_tool("get_conversation", target)
            assert first.structured_content is not None, text(first)
            older = await client.call_tool(
                "get_conversation", {**target, "cursor": first.structured_content["next_cursor"]}
            )
            since = await client.call_tool("get_conversation", {**target, "count": 30, "since": "2026-02-03T07:56"})
            focused = await client.call_tool(
                "get_conversation", {**target, "count": 30, "max_tokens": 300, "focus": "who did begin"}
            )
            prompt = await client.get_prompt("catch_up", {"target": FRIENDS_URL})
            listed = await client.call_tool("list_conversations", {})
            read = await client.read_resource(conversation_uri(conversation_id(1)))

    assert text(first).splitlines()[0] == "ARCHIVE of 2026-02-03: nothing newer"
    assert first.structured_content["credits"] == 0
    assert " note 0\n" in text(first)
    assert "note 10\n" in text(older)
    assert "note 9\n" not in text(older)
    assert "note 2\n" in text(since)
    assert "note 4\n" not in text(since)
    assert "we begin" in text(focused)
    assert isinstance(prompt.messages[0].content, TextContent)
    assert "note 0\n" in prompt.messages[0].content.text
    assert f"in/{FRIENDS_URL.rsplit('/', 1)[1]}" in text(listed)
    (resource,) = read.contents
    assert isinstance(resource, TextResourceContents)
    assert "we begin" in resource.text
