"""Resuming from a position while messages arrive, are edited, and are deleted."""

from dataclasses import replace

import pytest

from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.positions import START, Position, anchor_of, is_place
from tests.support.conversations import message
from tests.support.walking import (
    GAP_NOTE,
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


def test_a_position_names_the_first_message_not_shown() -> None:
    """With its page, its index there, the characters shown, its time, and how many messages remain."""
    pages = {None: page([9, 8, 7], "a", total=30), "a": page([6, 5, 4], "b", total=30)}
    walk = walked(pages, count=6)
    assert walk.remaining == 30
    assert walk.position_at(4, 120) == at_message(5, "a", offset=120, page_index=1, remaining=26)
    assert walk.position_at(6, 0) == Position("b", anchor_of("urn:4"), sent_at_ms=sent_at(4), remaining=24, total=30)


def test_the_number_remaining_is_never_negative() -> None:
    """The API's total may be wrong. Without one from the newest page the number is unknown."""
    off = walked({None: page([9, 8, 7], "a", total=1)}, count=2)
    place = off.position_at(2, 0)
    assert place is not None
    assert place.remaining == 0
    assert walked(THREE, count=2).remaining is None
    assert walked({"a": page([6, 5], total=30)}, position=at_message(6, "a")).remaining is None
    assert walked({"a": page([6, 5], total=30)}, position=at_message(6, "a", remaining=7)).remaining == 7


def test_a_walk_resumes_at_the_anchor_of_its_position() -> None:
    """At its character `offset`; messages before it on the page are fetched again, but not shown."""
    position = at_message(5, "a", offset=7, page_index=1)
    walk = walked(THREE, count=3, position=position)
    assert numbers(walk) == [5, 4, 3, 2, 1]
    assert walk.offset == 7
    assert not walk.from_newest
    assert asked(THREE, count=3, position=position) == [("a", 4), ("b", 1)]


def test_a_walk_resumes_after_the_last_message_shown() -> None:
    """Whether the next page repeats it or not."""
    for pages in (THREE, OVERLAPPING):
        walk = walked(pages, count=2, position=after_message(7, "a"))
        assert numbers(walk)[:2] == [6, 5]
        assert walk.offset == 0
        assert walk.notes == ()


def test_reading_resumes_in_an_edited_message_or_after_it() -> None:
    """Its rest if it is longer than the part shown, otherwise the next message."""
    long, short, empty = message(5, "0123456789"), message(5, "0123456"), message(5, "")
    for edited, shown, expected in ((long, 7, [5, 4]), (short, 7, [4]), (empty, 7, [4]), (empty, 0, [5, 4])):
        walk = walked({"a": page([6, edited, 4])}, position=at_message(5, "a", offset=shown, page_index=1))
        assert numbers(walk) == expected
        assert walk.offset == (7 if edited is long else 0)


def test_new_messages_are_passed_over() -> None:
    """They push the anchor to an older page, where it is found; nothing is shown twice."""
    shifted = {None: page([15, 14, 13], "a"), "a": page([12, 11, 10], "b"), "b": page([9, 8, 7], "c"), "c": page([6])}
    for position, expected in ((at_message(8, page_index=1), [8, 7, 6]), (after_message(8, "a"), [7, 6])):
        walk = walked(shifted, count=9, position=position)
        assert numbers(walk) == expected
        assert walk.notes == ()


def test_new_messages_enlarge_the_next_request() -> None:
    """Until the anchor is found; then only the missing messages are requested."""
    shifted = {None: page([12, 11], "a"), "a": page([10, 9], "b"), "b": page([8, 7], "c"), "c": page([6, 5])}
    assert asked(shifted, count=4, position=at_message(9, page_index=1)) == [(None, 5), ("a", 7), ("b", 3), ("c", 1)]


def test_a_page_with_nothing_but_the_anchor_does_not_enlarge_the_next_request() -> None:
    """The anchor was found, so only the missing messages are requested."""
    pages: Pages = {"a": page([7], "b"), "b": page([6, 5], "c")}
    assert asked(pages, count=2, position=after_message(7, "a")) == [("a", 2), ("b", 2)]


def test_a_walk_stopped_among_new_messages_can_be_resumed() -> None:
    """Its position is the last message collected, from the first page that did not have it."""
    walk = Walk(START, count=9)
    walk.take(page([9, 8], "a"))
    walk.take(page([11, 10], "b"))
    walk.stop("The API is gone.")
    assert not walk.needs_more
    assert walk.position_at(2, 0) == after_message(8, "a")
    assert walk.notes == ("The API is gone.",)


def test_reading_resumes_by_time_where_the_anchor_was_deleted() -> None:
    """At the first message that is not newer, with a note that messages may be missing."""
    walk = walked({"a": page([8, 7, 4], "b"), "b": page([3])}, position=at_message(5, "a", offset=7, page_index=2))
    assert numbers(walk) == [4, 3]
    assert walk.offset == 0
    assert walk.notes == (GAP_NOTE,)


def test_a_deleted_anchor_is_sought_while_all_messages_are_newer() -> None:
    """At the end of the conversation nothing follows it."""
    pages = {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([4, 3])}
    walk = walked(pages, position=at_message(5))
    assert (numbers(walk), walk.notes) == ([4, 3], (GAP_NOTE,))
    gone = walked({None: page([9, 8], "a"), "a": page([7, 6])}, position=at_message(5))
    assert (numbers(gone), gone.notes) == ([], (GAP_NOTE,))
    assert gone.position_at(0, 0) is None


def test_reading_resumes_at_the_page_of_a_deleted_anchor_without_a_time() -> None:
    """Messages may be shown twice, but none is lost; an undated message may be the next one."""
    undated = Position("a", anchor_of("urn:5"), inclusive=True)
    walk = walked({"a": page([8, 7, 4])}, position=undated)
    assert (numbers(walk), walk.notes) == ([8, 7, 4], (GAP_NOTE,))
    walk = walked({"a": page([8, message(7, sent_at_ms=None), 4])}, position=at_message(5, "a"))
    assert (numbers(walk), walk.notes) == ([7, 4], (GAP_NOTE,))


def test_a_deleted_last_message_loses_nothing() -> None:
    """The next page begins after it anyway."""
    walk = walked({"a": page([6, 5, 4])}, position=after_message(7, "a"))
    assert (numbers(walk), walk.notes) == ([6, 5, 4], ())


def test_an_old_time_on_a_newer_message_loses_nothing() -> None:
    """A page on which everything is newer is kept until the message sought cannot come any more."""
    odd = message(8, sent_at_ms=sent_at(1))
    walk = walked({None: page([9, odd], "a"), "a": page([7, 6], "b"), "b": page([5, 4], "c"), "c": page([3, 0])})
    assert numbers(walk) == [9, 8, 7, 6, 5, 4, 3, 0]
    walk = walked({None: page([9, odd], "a"), "a": page([7, 6])})
    assert numbers(walk) == [9, 8, 7, 6]


def test_a_walk_stopped_before_it_found_anything_can_be_resumed() -> None:
    """At the next page, for the same message, or with as many messages to skip as were left."""
    walk = Walk(at_message(5, page_index=3, offset=7, remaining=20), count=9)
    walk.take(page([9, 8], "a"))
    walk.stop("Enough was spent.")
    assert walk.position_at(0, 0) == at_message(5, "a", offset=7, remaining=20)
    walk = Walk(Position("a", skip_count=5, remaining=20), count=9)
    walk.take(page([9, 8], "b"))
    walk.stop("Enough was spent.")
    assert walk.position_at(0, 0) == Position(
        "b", anchor_of("urn:8"), sent_at_ms=sent_at(8), skip_count=3, remaining=20
    )
    rest = walked({"b": page([7, 6, 5, 4, 3])}, position=walk.position_at(0, 0) or START)
    assert numbers(rest) == [4, 3]


def test_a_walk_passes_over_any_number_of_newer_pages_that_lead_nearer() -> None:
    """An API whose cursors are offsets has moved them: pages met before come again, and so do their cursors."""
    pages: Pages = {
        "x": page([13, 12], "c"),
        "c": page([11, 10], "d"),
        "d": page([9, 8], "e"),
        "e": page([7, 6], "f"),
        "f": page([5, 4], "g"),
        "g": page([3, 2], "h"),
        "h": page([1]),
    }
    newest: Pages = {None: page([13, 12, 11, 10], "c"), **pages, "c": page([9, 8, 7, 6, 5, 4, 3], "x")}
    walk = Walk(START, count=13)
    walk.take(newest[None])
    walk.take(newest["c"])
    while walk.needs_more:
        walk.take(pages[walk.page_cursor or "x"])
    assert numbers(walk) == list(range(13, 0, -1))
    assert walk.notes == ()


@pytest.mark.parametrize(
    ("cursor", "leads_to_a_place"),
    [
        ("1776000000000", True),
        ("1776000000.123456", True),
        ("2026.1776000000000", True),
        ("REVTQ0VORElORyYxNzc3MTQ3NjQxMzY2JjItTURaaQ==", True),
        ("REVTQ0VORElORyYxNzc3MTQ3NjQxMzY2JjItTURaaQ", True),
        (None, True),
        ("20", False),
        ("offset:20", False),
        ("b2Zmc2V0OjIw", False),
        ("9776000000000", False),
        ("ж", False),
    ],
)
def test_a_cursor_with_a_time_leads_to_a_place(cursor: str | None, leads_to_a_place: bool) -> None:
    """Plainly or in base64, in seconds or milliseconds; any other may be an offset."""
    assert is_place(cursor) is leads_to_a_place


def test_a_position_after_a_page_remembers_the_total_unless_its_cursor_is_a_place() -> None:
    """The total of the time when the API gave the cursor, which a page from memory may state."""
    pages: Pages = {None: page([9, 8, 7], "20", total=30), "20": page([6, 5], "1776000000000", total=30)}
    after = walked(pages, count=3).position_at(3, 0)
    assert after is not None
    assert after.total == 30
    assert walked(pages, count=5).position_at(5, 0) == replace(after_message(5, "1776000000000"), remaining=25)
    known: Pages = {None: page([9, 8, 7], "20", total=29, next_total=30)}
    assert walked(known, count=3).position_at(3, 0) == replace(after, remaining=26)


@pytest.mark.parametrize(("gap", "deleted"), [(1, "1 message was"), (2, "2 messages were")])
def test_a_page_that_messages_may_be_missing_before_has_a_note(gap: int, deleted: str) -> None:
    """It says what to do."""
    walk = walked({None: page([9], "a"), "a": page([6], "b", gap=gap), "b": page([5])})
    advice = "so the API may have skipped as many others. Call again without cursor to see them."
    assert walk.notes == (f"{deleted} deleted while this conversation was read, {advice}",)
