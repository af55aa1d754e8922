"""Walking pages as an API may really give them: overlapping, repeated, in circles, endless."""

import pytest

from mcp_server.conversation.cursor import START, Position
from mcp_server.conversation.models import Page
from mcp_server.conversation.pagination import Walk
from tests.support.conversations import message
from tests.support.walking import (
    CIRCLE_NOTE,
    CIRCLES,
    IDLE_NOTE,
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
    """Everything once, newest first; the credits of all pages add up, and there is no place to go on at."""
    walk = walked(THREE)
    assert numbers(walk) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert walk.credits == 3
    assert walk.first_page == THREE[None]
    assert walk.position_at(9, 0) is None
    assert walk.notes == ()


def test_what_is_asked_for_is_what_is_missing() -> None:
    """Whatever a page was short of, the next is asked for, and no page is bought for nothing."""
    assert asked(THREE, count=8) == [(None, 8), ("a", 5), ("b", 2)]
    assert asked(THREE, count=6) == [(None, 6), ("a", 3)]
    assert asked(OVERLAPPING, count=6) == [(None, 6), ("a", 3), ("b", 1)]


def test_a_page_longer_than_asked_is_kept_for_the_places_in_it() -> None:
    """What was not asked for is not shown, but the cursor leads right to it."""
    walk = walked(THREE, count=2)
    assert numbers(walk) == [9, 8, 7]
    assert walk.position_at(2, 0) == at_message(7, None, skip=2)


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
def test_what_comes_twice_is_shown_once(pages: Pages) -> None:
    """On one page or two, next to each other or not; empty pages that go on are gone on from."""
    walk = walked(pages)
    assert [number for number in numbers(walk) if number > 4] == [9, 8, 7, 6, 5]
    assert numbers(walk).count(4) == 1
    assert walk.notes == ()


def test_a_page_that_is_repeated_is_not_asked_for_more() -> None:
    """It was not shifted: what is missing is missing, no more."""
    pages = {None: page([9, 8, 7], "a"), "a": page([9, 8, 7], "b"), "b": page([6, 5, 4])}
    assert asked(pages, count=5) == [(None, 5), ("a", 2), ("b", 2)]


def test_the_order_is_the_apis_whatever_the_times_say() -> None:
    """Ties, jumps back and forth and undated messages stay where they stand, over pages too."""
    tied, undated = message(20, sent_at_ms=sent_at(9)), message(21, sent_at_ms=None)
    walk = walked({None: page([9, tied, 3, 12], "a"), "a": page([11, undated, 2, 13], "b"), "b": page([1])})
    assert numbers(walk) == [9, 20, 3, 12, 11, 21, 2, 13, 1]


@pytest.mark.parametrize("pages", CIRCLES)
def test_a_circle_of_pages_is_noticed(pages: Pages) -> None:
    """A page that goes on at itself, two that name each other: reading stops, with what was read and a note."""
    walk = walked(pages)
    assert numbers(walk)[:4] == [9, 8, 7, 6]
    assert walk.notes == (CIRCLE_NOTE,)
    assert walk.position_at(len(walk.messages), 0) is None


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("pages", CIRCLES)
def test_a_circle_of_pages_is_noticed_over_several_calls_too(pages: Pages, count: int) -> None:
    """Nothing is shown a second time because a new call does not know what an earlier one has seen."""
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


def test_pages_without_anything_new_are_not_bought_for_ever() -> None:
    """Four in a row, empty or known, under ever new cursors: that is all that is spent on them.

    There may be something behind them: the cursor looks at four more, and leads nowhere if they are no better.
    """
    for known in ([], [9, 8, 7]):
        endless: dict[str | None, Page] = {f"page {n}": page(known, f"page {n + 1}") for n in range(1, 20)}
        endless[None] = page([9, 8, 7], "page 1")
        walk = walked(endless)
        assert numbers(walk) == [9, 8, 7]
        assert walk.credits == 5
        assert walk.notes == (IDLE_NOTE,)
        assert walk.end == "beginning"
        place = walk.position_at(3, 0)
        assert place == after_message(7, "page 5")
        again = walked(endless, position=place)
        assert (numbers(again), again.notes, again.end) == ([], (IDLE_NOTE,), "stopped")
        assert again.position_at(0, 0) is None


def test_what_stands_behind_pages_without_anything_new_is_found() -> None:
    """Nothing is lost to an API that sends five empty pages in the midst of a conversation."""
    pages: dict[str | None, Page] = {f"page {n}": page([], f"page {n + 1}") for n in range(1, 6)}
    pages |= {None: page([9, 8], "page 1"), "page 6": page([7, 6])}
    walk = walked(pages)
    assert (numbers(walk), walk.notes) == ([9, 8], (IDLE_NOTE,))
    place = walk.position_at(2, 0)
    assert place is not None
    assert numbers(walked(pages, position=place)) == [7, 6]


def test_a_conversation_of_empty_pages_is_an_empty_one() -> None:
    """With a note: it may not really be."""
    endless: dict[str | None, Page] = {f"page {n}": page([], f"page {n + 1}") for n in range(20)}
    endless[None] = page([], "page 0")
    walk = walked(endless)
    assert (numbers(walk), walk.credits, walk.notes, walk.end) == ([], 4, (IDLE_NOTE,), "stopped")
    assert walk.position_at(0, 0) is None
    assert walked({None: page([])}).notes == ()


def test_since_ends_the_walk_where_it_is_reached() -> None:
    """At it or before it nothing is shown and no further page is bought; later ones on the page still are."""
    walk = walked({None: page([9, 8], "a"), "a": page([7, 4, 6, 5], "b")}, since_ms=sent_at(5))
    assert numbers(walk) == [9, 8, 7, 6]
    assert walk.bounded
    assert walk.credits == 2
    assert walk.position_at(4, 0) is None
    assert walk.position_at(3, 0) == at_message(6, "a", skip=2)


def test_since_is_not_reached_a_millisecond_later() -> None:
    """Equal is not shown, later is."""
    assert numbers(walked({None: page([9])}, since_ms=sent_at(9))) == []
    assert numbers(walked({None: page([9])}, since_ms=sent_at(9) - 1)) == [9]
    assert not walked({None: page([9])}, since_ms=sent_at(9) - 1).bounded


def test_since_says_nothing_about_undated_messages() -> None:
    """They are shown, and end nothing."""
    walk = walked({None: page([9, message(8, sent_at_ms=None), 7])}, since_ms=sent_at(7) - 1)
    assert numbers(walk) == [9, 8, 7]
    assert not walk.bounded


@pytest.mark.parametrize(
    ("skipped", "expected"),
    [
        ((0, 0), ()),
        ((1, 0), ("1 message could not be read and was skipped.",)),
        ((2, 3), ("5 messages could not be read and were skipped.",)),
    ],
)
def test_messages_too_broken_to_read_are_told_of(skipped: tuple[int, int], expected: tuple[str, ...]) -> None:
    """How many, over all pages."""
    walk = walked({None: page([9], "a", skipped=skipped[0]), "a": page([8], skipped=skipped[1])})
    assert walk.notes == expected


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        ((0, 0), ()),
        ((1, 0), ("1 character did not arrive whole and is shown as \ufffd.",)),
        ((2, 3), ("5 characters did not arrive whole and are shown as \ufffd.",)),
    ],
)
def test_characters_that_were_replaced_are_told_of(replaced: tuple[int, int], expected: tuple[str, ...]) -> None:
    """How many, over all pages."""
    walk = walked({None: page([9], "a", replaced=replaced[0]), "a": page([8], replaced=replaced[1])})
    assert walk.notes == expected


