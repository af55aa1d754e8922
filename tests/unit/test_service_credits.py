"""A limit of credits per call, whatever the API charges."""

from dataclasses import replace

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import InvalidArguments
from mcp_server.settings import MAX_CREDITS_PER_CALL
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import MemorySource, chat, message, query, reader
from tests.support.odd_sources import Changed
from tests.support.prices import Charging, by_ten
from tests.support.reading import texts, told, transcript

pytestmark = pytest.mark.anyio


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


@pytest.mark.parametrize("ceiling", [1, 3])
async def test_the_limit_holds_from_the_first_page_on(ceiling: int) -> None:
    """The first call learns the price from ten messages, the next one knows it."""
    capped = reader(MemorySource(chat(200)), page_size=50, max_credits=ceiling)
    for _ in range(2):
        reading = await capped.read(query(count=200, detail="verbatim", max_tokens=20_000))
        assert reading.credits == ceiling
        assert f"! Reading stopped at {ceiling} credit" in reading.text


async def test_empty_pages_count_for_the_limit() -> None:
    """Each costs a credit and leads to another one."""

    class Empty(MemorySource):
        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
            return Page((), str(len(self.asked)), credits=1)

    source = Empty(chat(60))
    reading = await reader(source, max_credits=1).read(query(count=60))
    assert (reading.credits, len(source.asked)) == (1, 1)
    assert reading.notes[-1] == "Reading stopped at 1 credit, the limit per call. Use next_cursor to continue."


def unpriced(page: Page) -> Page:
    return replace(page, credits=0, price_unknown=True)


async def test_messages_without_a_reported_price_count_as_a_credit_each_under_a_limit() -> None:
    """One page exhausts the smallest limit, and reading continues only in another call."""
    source = Changed(chat(60), unpriced)
    conversation = reader(source, page_size=10, max_credits=1)
    first = await conversation.read(query(count=60))
    assert source.asked == [(None, 10)]
    (note,) = first.notes
    assert note.startswith(
        "The API did not report a charge, so each message counted as a credit: reading stopped at 1 "
    )
    second = await conversation.read(query(count=60, cursor=first.next_cursor))
    assert texts(first, second) == told(60)[-20:]


@pytest.mark.parametrize(("count", "read"), [(60, 60), (1000, MAX_CREDITS_PER_CALL)])
async def test_the_default_limit_holds_where_no_price_is_reported(count: int, read: int) -> None:
    """Where each message may cost a credit, no call covers more of them than the limit has credits."""
    source = Changed(chat(1000), unpriced)
    reading = await reader(source, max_credits=MAX_CREDITS_PER_CALL).read(query(count=count, max_tokens=20_000))
    assert (reading.structured["covered"], reading.next_cursor is not None) == (read, True)
    assert (", the limit per call." in reading.text) is (read < count)


async def test_the_default_limit_does_not_change_the_largest_call_at_the_public_price() -> None:
    """Its requests are those of a call without a limit, and pages shifted by new messages are paid for as well."""
    asked = []
    for max_credits in (MAX_CREDITS_PER_CALL, None):
        source = Charging(chat(2000), by_ten)
        conversation = reader(source, max_credits=max_credits)
        first = await conversation.read(query(count=1000))
        source.messages[:0] = [message(number) for number in range(2099, 1999, -1)]
        second = await conversation.read(query(count=1000, cursor=first.next_cursor))
        assert [answer.structured["covered"] for answer in (first, second)] == [1000, 1000]
        assert "limit per call" not in first.text + second.text
        assert (first.credits, second.credits) == (100, 110)
        asked.append(source.asked)
    assert asked[0] == asked[1]


async def test_credits_that_were_not_reported_are_unknown() -> None:
    """Without a limit all pages are read; the structured content has no number of credits."""
    reading = await reader(Changed(chat(60), unpriced), page_size=10).read(query(count=60, max_tokens=20_000))
    assert " Credits unknown.\n" in reading.text
    assert transcript(reading).header.credits == "unknown"
    assert "credits" not in reading.structured
    assert texts(reading) == told(60)


async def test_a_cached_page_without_a_reported_price_is_free(background: TaskGroup) -> None:
    """Nothing was charged for reading it again."""
    pages = CachedPages(Changed(chat(9), unpriced), TimelineCache(), background, account_id="account")
    conversation = reader(pages)
    assert "Credits unknown." in (await conversation.read(query())).text
    assert (await conversation.read(query(count=8))).structured["credits"] == 0


async def test_an_error_after_a_page_without_a_reported_price_says_that_there_may_be_more() -> None:
    """The page was read, but the budget does not hold the answer."""
    conversation = reader(Changed(chat(9), unpriced), banner="SANDBOX " * 300)
    with pytest.raises(InvalidArguments) as caught:
        await conversation.read(query(max_tokens=200))
    assert caught.value.explain().endswith("Credits spent: 0, perhaps more.")
