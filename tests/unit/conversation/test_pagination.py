"""Paging through pages as an API may return them: overlapping, repeated, naming each other, endless."""

from dataclasses import replace

import pytest

from mcp_server.conversation.models import Page
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.positions import START, Position
from tests.support.conversations import message
from tests.support.walking import (
    CIRCLE_NOTE,
    CIRCLES,
    NO_NEWS_NOTE,
    OVERLAPPING,
    THREE,
    Pages,
    after_message,
    asked,
    at_message,
    numbers,
    page,
    sent_at,
    walked,
)


def test_pages_are_read_one_after_the_other_to_the_end() -> None:
    """Every message once, newest first; credits add up, and there is no position to resume from."""
    walk = walked(THREE)
    assert numbers(walk) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert walk.tally.credits == 3
    assert walk.first_page == THREE[None]
    assert walk.position_at(9, 0) is None
    assert walk.notes == ()


def test_a_request_is_for_the_messages_still_missing() -> None:
    """The next request makes up for a short page, and no page is fetched without need."""
    assert asked(THREE, count=8) == [(None, 8), ("a", 5), ("b", 2)]
    assert asked(THREE, count=6) == [(None, 6), ("a", 3)]
    assert asked(OVERLAPPING, count=6) == [(None, 6), ("a", 3), ("b", 1)]


def test_a_page_longer_than_requested_still_gives_the_right_cursor() -> None:
    """Messages beyond `count` are not shown, and the cursor points to the first of them."""
    walk = walked(THREE, count=2)
    assert numbers(walk) == [9, 8, 7]
    assert walk.position_at(2, 0) == at_message(7, None, page_index=2)


@pytest.mark.parametrize(
    "pages",
    [
        OVERLAPPING,
        {None: page([9, 8, 7, 6, 5], "a"), "a": page([8, 7, 6, 5, 4])},
        {None: page([9, 8, 7], "a"), "a": page([6, 9, 5], "b"), "b": page([9, 6, 4])},
        {None: page([9, 8, 8, 7], "a"), "a": page([6, 5, 4, 4])},
        {None: page([9, 8, 7], "a"), "a": page([9, 8, 7], "b"), "b": page([6, 5, 4])},
        {None: page([], "a"), "a": page([9, 8, 7], "b"), "b": page([], "c"), "c": page([6, 5, 4])},
        {None: page([9, 8, 7, 6, 5, 4], "a"), "a": page([])},
    ],
    ids=["a shared one", "nearly the same", "strays", "twice on a page", "page again", "empty pages", "empty end"],
)
def test_a_message_delivered_twice_is_shown_once(pages: Pages) -> None:
    """On one page or on two, next to each other or not; empty pages with a cursor are passed."""
    walk = walked(pages)
    assert [number for number in numbers(walk) if number > 4] == [9, 8, 7, 6, 5]
    assert numbers(walk).count(4) == 1
    assert walk.notes == ()


def test_a_repeated_page_does_not_enlarge_the_next_request() -> None:
    """It is not a sign of new messages, so only the missing ones are requested."""
    pages = {None: page([9, 8, 7], "a"), "a": page([9, 8, 7], "b"), "b": page([6, 5, 4])}
    assert asked(pages, count=5) == [(None, 5), ("a", 2), ("b", 2)]


def test_the_order_is_the_apis_whatever_the_times_say() -> None:
    """Ties, jumps in time and undated messages keep their order, across pages too."""
    tied, undated = message(20, sent_at_ms=sent_at(9)), message(21, sent_at_ms=None)
    walk = walked({None: page([9, tied, 3, 12], "a"), "a": page([11, undated, 2, 13], "b"), "b": page([1])})
    assert numbers(walk) == [9, 20, 3, 12, 11, 21, 2, 13, 1]


@pytest.mark.parametrize("pages", CIRCLES)
def test_pages_that_name_each_other_end_reading(pages: Pages) -> None:
    """One page that names itself, or two that name each other: reading stops with a note."""
    walk = walked(pages)
    assert numbers(walk)[:4] == [9, 8, 7, 6]
    assert walk.notes == (CIRCLE_NOTE,)
    assert walk.position_at(len(walk.messages), 0) is None


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("pages", CIRCLES)
def test_pages_that_name_each_other_end_reading_over_several_calls_too(pages: Pages, count: int) -> None:
    """No message is shown twice, although a call does not know the pages of earlier ones."""
    position: Position | None = START
    shown: list[int] = []
    notes: list[str] = []
    while position is not None:
        walk = walked(pages, count=count, position=position)
        shown += numbers(walk)[:count]
        notes += walk.notes
        assert len(shown) < 10
        position = walk.position_at(min(count, len(walk.messages)), 0)
    assert shown == [9, 8, 7, 6, 5, 4][: len(set(shown))]
    assert {9, 8, 7, 6} <= set(shown)
    assert notes == [CIRCLE_NOTE]


def test_reading_stops_after_four_pages_without_a_new_message() -> None:
    """Empty or known, each under another cursor.

    There may be messages after them, so the cursor tries four more pages, and is the last if they are no better.
    """
    for known in ([], [9, 8, 7]):
        endless: dict[str | None, Page] = {f"page {n}": page(known, f"page {n + 1}") for n in range(1, 20)}
        endless[None] = page([9, 8, 7], "page 1")
        walk = walked(endless)
        assert numbers(walk) == [9, 8, 7]
        assert walk.tally.credits == 5
        assert walk.notes == (NO_NEWS_NOTE,)
        assert walk.end_reason == "beginning"
        place = walk.position_at(3, 0)
        assert place == after_message(7, "page 5")
        again = walked(endless, position=place)
        assert (numbers(again), again.notes, again.end_reason) == ([], (NO_NEWS_NOTE,), "stopped")
        assert again.position_at(0, 0) is None


