"""How many messages a walk may still request under a limit of credits."""

import pytest

from mcp_server.conversation.cursor import START
from mcp_server.conversation.models import Page
from mcp_server.conversation.pagination import Walk
from tests.support.conversations import MemorySource, chat, query, reader


def walk_with(*pages: Page) -> Walk:
    """A walk over a hundred messages that has taken these pages."""
    walk = Walk(START, count=100)
    for page in pages:
        walk.take(page)
    return walk


def test_a_small_page_is_requested_while_the_price_is_unknown() -> None:
    """The API states a price only in a response."""
    assert walk_with().affordable(1) == 10
    assert Walk(START, count=3).affordable(1) == 3


def test_the_price_of_earlier_calls_limits_the_first_page() -> None:
    """Which is always requested, at least for one message."""
    assert walk_with().affordable(3, messages_per_credit=10.0) == 30
    assert walk_with().affordable(3, messages_per_credit=0.1) == 1


def test_without_a_limit_all_missing_messages_are_affordable() -> None:
    """They are requested."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=1)).affordable(None) == 90


def test_the_price_of_earlier_pages_limits_the_next() -> None:
    """Ten messages for one credit: forty more for four."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=1)).affordable(5) == 40


def test_cached_pages_do_not_count_for_the_price() -> None:
    """Pages that another call has paid for are not cheap."""
    kept = Page(tuple(chat(40)[:20]), "a", credits=0)
    bought = Page(tuple(chat(40)[20:]), "b", credits=2)
    assert walk_with(kept).affordable(2) == 10
    assert walk_with(kept, bought).affordable(3) == 10


def test_at_or_above_the_limit_nothing_is_affordable() -> None:
    """The walk has spent 9 of 5 credits."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=9)).affordable(5) == 0


@pytest.mark.anyio
async def test_a_call_stops_at_its_limit_and_its_cursor_resumes_there() -> None:
    """The messages paid for are shown, and the next call begins where this one stopped."""
    source = MemorySource(chat(60))
    capped = reader(source, page_size=10, max_credits=2)
    first = await capped.read(query(count=60, detail="verbatim"))
    assert first.credits == 2
    assert "! Reading stopped at 2 credits, the limit per call. Use next_cursor to continue." in first.text
    second = await capped.read(query(count=60, detail="verbatim", cursor=first.next_cursor))
    assert [len(r.text.split("message number")) - 1 for r in (first, second)] == [20, 20]
    assert source.asked == [(None, 10), ("10", 10), ("20", 10), ("30", 10)]


@pytest.mark.anyio
@pytest.mark.parametrize("ceiling", [1, 3])
async def test_the_limit_holds_from_the_first_page_on(ceiling: int) -> None:
    """The first call learns the price from ten messages, the next one knows it."""
    capped = reader(MemorySource(chat(200)), page_size=50, max_credits=ceiling)
    for _ in range(2):
        reading = await capped.read(query(count=200, detail="verbatim", max_tokens=20_000))
        assert reading.credits == ceiling
        assert f"! Reading stopped at {ceiling} credit" in reading.text
