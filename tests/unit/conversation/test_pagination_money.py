"""What a walk may still buy under a ceiling of credits."""

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


def test_a_small_page_shows_the_price() -> None:
    """Prices are not told beforehand, so under a ceiling little is asked for until one is known."""
    assert walk_with().affordable(1) == 10
    assert Walk(START, count=3).affordable(1) == 3


def test_the_price_of_earlier_calls_holds_for_the_first_page() -> None:
    """Which is bought in any case."""
    assert walk_with().affordable(3, messages_per_credit=10.0) == 30
    assert walk_with().affordable(3, messages_per_credit=0.1) == 1


def test_without_a_ceiling_everything_is_affordable() -> None:
    """What is missing is asked for."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=1)).affordable(None) == 90


def test_the_price_of_what_was_bought_says_how_much_more_fits() -> None:
    """Ten messages for one credit: forty more for four."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=1)).affordable(5) == 40


def test_pages_that_cost_nothing_say_nothing_of_the_price() -> None:
    """What another call has paid for is not counted as cheap."""
    kept = Page(tuple(chat(40)[:20]), "a", credits=0)
    bought = Page(tuple(chat(40)[20:]), "b", credits=2)
    assert walk_with(kept).affordable(2) == 10
    assert walk_with(kept, bought).affordable(3) == 10


def test_at_the_ceiling_nothing_is_affordable() -> None:
    """Nor is it beyond."""
    assert walk_with(Page(tuple(chat(10)), "next", credits=9)).affordable(5) == 0


@pytest.mark.anyio
async def test_a_call_stops_at_its_ceiling_and_its_cursor_goes_on() -> None:
    """What was bought is shown, and the next call begins where this one stopped."""
    source = MemorySource(chat(60))
    capped = reader(source, page_size=10, max_credits=2)
    first = await capped.read(query(count=60, detail="verbatim"))
    assert first.credits == 2
    assert "! Reading stopped at 2 credits, the most for one call. next_cursor goes on." in first.text
    second = await capped.read(query(count=60, detail="verbatim", cursor=first.next_cursor))
    assert [len(r.text.split("message number")) - 1 for r in (first, second)] == [20, 20]
    assert source.asked == [(None, 10), ("10", 10), ("20", 10), ("30", 10)]


@pytest.mark.anyio
@pytest.mark.parametrize("ceiling", [1, 3])
async def test_a_ceiling_holds_from_the_first_page_on(ceiling: int) -> None:
    """Ten messages a credit: the first call finds that out with ten, the next one knows."""
    capped = reader(MemorySource(chat(200)), page_size=50, max_credits=ceiling)
    for _ in range(2):
        reading = await capped.read(query(count=200, detail="verbatim", max_tokens=20_000))
        assert reading.credits == ceiling
        assert f"! Reading stopped at {ceiling} credit" in reading.text