def test_messages_after_pages_without_news_are_found() -> None:
    """Five empty pages in the middle of a conversation lose nothing."""
    pages: dict[str | None, Page] = {f"page {n}": page([], f"page {n + 1}") for n in range(1, 6)}
    pages |= {None: page([9, 8], "page 1"), "page 6": page([7, 6])}
    walk = walked(pages)
    assert (numbers(walk), walk.notes) == ([9, 8], (NO_NEWS_NOTE,))
    place = walk.position_at(2, 0)
    assert place is not None
    assert numbers(walked(pages, position=place)) == [7, 6]


def test_a_conversation_of_empty_pages_is_an_empty_one() -> None:
    """With a note, because there may be messages after all."""
    endless: dict[str | None, Page] = {f"page {n}": page([], f"page {n + 1}") for n in range(20)}
    endless[None] = page([], "page 0")
    walk = walked(endless)
    assert (numbers(walk), walk.tally.credits, walk.notes, walk.end_reason) == ([], 4, (NO_NEWS_NOTE,), "stopped")
    assert walk.position_at(0, 0) is None
    assert walked({None: page([])}).notes == ()


def test_since_ends_the_walk_where_it_is_reached() -> None:
    """Messages at or before `since` are not shown and end reading; later ones on the page are shown."""
    walk = walked({None: page([9, 8], "a"), "a": page([7, 4, 6, 5], "b")}, since_ms=sent_at(5))
    assert numbers(walk) == [9, 8, 7, 6]
    assert walk.since_reached
    assert walk.tally.credits == 2
    assert walk.position_at(4, 0) is None
    assert walk.position_at(3, 0) == at_message(6, "a", page_index=2)


def test_since_is_exact_to_the_millisecond() -> None:
    """A message of that very time is not shown, one a millisecond later is."""
    assert numbers(walked({None: page([9])}, since_ms=sent_at(9))) == []
    assert numbers(walked({None: page([9])}, since_ms=sent_at(9) - 1)) == [9]
    assert not walked({None: page([9])}, since_ms=sent_at(9) - 1).since_reached


def test_undated_messages_are_shown_whatever_since_is() -> None:
    """They do not end reading."""
    walk = walked({None: page([9, message(8, sent_at_ms=None), 7])}, since_ms=sent_at(7) - 1)
    assert numbers(walk) == [9, 8, 7]
    assert not walk.since_reached


@pytest.mark.parametrize(
    ("skipped", "expected"),
    [
        ((0, 0), ()),
        ((1, 0), ("1 message could not be read and was skipped.",)),
        ((2, 3), ("5 messages could not be read and were skipped.",)),
    ],
)
def test_messages_that_could_not_be_parsed_are_counted_in_a_note(
    skipped: tuple[int, int], expected: tuple[str, ...]
) -> None:
    """The sum over all pages."""
    walk = walked({None: page([9], "a", skipped=skipped[0]), "a": page([8], skipped=skipped[1])})
    assert walk.notes == expected


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ((0, 0), ()),
        ((1, 0), ("1 character was not valid UTF-8 and is shown as \ufffd.",)),
        ((2, 3), ("5 characters were not valid UTF-8 and are shown as \ufffd.",)),
    ],
)
def test_replaced_characters_are_counted_in_a_note(replaced: tuple[int, int], expected: tuple[str, ...]) -> None:
    """The sum over all pages."""
    walk = walked({None: page([9], "a", replaced=replaced[0]), "a": page([8], replaced=replaced[1])})
    assert walk.notes == expected


def test_all_pages_and_cached_pages_are_counted() -> None:
    """For the audit line."""
    walk = walked({None: page([9], "a"), "a": page([8], "b", from_cache=True), "b": page([7])})
    assert (walk.tally.pages, walk.tally.pages_from_cache) == (3, 1)


def test_a_walk_without_a_position_starts_at_the_newest_message() -> None:
    """Only then are the counts on its first page about the whole conversation."""
    assert Walk(START, count=1).from_newest
    assert Walk(START, count=1).remaining is None
    assert not Walk(Position("a"), count=1).from_newest
    assert not Walk(at_message(5), count=1).from_newest


def test_requests_without_a_response_are_counted_in_a_note() -> None:
    """They may have been billed on top of the credits that the API reported."""
    walk = walked({None: page([9], "a", maybe_extra=1), "a": page([8])})
    assert walk.notes == ("1 request got no response and may have been billed on top of these credits.",)
    walk = walked({None: page([9], "a", maybe_extra=1, skipped=1), "a": page([8], maybe_extra=2)})
    assert walk.tally.maybe_extra == 3
    assert walk.notes == (
        "1 message could not be read and was skipped.",
        "3 requests got no response and may have been billed on top of these credits.",
    )


def test_the_reason_why_reading_ended_is_known() -> None:
    """The conversation begins there, `since` was reached, or the API's pages lead nowhere."""
    assert walked(THREE).end_reason == "beginning"
    assert walked(THREE, since_ms=sent_at(5)).end_reason == "asked"
    assert walked(CIRCLES[0]).end_reason == "stopped"


def test_an_identity_used_again_hides_no_message() -> None:
    """The last message found shows where the next page continues, but another one may have its identity there."""
    again = replace(message(5), id=message(8).id)
    walk = walked({None: page([9, 8], "a"), "a": page([6, again, 4])})
    assert [found.text for found in walk.messages] == [message(number).text for number in (9, 8, 6, 5, 4)]
