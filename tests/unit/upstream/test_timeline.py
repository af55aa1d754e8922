"""Pages of a conversation become one run of messages: edited, deleted and arrived ones included, and bounded."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, Page
from mcp_server.upstream.timeline import Timeline
from mcp_server.upstream.timeline_run import OLDER_TTL_S
from tests.support.conversations import message

OLD = CachePolicy(continuing=True)


def page(numbers: Sequence[int | Message], next_cursor: str | None = None, **rest: object) -> Page:
    """A page of these messages, by number or as they are."""
    messages = tuple(number if isinstance(number, Message) else message(number) for number in numbers)
    return Page(messages, next_cursor, **rest)  # type: ignore[arg-type]  # by name


def known(timeline: Timeline, *, now_s: float = 1, policy: CachePolicy = OLD) -> list[list[int]]:
    """The numbers of the messages of each known page, from the newest on, as far as they are known."""
    pages: list[list[int]] = []
    cursor: str | None = None
    while (found := timeline.page(cursor, policy, now_s=now_s)) is not None:
        pages.append([int(each.id.removeprefix("urn:")) for each in found.messages])
        cursor = found.next_cursor
        if cursor is None:
            return [*pages, []]
    return pages


def spliced(*pages: tuple[str | None, Page]) -> Timeline:
    """A timeline of these pages, each with the cursor it was fetched at, a second apart."""
    timeline = Timeline()
    for now_s, (cursor, each) in enumerate(pages):
        timeline.splice(cursor, each, now_s=now_s)
    return timeline


def test_pages_in_a_row_are_one_run() -> None:
    """With the API's cursors where they are known; the last list is empty where the conversation begins."""
    timeline = spliced((None, page([9, 8, 7], "a")), ("a", page([6, 5, 4], "b")), ("b", page([3, 2, 1])))
    assert known(timeline) == [[9, 8, 7], [6, 5, 4], [3, 2, 1], []]


def test_a_new_newest_page_joins_the_known_messages() -> None:
    """At the first one it knows; the old cursors still lead to their places."""
    timeline = spliced((None, page([9, 8, 7], "a")), ("a", page([6, 5, 4], "b")))
    assert timeline.splice(None, page([11, 10, 9], "c"), now_s=2) == "c"
    assert known(timeline) == [[11, 10, 9], [8, 7], [6, 5, 4]]
    old = timeline.page("a", OLD, now_s=2)
    assert old is not None
    assert [each.id for each in old.messages] == ["urn:6", "urn:5", "urn:4"]


def test_more_new_messages_than_a_page_leave_a_gap_until_it_is_filled() -> None:
    """Messages beyond the gap are not served before it is closed, but are not forgotten either."""
    timeline = spliced((None, page([3, 2, 1], total=3)), (None, page([9, 8], "a", total=9)))
    assert known(timeline) == [[9, 8]]
    assert timeline.count_to_ask("a", 50, unit=10, now_s=2) == 10
    timeline.splice("a", page([7, 6, 5, 4, 3], "b"), now_s=2)
    assert known(timeline) == [[9, 8], [7, 6, 5, 4, 3], [2, 1], []]


@pytest.mark.parametrize(("totals", "count"), [((30, 80), 40), ((30, 45), 10), ((None, None), 20), ((30, 30), 10)])
def test_a_gap_is_filled_by_as_many_messages_as_have_arrived(totals: tuple[int | None, int | None], count: int) -> None:
    """By the API's totals, in units of the price; without them the requests double."""
    before, after = totals
    timeline = spliced((None, page(range(30, 0, -1), total=before)), (None, page(range(100, 80, -1), "a", total=after)))
    assert timeline.count_to_ask("a", 50, unit=10, now_s=2) == count
    assert timeline.count_to_ask("a", 8, unit=10, now_s=2) == 8
    assert timeline.count_to_ask("elsewhere", 50, unit=10, now_s=2) == 50


