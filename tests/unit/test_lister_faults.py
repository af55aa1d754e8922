"""Listing when the API fails, repeats itself, or a limit is reached: what was read is shown, with what it cost."""

import pytest

from mcp_server.conversation.models import ListQuery, Reading
from mcp_server.errors import RequestRejected, UpstreamFailed, UpstreamTimeout
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse
from tests.support.conversations import MemorySource
from tests.support.inbox import inbox, listed, lister
from tests.support.reading import FaultySource

pytestmark = pytest.mark.anyio


def entries(reading: Reading) -> list[ListedEntry]:
    return [item for item in parse(reading.text).items if isinstance(item, ListedEntry)]


async def test_a_failure_after_some_pages_keeps_what_was_read() -> None:
    """With a note, and a cursor to try again."""
    source = FaultySource(inbox(100), {1: UpstreamFailed("It broke.")})
    reading = await lister(source).read(ListQuery(100, 20_000))
    assert len(entries(reading)) == 50
    assert reading.credits == 5
    assert "! Older conversations could not be read: upstream_failed: It broke." in reading.text
    assert reading.next_cursor is not None


async def test_a_failure_at_the_first_page_is_raised_with_what_it_cost() -> None:
    """And with advice that suits a list."""
    error = UpstreamTimeout("No answer.")
    error.credits_spent = 2
    with pytest.raises(UpstreamTimeout) as caught:
        await lister(FaultySource(inbox(9), {0: error})).read(ListQuery())
    assert caught.value.credits_spent == 2
    with pytest.raises(RequestRejected, match=r"refused") as refused:
        await lister(FaultySource(inbox(9), {0: RequestRejected("It refused.")})).read(ListQuery())
    assert "profile_url" not in refused.value.advice


async def test_a_limit_of_credits_ends_a_list_with_a_cursor() -> None:
    """As for messages."""
    source = MemorySource(inbox(100))
    reading = await lister(source, max_credits=2).read(ListQuery(100, 20_000))
    assert (reading.credits, len(entries(reading))) == (2, 20)
    assert "Reading stopped at 2 credits" in reading.text
    assert reading.next_cursor is not None


class LongCursors(MemorySource):
    """An API with cursors that do not fit one of ours."""

    async def page(self, target, **options):  # type: ignore[no-untyped-def]  # as its base
        page = await super().page(target, **options)
        return type(page)(page.messages, "x" * 3000, credits=page.credits)


async def test_a_cursor_that_is_too_long_ends_the_list_with_a_note() -> None:
    """What was read is shown."""
    reading = await lister(LongCursors(inbox(10))).read(ListQuery(10))
    assert len(entries(reading)) == 10
    assert "! The API's cursor is too long" in reading.text
    assert reading.text.endswith("Older conversations could not be reached.")


class Repeating(MemorySource):
    """An API whose cursor never changes."""

    async def page(self, target, **options):  # type: ignore[no-untyped-def]  # as its base
        page = await super().page(target, **{**options, "cursor": None})
        return type(page)(page.messages, "same", credits=page.credits)


async def test_a_cursor_that_repeats_ends_the_list_with_a_note() -> None:
    """No conversation is shown twice, and no credit spent for ever."""
    source = Repeating(inbox(10))
    reading = await lister(source).read(ListQuery(200, 20_000))
    assert len(entries(reading)) == 10
    assert len(source.asked) <= 5
    assert "! The API repeats its pages" in reading.text or "nothing new" in reading.text


async def test_a_conversation_on_two_pages_is_listed_once_whatever_its_last_message() -> None:
    """Where it was met first; an API may shift its pages while a list is read."""

    def shift(source: MemorySource) -> None:
        if source.asked:
            source.messages[6] = listed(2, "Something new")

    source = MemorySource(inbox(12), most=5, total=False, on_page=shift)
    shown = [entry.name for entry in entries(await lister(source).read(ListQuery(12)))]
    assert shown == [f"Person {number}" for number in range(12) if number != 6]
