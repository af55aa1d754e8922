"""Pages of numbered messages, and walks over them."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcp_server.conversation.models import Message, Page
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.positions import START, Position, anchor_of
from tests.support.conversations import message

GAP_NOTE = (
    "The message this cursor points to no longer exists. Reading resumed by timestamp, so messages may be missing here."
)
CIRCLE_NOTE = "The API repeats its pages; reading stopped here."
NO_NEWS_NOTE = "The API's last 4 pages contained nothing new; reading stopped here."

Pages = Mapping[str | None, Page]


def page(numbers: Sequence[int | Message], next_cursor: str | None = None, **rest: int) -> Page:
    """A page of these messages, given by number (ten minutes apart) or whole; it cost one credit."""
    messages = tuple(number if isinstance(number, Message) else message(number) for number in numbers)
    return Page(messages, next_cursor, **{"credits": 1, **rest})  # type: ignore[arg-type]  # by name


def walked(pages: Pages, *, count: int = 100, position: Position = START, since_ms: int | None = None) -> Walk:
    """A walk that has taken all the pages it needs, at most twenty."""
    walk = Walk(position, count=count, since_ms=since_ms)
    for _ in range(20):
        if not walk.needs_more:
            return walk
        walk.take(pages[walk.page_cursor])
    raise AssertionError("the walk does not end")


def asked(pages: Pages, *, count: int, position: Position = START) -> list[tuple[str | None, int]]:
    """The pages that such a walk fetches, and the number of messages requested for each."""
    walk = Walk(position, count=count)
    asked = []
    while walk.needs_more:
        asked.append((walk.page_cursor, walk.request_count))
        walk.take(pages[walk.page_cursor])
    return asked


def numbers(walk: Walk) -> list[int]:
    """The numbers of the messages found."""
    return [int(found.id.removeprefix("urn:")) for found in walk.messages]


def sent_at(number: int) -> int:
    """When message `number` was sent."""
    moment = message(number).sent_at_ms
    assert moment is not None
    return moment


def at_message(number: int, page_cursor: str | None = None, **rest: Any) -> Position:
    """The position at which message `number` is shown first."""
    return Position(page_cursor, anchor_of(f"urn:{number}"), inclusive=True, sent_at_ms=sent_at(number), **rest)


def after_message(number: int, page_cursor: str | None) -> Position:
    """The position after message `number`."""
    return Position(page_cursor, anchor_of(f"urn:{number}"), sent_at_ms=sent_at(number))


THREE: Pages = {None: page([9, 8, 7], "a"), "a": page([6, 5, 4], "b"), "b": page([3, 2, 1])}
OVERLAPPING: Pages = {None: page([9, 8, 7], "a"), "a": page([7, 6, 5], "b"), "b": page([6, 5, 4])}
CIRCLES: list[Pages] = [
    {None: page([9, 8], "a"), "a": page([7, 6], "a")},
    {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([5, 4], "a")},
    {None: page([9, 8], "a"), "a": page([7, 6], "b"), "b": page([9, 8], "a")},
]