def test_a_refresh_asks_for_one_unit_where_that_saves_any() -> None:
    """Ten known messages cost as much as they would save."""
    timeline = spliced((None, page(range(30, 10, -1), "a")))
    assert timeline.count_to_ask(None, 60, unit=10, now_s=1) == 10
    assert timeline.count_to_ask(None, 12, unit=10, now_s=1) == 12
    assert spliced((None, page([3, 2]))).count_to_ask(None, 60, unit=10, now_s=1) == 60
    assert timeline.count_to_ask(None, 60, unit=10, now_s=OLDER_TTL_S) == 60
    assert Timeline().count_to_ask(None, 60, unit=10, now_s=0) == 60


def test_the_newer_fetch_wins() -> None:
    """An edited message has its new text, a deleted one is gone, and one that is unchanged is the same object."""
    timeline = spliced((None, page([9, 8, 7, 6, 5], "a")))
    first = timeline.page(None, OLD, now_s=0)
    timeline.splice(None, page([9, message(7, "edited"), 6], "b"), now_s=1)
    second = timeline.page(None, OLD, now_s=1)
    assert first is not None
    assert second is not None
    assert [each.text for each in second.messages] == ["message number 9", "edited", "message number 6"]
    assert second.messages[0] is first.messages[0]
    assert known(timeline) == [[9, 7, 6], [5]]


def test_a_page_in_the_middle_replaces_what_was_known_there() -> None:
    """Up to its last message, which must be known for anything to follow it."""
    timeline = spliced((None, page([9, 8, 7], "a")), ("a", page([6, 5, 4], "b")), ("b", page([3, 2, 1])))
    timeline.splice("a", page([6, 4, 3], "c"), now_s=3)
    assert known(timeline) == [[9, 8, 7], [6, 4, 3], [2, 1], []]
    timeline.splice("a", page([6, 4, 0], "d"), now_s=4)
    assert known(timeline) == [[9, 8, 7], [6, 4, 0]]


def test_messages_in_another_order_are_not_joined() -> None:
    """What is around them is forgotten: that costs a request, and a wrong place would cost messages."""
    timeline = spliced((None, page([9, 8, 7, 6, 5], "a")))
    timeline.splice(None, page([8, 9, 7], "b"), now_s=1)
    assert known(timeline) == [[8, 9, 7]]


def test_identities_derived_from_undated_content_do_not_join() -> None:
    """Any "ok" looks like any other."""
    ok = replace(message(7, "ok"), id="derived:1", sent_at_ms=None)
    timeline = spliced((None, page([9, 8, ok, 6, 5], "a")))
    timeline.splice(None, page([11, 10, ok], "b"), now_s=1)
    found = timeline.page("b", OLD, now_s=1)
    assert found is None


def test_a_cursor_that_the_api_uses_for_another_place_leads_there() -> None:
    """Offsets shift with every message that arrives."""
    timeline = spliced((None, page([9, 8, 7], "3")), ("3", page([6, 5, 4], "6")))
    timeline.splice(None, page([11, 10, 9], "3"), now_s=2)
    assert known(timeline) == [[11, 10, 9], [8, 7, 6, 5, 4]]
    timeline.splice(None, page([23, 22, 21], "3"), now_s=3)
    assert known(timeline) == [[23, 22, 21]]


def test_a_page_that_overlaps_the_one_before_shows_each_message_once() -> None:
    """Cursors that name the last message given."""
    timeline = spliced((None, page([9, 8, 7], "a")), ("a", page([7, 6, 5], "b")))
    assert known(timeline) == [[9, 8], [7, 6, 5]]


def test_empty_pages_end_a_run_or_are_served_as_they_were() -> None:
    """An empty conversation is known to be empty; a page without messages moves the end."""
    assert known(spliced((None, page([])))) == [[], []]
    assert known(spliced((None, page([9], "a")), ("a", page([], "b")), ("b", page([8])))) == [[9], [8], []]
    timeline = spliced((None, page([9], "a")))
    timeline.splice(None, page([]), now_s=1)
    assert known(timeline) == [[], []]
    assert timeline.is_empty