def test_pages_are_counted_and_those_of_them_that_were_kept() -> None:
    """For the audit line."""
    walk = walked({None: page([9], "a"), "a": page([8], "b", from_cache=True), "b": page([7])})
    assert (walk.pages, walk.pages_kept) == (3, 1)


def test_a_walk_starts_at_the_newest_message_unless_it_is_told_where() -> None:
    """Only then are the figures of its first page those of the conversation."""
    assert Walk(START, count=1).from_newest
    assert Walk(START, count=1).remaining is None
    assert not Walk(Position("a"), count=1).from_newest
    assert not Walk(at_message(5), count=1).from_newest


def test_requests_without_an_answer_are_told_of() -> None:
    """They may have been charged beside the credits that the API tells of."""
    walk = walked({None: page([9], "a", maybe_extra=1), "a": page([8])})
    assert walk.notes == ("1 request brought no answer and may have been charged beside these credits.",)
    walk = walked({None: page([9], "a", maybe_extra=1, skipped=1), "a": page([8], maybe_extra=2)})
    assert walk.maybe_extra == 3
    assert walk.notes == (
        "1 message could not be read and was skipped.",
        "3 requests brought no answer and may have been charged beside these credits.",
    )


def test_why_nothing_follows_is_known() -> None:
    """The conversation begins there, no more was asked for, or the API gives no more."""
    assert walked(THREE).end == "beginning"
    assert walked(THREE, since_ms=sent_at(5)).end == "asked"
    assert walked(CIRCLES[0]).end == "stopped"
