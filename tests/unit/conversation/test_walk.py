"""Walking pages as an API may really give them: overlapping, shifted, repeated, endless."""

from collections.abc import Mapping, Sequence

import pytest

from mcp_server.conversation.cursor import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.conversation.models import Message, Page
from mcp_server.conversation.walk import Walk
from tests.support.conversations import message

GAP_NOTE = "The message to go on from is gone; reading goes on by time, and some may be missing here."
CIRCLE_NOTE = "The API repeats its pages; reading stopped here."
IDLE_NOTE = "The API's last 4 pages brought nothing new; reading stopped here."

Pages = Mapping[str | None, Page]


def page(numbers: Sequence[int | Message], next_cursor: str | None = None, **rest: int) -> Page:
    """A page of these messages, by number (ten minutes apart) or as they are; it cost a credit."""
    messages = tuple(number if isinstance(number, Message) else message(number) for number in numbers)
    return Page(messages, next_cursor, **{"credits": 1, **rest})  # type: ignore[arg-type]  # by name


def walked(pages: Pages, *, count: int = 100, position: Position = START, since_ms: int | None = None) -> Walk:
    """A walk that has taken all the pages it wanted; more than twenty would be without end."""
    walk = Walk(position, count=count, since_ms=since_ms)
    for _ in range(20):
        if not walk.wants_more:
            return walk
        walk.take(pages[walk.page_cursor])
    raise AssertionError("the walk does not end")


def asked(pages: Pages, *, count: int, position: Position = START) -> list[tuple[str | None, int]]:
    """Which pages such a walk buys, and how many messages it asks each of them for."""
    walk = Walk(position, count=count)
    asked = []
    while walk.wants_more:
        asked.append((walk.page_cursor, walk.ask))
        walk.take(pages[walk.page_cursor])
    return asked


def numbers(walk: Walk) -> list[int]:
    """What was found, by number."""
    return [int(found.id.removeprefix("urn:")) for found in walk.messages]


def sent_at(number: int) -> int:
    """When message `number` was sent."""
    moment = message(number).sent_at_ms
    assert moment is not None
    return moment


def at_message(number: int, page_cursor: str | None = None, **rest: int) -> Position:
    """The place where message `number` is the first to be shown."""
    return Position(page_cursor, anchor_of(f"urn:{number}"), inclusive=True, sent_at_ms=sent_at(number), **rest)


def after_message(number: int, page_cursor: str | None) -> Position:
    """The place where message `number` was the last one shown."""
    return Position(page_cursor, anchor_of(f"urn:{number}"), sent_at_ms=sent_at(number))


THREE: Pages = {None: page([9, 8, 7], "a"), "a": page([6, 5, 4], "b"), "b": page([3, 2, 1])}
OVERLAPPING: Pages = {None: page([9, 8, 7], "a"), "a": page([7, 6, 5], "b"), "b": page([6, 5, 4])}


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


CIRCLES: list[Pages] = [
    {None: page([9, 8], "a"), "a": page([7, 6], "a")},
    {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([5, 4], "a")},
    {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([9, 8], "a")},
]


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
    walk = walked({None: page([9], "a"), "a": page([8], "b", kept=True), "b": page([7])})
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


@pytest.mark.parametrize(
    ("cost", "max_credits", "expected"),
    [(1, None, 7), (0, 1, 7), (1, 1, 0), (1, 2, 3), (1, 4, 9), (3, 5, 2), (3, 4, 1), (4, 5, 0), (5, 1, 0)],
)
def test_a_ceiling_of_credits_buys_what_the_price_so_far_lets_it(
    cost: int, max_credits: int | None, expected: int
) -> None:
    """Three messages have cost so much: at that price, so many more; what was free says nothing about prices."""
    walk = Walk(START, count=10)
    assert walk.affordable(max_credits) == 10
    walk.take(page([9, 8, 7], "a", credits=cost))
    assert walk.affordable(max_credits) == expected


def test_free_pages_do_not_lower_the_price() -> None:
    """What is kept elsewhere costs nothing now; what has to be bought costs as before."""
    walk = Walk(START, count=20)
    walk.take(page([19, 18, 17, 16, 15, 14], "a", credits=0))
    walk.take(page([13, 12], "b", credits=2))
    assert walk.affordable(5) == 3


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


def test_a_window_knows_the_pages_it_is_made_of() -> None:
    """Which of its messages is the first on each, and where it stands there; only of those that are shown."""
    pages = {**THREE, "b": page([4, 3, 2], total=30)}
    window = walked(pages, count=7, position=at_message(8, remaining=29)).window_pages(most=10)
    assert window == WindowPages(
        anchor_of("urn:8"), 7, (WindowPage(None, 0, 1), WindowPage("a", 2, 0), WindowPage("b", 5, 1)), 29
    )
    assert walked({None: page([])}).window_pages(most=10) is None


@pytest.mark.parametrize(("most", "expected"), [(3, [None, "a", "b"]), (2, [None, "b"]), (1, [None])])
def test_a_window_names_no_more_pages_than_it_may(most: int, expected: list[str | None]) -> None:
    """The first one always; from any of them one can read on."""
    window = walked(THREE).window_pages(most=most)
    assert window is not None
    assert [named.cursor for named in window.pages] == expected


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("number", range(9))
def test_a_stretch_left_out_is_read_from_any_message_of_the_window(most: int, number: int) -> None:
    """However few of its pages are named."""
    window = walked(THREE).window_pages(most=most)
    assert window is not None
    position = window.position_of(number)
    walk = walked(THREE, count=2, position=position)
    assert numbers(walk)[:2] == list(range(9 - number, 0, -1))[:2]
    assert walk.notes == ()
    assert not walk.from_newest or number == 0


def test_a_stretch_is_found_though_messages_arrived() -> None:
    """They shift the newest page, where the window's first message is found by its identity."""
    window = walked(THREE, count=3).window_pages(most=3)
    assert window is not None
    shifted = {None: page([11, 10, 9], "a"), "a": page([8, 7, 6])}
    assert numbers(walked(shifted, position=window.position_of(2))) == [7, 6]


def test_what_lies_ahead_of_a_stretch_is_asked_for_with_it() -> None:
    """In one page where it is long enough; else the next is asked for all that is still ahead."""
    pages: Pages = {"a": page(range(90, 80, -1), "b"), "b": page(range(80, 60, -1), "c")}
    position = Position("a", ahead=15)
    assert asked(pages, count=4, position=position) == [("a", 19), ("b", 9)]
    assert numbers(walked(pages, count=4, position=position))[:4] == [75, 74, 73, 72]
