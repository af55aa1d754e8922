"""Going on from a place while messages arrive, are edited, and are deleted."""

from mcp_server.conversation.cursor import START, Position, anchor_of
from mcp_server.conversation.pagination import Walk
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


def test_a_place_is_the_first_message_not_shown() -> None:
    """On the page where it stands, how far in, when it was sent, and how many there still are."""
    pages = {None: page([9, 8, 7], "a", total=30), "a": page([6, 5, 4], "b", total=30)}
    walk = walked(pages, count=6)
    assert walk.remaining == 30
    assert walk.position_at(4, 120) == at_message(5, "a", offset=120, skip=1, remaining=26)
    assert walk.position_at(6, 0) == Position("b", anchor_of("urn:4"), sent_at_ms=sent_at(4), remaining=24)


def test_what_remains_is_never_less_than_nothing() -> None:
    """The API's total may be off; where it tells none, or not of the newest page, none is known."""
    off = walked({None: page([9, 8, 7], "a", total=1)}, count=2)
    place = off.position_at(2, 0)
    assert place is not None
    assert place.remaining == 0
    assert walked(THREE, count=2).remaining is None
    assert walked({"a": page([6, 5], total=30)}, position=at_message(6, "a")).remaining is None
    assert walked({"a": page([6, 5], total=30)}, position=at_message(6, "a", remaining=7)).remaining == 7


def test_a_walk_goes_on_at_the_message_its_place_names() -> None:
    """So many characters into it; what stands before it on the page is bought again, but not shown."""
    position = at_message(5, "a", offset=7, skip=1)
    walk = walked(THREE, count=3, position=position)
    assert numbers(walk) == [5, 4, 3, 2, 1]
    assert walk.offset == 7
    assert not walk.from_newest
    assert asked(THREE, count=3, position=position) == [("a", 4), ("b", 1)]


def test_a_walk_goes_on_after_the_message_its_place_names() -> None:
    """Whether the next page repeats it or not."""
    for pages in (THREE, OVERLAPPING):
        walk = walked(pages, count=2, position=after_message(7, "a"))
        assert numbers(walk)[:2] == [6, 5]
        assert walk.offset == 0
        assert walk.notes == ()


def test_a_message_that_was_edited_is_gone_on_in_or_after() -> None:
    """Longer than what was shown of it: the rest. No longer: the next one, not an empty rest."""
    long, short, empty = message(5, "0123456789"), message(5, "0123456"), message(5, "")
    for edited, shown, expected in ((long, 7, [5, 4]), (short, 7, [4]), (empty, 7, [4]), (empty, 0, [5, 4])):
        walk = walked({"a": page([6, edited, 4])}, position=at_message(5, "a", offset=shown, skip=1))
        assert numbers(walk) == expected
        assert walk.offset == (7 if edited is long else 0)


def test_messages_that_arrived_are_passed_over() -> None:
    """They push the one to go on from to an older page; it is found there, and nothing shown is shown again."""
    shifted = {None: page([15, 14, 13], "a"), "a": page([12, 11, 10], "b"), "b": page([9, 8, 7], "c"), "c": page([6])}
    for position, expected in ((at_message(8, skip=1), [8, 7, 6]), (after_message(8, "a"), [7, 6])):
        walk = walked(shifted, count=9, position=position)
        assert numbers(walk) == expected
        assert walk.notes == ()


def test_more_is_asked_for_where_messages_arrived() -> None:
    """What was passed over was not what was missing; once the place is found, only that is asked for."""
    shifted = {None: page([12, 11], "a"), "a": page([10, 9], "b"), "b": page([8, 7], "c"), "c": page([6, 5])}
    assert asked(shifted, count=4, position=at_message(9, skip=1)) == [(None, 5), ("a", 7), ("b", 3), ("c", 1)]


def test_a_page_that_only_ends_where_reading_goes_on_was_not_shifted_further() -> None:
    """The last message shown is on it: of the next, what is missing is asked for and no more."""
    pages: Pages = {"a": page([7], "b"), "b": page([6, 5], "c")}
    assert asked(pages, count=2, position=after_message(7, "a")) == [("a", 2), ("b", 2)]


