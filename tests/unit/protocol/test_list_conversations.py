"""The second tool as a client meets it."""

from typing import Literal

import pytest
from mcp.client import Client
from mcp_types import TextContent

from mcp_server.conversation.models import ListQuery, Reading, Target
from mcp_server.errors import UpstreamFailed
from mcp_server.protocol.arguments import parse_arguments
from tests.support.serving import LIMITS, StubReader, serving

LIST = Reading("text", {"list": "text"}, 1, 1, None, targets=(Target("conversation_id", "2-abc"),))
Era = Literal["legacy", "auto"]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("era", ["legacy", "auto"])]


async def test_a_call_gets_both_channels_and_its_progress(era: Era) -> None:
    """In conversations, not messages."""
    told: list[str | None] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    reader = StubReader(LIST, pages=((10, 20), (20, 20)))
    async with Client(serving(reader), mode=era) as client:
        result = await client.call_tool("list_conversations", {"show": "unread"}, progress_callback=tell)
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert (content.text, result.structured_content) == ("text", {"list": "text"})
    assert reader.asked == [ListQuery(show="unread")]
    assert told == ["10 of 20 conversations", "20 of 20 conversations"]


async def test_a_failure_is_a_result_that_says_what_to_do(era: Era) -> None:
    """For a mistake of the caller and for one of the API."""
    async with Client(serving(StubReader(UpstreamFailed("It broke."))), mode=era) as client:
        wrong = await client.call_tool("list_conversations", {"count": 0})
        failed = await client.call_tool("list_conversations", {})
    for result, code in ((wrong, "invalid_arguments: "), (failed, "upstream_failed: ")):
        (content,) = result.content
        assert isinstance(content, TextContent)
        assert result.is_error
        assert content.text.startswith(code)


@pytest.mark.parametrize("argument", ["profile_url", "conversation_id"])
async def test_the_target_of_an_entry_is_taken_in_either_argument(era: Era, argument: str) -> None:
    """A model that puts it into the wrong one means the same conversation."""
    urn = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB,2-xyz==)"
    assert parse_arguments({argument: urn}, LIMITS).target == Target("conversation_id", urn)
    profile = Target("profile_url", "https://www.linkedin.com/in/jane-doe")
    assert parse_arguments({argument: "in/jane-doe"}, LIMITS).target == profile