def test_an_unusable_cursor_is_remembered_as_one() -> None:
    """It is not the beginning of the conversation."""
    for pages in (
        [(None, page([9], cursor_unusable=True))],
        [(None, page([9], "a")), ("a", page([8], cursor_unusable=True))],
    ):
        timeline = spliced(*pages)
        cursor = None if len(pages) == 1 else "a"
        found = timeline.page(cursor, OLD, now_s=1)
        assert found is not None
        assert (found.next_cursor, found.cursor_unusable) == (None, True)


def test_expired_messages_are_forgotten_where_a_known_cursor_leads_on() -> None:
    """What was fetched later stays, and ends at the cursor of the expired part."""
    timeline = Timeline()
    timeline.splice(None, page([9, 8], "a"), now_s=0)
    timeline.splice("a", page([7, 6], "b"), now_s=800)
    timeline.splice("b", page([5, 4], "c"), now_s=100)
    timeline.splice(None, page([9, 8], "a"), now_s=850)
    timeline.splice("c", page([3]), now_s=1100)
    assert known(timeline, now_s=1100) == [[9, 8], [7, 6]]
    found = timeline.page("c", OLD, now_s=1100)
    assert found is not None
    timeline.splice("b", page([5, 4], "c"), now_s=1101)
    assert known(timeline, now_s=1101) == [[9, 8], [7, 6], [5, 4]]


def test_a_page_of_another_replica_contradicts_nothing_newer() -> None:
    """It was fetched earlier: what is known better stays, and only what lies beyond it is added."""
    timeline = Timeline()
    timeline.splice(None, page([9, message(7, "edited"), 6], "a"), now_s=100)
    timeline.splice("z", page([8, 7, 6, 5, 4], "b", from_cache=True, age_s=60), now_s=100)
    assert known(timeline, now_s=100) == [[9], [7, 6, 5, 4]]
    found = timeline.page("z", OLD, now_s=100)
    assert found is not None
    assert found.messages[0].text == "edited"
    timeline.splice(None, page([1], from_cache=True, age_s=50), now_s=100)
    assert known(timeline, now_s=100)[0] == [9]


def test_flaws_and_figures_of_pages_are_kept() -> None:
    """Unread messages and the recipient's reading belong to the newest page, the total to all."""
    timeline = spliced(
        (None, page([9, 8], "a", total=9, unread=2, seen=True, seen_at_ms=5, skipped=1)),
        ("a", page([7], "b", total=9, replaced=3)),
    )
    newest, older = timeline.page(None, ANY_CACHED, now_s=1), timeline.page("a", ANY_CACHED, now_s=1)
    assert newest is not None
    assert older is not None
    assert (newest.total, newest.unread, newest.seen, newest.seen_at_ms, newest.skipped) == (9, 2, True, 5, 1)
    assert (older.total, older.unread, older.seen, older.replaced) == (9, None, None, 3)
    both = timeline.page(None, CachePolicy(min_messages=3), now_s=1)
    assert both is not None
    assert (len(both.messages), both.next_cursor, both.skipped, both.replaced) == (3, "b", 1, 3)
    assert timeline.page(None, CachePolicy(min_messages=4), now_s=1) is None


def test_memory_is_stated_and_bounded() -> None:
    """The estimate is no less than what is used, and at most twice that; the oldest messages are dropped first."""
    timeline = Timeline()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for start in range(2000, 0, -50):
            cursor = None if start == 2000 else str(start)
            numbers = [message(number, f"{number} {'x' * 100}") for number in range(start, start - 50, -1)]
            timeline.splice(cursor, page(numbers, str(start - 50) if start > 50 else None), now_s=0)
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used <= timeline.size_bytes <= 2 * used
    timeline.trim(timeline.size_bytes // 2)
    shown = list(chain(*known(timeline)))
    assert shown == list(range(2000, 2000 - len(shown), -1))
    assert 900 <= len(shown) < 1000
    timeline.trim(0)
    assert timeline.is_empty
    assert known(timeline) == []
