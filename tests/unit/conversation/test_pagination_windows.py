"""Reading omitted messages: the pages of an answer, and the position of each of its messages."""

import pytest

from mcp_server.conversation.positions import Position, WindowPage, WindowPages, anchor_of
from tests.support.walking import THREE, Pages, asked, at_message, numbers, page, walked


def test_the_pages_of_an_answer_are_known() -> None:
    """With the number of the first message on each, and its index there; only pages that are shown."""
    pages = {**THREE, "b": page([4, 3, 2], total=30)}
    window = walked(pages, count=7, position=at_message(8, remaining=29)).window_pages(max_pages=10)
    assert window == WindowPages(
        anchor_of("urn:8"), 7, (WindowPage(None, 0, 1), WindowPage("a", 2, 0), WindowPage("b", 5, 1)), 29
    )
    assert walked({None: page([])}).window_pages(max_pages=10) is None


@pytest.mark.parametrize(("most", "expected"), [(3, [None, "a", "b"]), (2, [None, "b"]), (1, [None])])
def test_no_more_pages_are_listed_than_allowed(most: int, expected: list[str | None]) -> None:
    """The first page always is; the others can be reached from a listed one."""
    window = walked(THREE).window_pages(max_pages=most)
    assert window is not None
    assert [named.cursor for named in window.pages] == expected


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize("number", range(9))
def test_omitted_messages_can_be_read_from_any_number_on(most: int, number: int) -> None:
    """However few pages are listed."""
    window = walked(THREE).window_pages(max_pages=most)
    assert window is not None
    position = window.position_of(number)
    walk = walked(THREE, count=2, position=position)
    assert numbers(walk)[:2] == list(range(9 - number, 0, -1))[:2]
    assert walk.notes == ()
    assert not walk.from_newest or number == 0


def test_omitted_messages_are_found_after_new_ones_arrived() -> None:
    """They shift the newest page, on which the answer's first message is found by its identity."""
    window = walked(THREE, count=3).window_pages(max_pages=3)
    assert window is not None
    shifted = {None: page([11, 10, 9], "a"), "a": page([8, 7, 6])}
    assert numbers(walked(shifted, position=window.position_of(2))) == [7, 6]


def test_messages_to_skip_are_requested_too() -> None:
    """In one page if it is long enough; the next request is for those still to skip."""
    pages: Pages = {"a": page(range(90, 80, -1), "b"), "b": page(range(80, 60, -1), "c")}
    position = Position("a", skip_count=15)
    assert asked(pages, count=4, position=position) == [("a", 19), ("b", 9)]
    assert numbers(walked(pages, count=4, position=position))[:4] == [75, 74, 73, 72]
