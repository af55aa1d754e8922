"""Messages that an API's offset skips after newer ones were deleted: fetched where that is possible, else reported."""

from collections.abc import Callable, Sequence

import pytest

from mcp_server.conversation.models import Message, Page
from mcp_server.conversation.positions import anchor_of
from mcp_server.errors import UpstreamFailed
from mcp_server.upstream.cache import CachedPages
from tests.support.caching import Api, Clock, ask, cached
from tests.support.conversations import chat, message

pytestmark = pytest.mark.anyio


class Disturbed(Api):
    """Something happens before its third answer, the one that closes a gap."""

    def __init__(self, messages: Sequence[Message], disturb: Callable[[], None]) -> None:
        super().__init__(messages)
        self._disturb = disturb

    async def page(self, *args: object, **options: object) -> Page:
        if len(self.asked) == 2:
            self._disturb()
        return await super().page(*args, **options)  # type: ignore[arg-type]  # as they came


def numbers(page: Page) -> list[int]:
    return [int(each.id.removeprefix("urn:")) for each in page.messages]


async def after(pages: CachedPages, number: int, cursor: str, *, total: int, spare: int = 50, count: int = 10) -> Page:
    """The page for a caller that continues after a message."""
    return await ask(pages, cursor, count=count, anchor=anchor_of(f"urn:{number}"), total=total, spare=spare)


async def test_skipped_messages_are_fetched_by_a_page_that_overlaps() -> None:
    """It begins where the page before began; both are paid for, and what they hold is known from then on."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[3]
        page = await after(pages, 30, "10", total=40)
        assert numbers(page) == list(range(29, 18, -1))
        assert (page.credits, page.joined, page.gap, page.next_cursor) == (2, True, 0, "20")
        assert api.asked == [(None, 10), ("10", 10), (None, 10)]
        again = await after(pages, 30, "10", total=40)
        assert (numbers(again), again.credits, again.gap) == (numbers(page), 0, 0)


@pytest.mark.parametrize("spare", [0, 9])
async def test_a_gap_that_may_not_be_closed_is_reported(spare: int) -> None:
    """The page after it is remembered, but follows nothing."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[3:5]
        page = await after(pages, 30, "10", total=40, spare=spare)
        assert (numbers(page)[0], page.gap, page.credits) == (27, 2, 1)
        inside = await ask(pages, "10", anchor=anchor_of("urn:25"), total=38)
        assert (inside.credits, inside.gap) == (0, 0)
        closed = await after(pages, 30, "10", total=40)
        assert (numbers(closed)[:3], closed.gap) == ([29, 28, 27], 0)


async def test_messages_skipped_at_the_end_are_fetched() -> None:
    """The API's page is empty then."""
    api = Api(chat(11))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[0]
        assert numbers(await after(pages, 1, "10", total=11)) == [0]


async def test_a_deleted_message_is_not_looked_for() -> None:
    """The one to continue after is gone, as is the one before it."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[8:10]
        assert numbers(await after(pages, 30, "10", total=40))[:3] == [29, 28, 27]


async def test_a_gap_without_anything_known_is_reported() -> None:
    """As after a quarter of an hour: only the total that the caller remembers shows that something may be missing."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        del api.messages[3]
        page = await after(pages, 30, "10", total=40)
        assert (page.gap, len(api.asked)) == (1, 1)
        assert (await after(pages, 30, "10", total=39)).gap == 0


async def test_a_page_with_the_message_to_continue_after_has_no_gap() -> None:
    """Older messages have been deleted, and as many have arrived as the cursor has moved by."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[30:33]
        api.messages.insert(0, message(99))
        page = await after(pages, 30, "10", total=40)
        assert (numbers(page)[0], page.gap, page.credits) == (30, 0, 1)


async def test_a_second_change_while_the_gap_is_closed_is_reported() -> None:
    """The overlapping page does not reach the other one, and the total has changed again."""

    def arrive() -> None:
        api.messages.insert(0, message(99))

    api = Disturbed(chat(40), arrive)
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[3]
        page = await after(pages, 30, "10", total=40)
        assert (numbers(page)[0], page.gap, page.credits) == (28, 1, 2)


async def test_a_failure_to_close_a_gap_fails_no_call() -> None:
    """What it cost is added to the page."""

    def fail() -> None:
        api.error = UpstreamFailed("The API failed.")
        api.error.credits_spent = api.error.maybe_extra = 1

    api = Disturbed(chat(40), fail)
    async with cached(api, Clock()) as pages:
        await ask(pages)
        del api.messages[3]
        page = await after(pages, 30, "10", total=40)
        assert (numbers(page)[0], page.gap, page.credits, page.maybe_extra) == (28, 1, 2, 1)


async def test_a_cursor_with_a_time_skips_nothing_and_costs_nothing_more() -> None:
    """Whatever was deleted: it is no offset."""

    class Times(Api):
        """Cursors are the time of the last message."""

        async def page(self, target: object, *, cursor: str | None, **options: object) -> Page:
            times = [each.sent_at_ms for each in self.messages]
            start = None if cursor is None else str(sum(time is not None and time >= int(cursor) for time in times))
            page = await super().page(target, cursor=start, **options)  # type: ignore[arg-type]  # as they came
            last: Message = page.messages[-1]
            return Page(page.messages, str(last.sent_at_ms), page.total, credits=page.credits)

    api = Times(chat(40))
    async with cached(api, Clock()) as pages:
        cursor = (await ask(pages)).next_cursor
        del api.messages[3]
        page = await after(pages, 30, str(cursor), total=40)
        assert (numbers(page)[0], page.gap, page.credits) == (29, 0, 1)


async def test_a_caller_continues_at_its_message_wherever_the_cursor_leads_now() -> None:
    """Another call has fetched the newest page since, so the API's cursor belongs to a later message."""
    api = Api(chat(40))
    async with cached(api, Clock()) as pages:
        await ask(pages)
        await ask(pages, "10")
        del api.messages[3:5]
        await ask(pages, fresh=True)
        assert numbers(await ask(pages, "10"))[0] == 27
        page = await after(pages, 30, "10", total=40)
        assert (numbers(page), page.next_cursor, page.credits) == (list(range(30, 19, -1)), "20", 0)