def test_stopping_in_the_middle_of_what_arrived_goes_on_there() -> None:
    """The place is still the last message found, sought from the first page that did not have it."""
    walk = Walk(START, count=9)
    walk.take(page([9, 8], "a"))
    walk.take(page([11, 10], "b"))
    walk.stop("The API is gone.")
    assert not walk.wants_more
    assert walk.position_at(2, 0) == after_message(8, "a")
    assert walk.notes == ("The API is gone.",)


def test_a_message_that_was_deleted_is_gone_on_from_by_time() -> None:
    """At the first one not newer, with a note that some may be missing."""
    walk = walked({"a": page([8, 7, 4], "b"), "b": page([3])}, position=at_message(5, "a", offset=7, skip=2))
    assert numbers(walk) == [4, 3]
    assert walk.offset == 0
    assert walk.notes == (GAP_NOTE,)


def test_a_deleted_message_is_sought_as_far_as_everything_is_newer() -> None:
    """Then its place has been passed; at the end of the conversation it is where nothing follows."""
    pages = {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([4, 3])}
    walk = walked(pages, position=at_message(5))
    assert (numbers(walk), walk.notes) == ([4, 3], (GAP_NOTE,))
    gone = walked({None: page([9, 8], "a"), "a": page([7, 6])}, position=at_message(5))
    assert (numbers(gone), gone.notes) == ([], (GAP_NOTE,))
    assert gone.position_at(0, 0) is None


def test_a_deleted_message_without_a_time_is_gone_on_from_at_its_page() -> None:
    """Rather shown twice than lost; an undated one on the page may be the next as well."""
    undated = Position("a", anchor_of("urn:5"), inclusive=True)
    walk = walked({"a": page([8, 7, 4])}, position=undated)
    assert (numbers(walk), walk.notes) == ([8, 7, 4], (GAP_NOTE,))
    walk = walked({"a": page([8, message(7, sent_at_ms=None), 4])}, position=at_message(5, "a"))
    assert (numbers(walk), walk.notes) == ([7, 4], (GAP_NOTE,))


def test_a_deleted_last_message_loses_nothing() -> None:
    """The next page simply begins after it, as it always does."""
    walk = walked({"a": page([6, 5, 4])}, position=after_message(7, "a"))
    assert (numbers(walk), walk.notes) == ([6, 5, 4], ())


def test_an_old_time_on_a_newer_message_loses_nothing() -> None:
    """A page of messages all newer than the one before it is kept until it is sure that one does not come again."""
    odd = message(8, sent_at_ms=sent_at(1))
    walk = walked({None: page([9, odd], "a"), "a": page([7, 6], "b"), "b": page([5, 4], "c"), "c": page([3, 0])})
    assert numbers(walk) == [9, 8, 7, 6, 5, 4, 3, 0]
    walk = walked({None: page([9, odd], "a"), "a": page([7, 6])})
    assert numbers(walk) == [9, 8, 7, 6]


def test_a_walk_stopped_before_it_found_anything_goes_on_where_it_was() -> None:
    """At the next page, still in search of the same message, or with as many still ahead as there were."""
    walk = Walk(at_message(5, skip=3, offset=7, remaining=20), count=9)
    walk.take(page([9, 8], "a"))
    walk.stop("Enough was spent.")
    assert walk.position_at(0, 0) == at_message(5, "a", offset=7, remaining=20)
    walk = Walk(Position("a", ahead=5, remaining=20), count=9)
    walk.take(page([9, 8], "b"))
    walk.stop("Enough was spent.")
    assert walk.position_at(0, 0) == Position("b", anchor_of("urn:8"), sent_at_ms=sent_at(8), ahead=3, remaining=20)
    rest = walked({"b": page([7, 6, 5, 4, 3])}, position=walk.position_at(0, 0) or START)
    assert numbers(rest) == [4, 3]
