"""Reading a stretch left out: the pages of a window, and the way to any message of it."""

import pytest

from mcp_server.conversation.cursor import Position, WindowPage, WindowPages, anchor_of
from tests.support.walking import THREE, Pages, asked, at_message, numbers, page, walked


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
