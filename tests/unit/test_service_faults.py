"""Answers and costs when a page fails, the limit of credits is reached, or the caller gives up."""

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import InvalidArguments, OutOfCredits, UpstreamTimeout
from tests.support.conversations import MemorySource, chat, message, query, reader
from tests.support.reading import FaultySource, texts, told

pytestmark = pytest.mark.anyio


async def test_nothing_read_is_an_error() -> None:
    """It states the credits spent until then: here none."""
    with pytest.raises(OutOfCredits) as caught:
        await reader(FaultySource(chat(30), {0: OutOfCredits("No credits are left.")})).read(query())
    assert caught.value.credits_spent == 0


async def test_an_error_includes_the_credits_of_empty_pages() -> None:
    """Every charge counts, whatever the page held."""

    class EmptyFirst(FaultySource):
        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            if cursor is None:
                return Page((), "0", credits=2)
            return await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)

    failing = EmptyFirst(chat(30), {0: UpstreamTimeout("It took too long.")})
    with pytest.raises(UpstreamTimeout) as caught:
        await reader(failing).read(query())
    assert caught.value.credits_spent == 2


@pytest.mark.parametrize("detail", ["condensed", "verbatim"])
async def test_messages_read_before_a_failure_are_answered(detail: str) -> None:
    """With a note of the failure, the credits spent, and a cursor for the same page."""
    source = FaultySource(chat(30), {2: OutOfCredits("No credits are left.")})
    conversation = reader(source, page_size=10)
    partial = await conversation.read(query(count=30, detail=detail))
    assert texts(partial) == told(30)[-20:]
    assert partial.credits == 2
    assert partial.notes == (
        "Older messages could not be read: out_of_credits: No credits are left. Use next_cursor to try again.",
    )
    assert f"! {partial.notes[0]}\n" in str(partial.structured["transcript"])
    source.asked.clear()
    rest = await conversation.read(query(count=30, cursor=partial.next_cursor, detail=detail))
    assert source.asked == [("20", 10)]
    assert texts(partial, rest) == told(30)
    assert rest.notes == ()


async def test_a_budget_that_holds_nothing_is_refused_with_the_credits_spent() -> None:
    """Only a message shows that it does not fit."""
    with pytest.raises(InvalidArguments, match="max_tokens is too small") as caught:
        await reader(MemorySource(chat(30)), banner="SANDBOX " * 300).read(query(max_tokens=200))
    assert caught.value.credits_spent == 1


async def test_a_cancelled_call_fetches_no_further_page() -> None:
    """Only the first page is paid for."""
    source = MemorySource(chat(100))
    with anyio.CancelScope() as scope:

        async def give_up(_read: int, _wanted: int) -> None:
            scope.cancel()
            await anyio.lowlevel.checkpoint()

        await reader(source, page_size=10).read(query(count=100), on_page=give_up)
    assert scope.cancelled_caught
    assert source.asked == [(None, 10)]


async def test_no_call_costs_more_than_the_limit() -> None:
    """The messages read are answered with a note, and the cursor resumes there."""
    source = MemorySource(chat(100))
    conversation = reader(source, page_size=10, max_credits=3)
    first = await conversation.read(query(count=100))
    assert source.asked == [(None, 10), ("10", 10), ("20", 10)]
    assert first.credits == 3
    assert first.notes == ("Reading stopped at 3 credits, the limit per call. Use next_cursor to continue.",)
    second = await conversation.read(query(count=15, cursor=first.next_cursor))
    assert texts(first, second) == told(100)[-45:]
    assert second.notes == ()


async def test_a_limit_reached_before_the_anchor_was_found_loses_nothing() -> None:
    """If more messages arrive than a call may pass over, the next call continues the search."""
    source = MemorySource(chat(30))
    conversation = reader(source, page_size=10, max_credits=1)
    first = await conversation.read(query(count=10))
    source.messages[:0] = [message(number, "new") for number in range(60, 30, -1)]
    readings = [first]
    while len(texts(*readings)) < 20:
        readings.append(await conversation.read(query(count=10, cursor=readings[-1].next_cursor)))
        assert len(readings) < 8
    assert texts(*readings) == told(30)[-20:]
    assert readings[1].structured["covered"] == 0


async def test_possible_further_charges_are_stated() -> None:
    """In a note of a partial answer, or in the error."""

    def timeout() -> UpstreamTimeout:
        error = UpstreamTimeout("It took too long.")
        error.credits_spent, error.maybe_extra = 1, 2
        return error

    partial = await reader(FaultySource(chat(30), {1: timeout()}), page_size=10).read(query(count=30))
    assert partial.credits == 2
    assert partial.notes[-1] == "2 requests got no response and may have been billed on top of these credits."
    with pytest.raises(UpstreamTimeout) as caught:
        await reader(FaultySource(chat(30), {0: timeout()})).read(query())
    assert caught.value.explain().endswith("Credits spent: 1, perhaps more.")


async def test_all_pages_of_a_call_share_one_deadline() -> None:
    """The limit of time, from the start of the call on the clock of the event loop."""
    source = FaultySource(chat(30), {})
    before = anyio.current_time()
    await reader(source, page_size=10, timeout_s=900).read(query(count=30))
    assert len(source.deadlines) == 3
    assert len(set(source.deadlines)) == 1
    assert before + 900 <= source.deadlines[0] <= anyio.current_time() + 900


@pytest.mark.parametrize("detail", ["condensed", "verbatim"])
async def test_no_page_is_requested_that_cannot_arrive_in_time(detail: str) -> None:
    """The messages read by then are answered with a note, and the cursor resumes there. The first page is not limited
    so: without it there is nothing to answer.
    """

    class Slow(MemorySource):
        """Takes nearly all the time of a call for a page."""

        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            asked_s = anyio.current_time()
            while anyio.current_time() - asked_s <= deadline - anyio.current_time():
                await anyio.lowlevel.checkpoint()
            return await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)

    source = Slow(chat(30))
    partial = await reader(source, page_size=10, timeout_s=0.02).read(query(count=30, detail=detail))
    assert source.asked == [(None, 10)]
    assert texts(partial) == told(30)[-10:]
    assert partial.notes == ("Reading stopped at the time limit per call, 0.02 s. Use next_cursor to continue.",)
    rest = await reader(MemorySource(chat(30))).read(query(count=30, cursor=partial.next_cursor, detail=detail))
    assert texts(partial, rest) == told(30)
