"""Reading on after messages were deleted, from an API whose cursors are offsets: nothing is skipped without a word."""

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import Reading
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.caching import Clock
from tests.support.conversations import chat, query, reader
from tests.support.prices import Charging, by_ten
from tests.support.reading import remarks, texts, told

pytestmark = pytest.mark.anyio

NOTE = (
    "2 messages were deleted while this conversation was read, so the API may have skipped as many others. "
    "Call again without cursor to see them."
)


async def two_calls(background: TaskGroup, *, pause_s: float = 5, max_credits: int | None = None) -> list[Reading]:
    """Twice ten of 60 messages; two of the first ten are deleted in between."""
    source, clock = Charging(chat(60), by_ten), Clock()
    pages = CachedPages(source, TimelineCache(clock_s=clock), background, account_id="account")
    conversation = reader(pages, max_credits=max_credits)
    first = await conversation.read(query(max_tokens=20_000))
    del source.messages[4:6]
    clock.now_s += pause_s
    second = await conversation.read(query(max_tokens=20_000, cursor=first.next_cursor))
    assert first.credits + second.credits == source.bill
    return [first, second]


async def test_messages_skipped_after_a_deletion_are_shown(background: TaskGroup) -> None:
    """The page that overlaps takes another request."""
    answers = await two_calls(background)
    assert texts(*answers)[-20:] == told(60)[-20:]
    assert remarks(answers[1]) == ()
    assert [answer.credits for answer in answers] == [1, 2]


@pytest.mark.parametrize("changes", [{"pause_s": 1000}, {"max_credits": 1}])
async def test_messages_that_may_have_been_skipped_are_reported(
    background: TaskGroup, changes: dict[str, float]
) -> None:
    """Nothing is in memory any more, or the limit of credits allows no other request."""
    _, second = await two_calls(background, **changes)  # type: ignore[arg-type]  # by name
    assert remarks(second) == (NOTE,)
    assert texts(second)[-1] == told(60)[-13]


async def test_a_page_of_two_requests_shows_no_price(background: TaskGroup) -> None:
    """Later pages are filled up as before."""
    source = Charging(chat(60), by_ten)
    pages = CachedPages(source, TimelineCache(), background, account_id="account")
    conversation = reader(pages)
    first = await conversation.read(query(count=10))
    del source.messages[4:6]
    second = await conversation.read(query(count=15, cursor=first.next_cursor))
    third = await conversation.read(query(count=7, cursor=second.next_cursor))
    assert [count for _, count in source.asked][-1] % 10 == 0
    assert third.credits <= 1
