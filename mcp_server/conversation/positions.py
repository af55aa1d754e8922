"""Where reading resumes in a conversation, and where the messages of an answer are."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from mcp_server.errors import InvalidCursor

ANCHOR_BYTES = 5
_TIME = re.compile("(?<![0-9])[1-3][0-9]{9,15}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading resumes.

    `page_cursor`: the API's cursor of the page, None for the newest page. `anchor`: `anchor_of` a message on that page,
    None for the page's first message. `inclusive`: the anchor is the first message to show, from its character `offset`
    on; otherwise it is the last message already shown. `sent_at_ms`: the anchor's time. `page_index`: the anchor's
    index on its page when it was read; it only helps to choose the size of the request. `remaining`: number of messages
    from here to the beginning of the conversation. `skip_count`: number of messages to skip before the first to show.
    `total`: how many messages there were when the API gave `page_cursor`, if that matters (see `is_place`).
    `labels`: fingerprints of the labels given so far, and of their people, each from 0 to 255.
    """

    page_cursor: str | None = None
    anchor: bytes | None = None
    inclusive: bool = False
    sent_at_ms: int | None = None
    offset: int = 0
    page_index: int = 0
    remaining: int | None = None
    skip_count: int = 0
    total: int | None = None
    labels: frozenset[tuple[int, int]] = frozenset()


START = Position()


def anchor_of(message_id: str) -> bytes:
    """A 40-bit hash of a message's identity, enough to distinguish the messages of one conversation."""
    return hashlib.sha256(message_id.encode()).digest()[:ANCHOR_BYTES]


def is_place(page_cursor: str | None) -> bool:
    """Whether one of the API's cursors leads to the same place whatever arrives or is deleted before it.

    So do those that contain a time, as the API's own examples do, plainly or in base64. Others may be offsets.
    """
    if page_cursor is None:
        return True
    padded = page_cursor.replace("-", "+").replace("_", "/") + "=" * (-len(page_cursor) % 4)
    try:
        decoded = b64decode(padded).decode("latin-1")
    except ValueError:
        decoded = ""
    return any(_TIME.search(text) for text in (page_cursor, decoded))


class Origin(NamedTuple):
    """Where a message was found: the cursor of its page, its index there, and its number in the walk from 0."""

    page_cursor: str | None
    page_index: int
    number: int


@dataclass(frozen=True, slots=True)
class WindowPage:
    """A page of an answer's messages: its message `page_index` is the answer's message number `first_number`."""

    cursor: str | None
    first_number: int
    page_index: int


def pages_of(origins: Iterable[Origin]) -> list[WindowPage]:
    """The pages of an answer's messages, in reading order."""
    pages: list[WindowPage] = []
    for number, origin in enumerate(origins):
        if not pages or pages[-1].cursor != origin.page_cursor:
            pages.append(WindowPage(origin.page_cursor, number, origin.page_index))
    return pages


@dataclass(frozen=True, slots=True)
class WindowPages:
    """Where the `length` messages of an answer are. `first_anchor` is `anchor_of` the first of them.

    `pages` are in reading order and may be a part of all. `remaining`: number of messages from the first one to the
    beginning of the conversation. `labels`: as for a position.
    """

    first_anchor: bytes
    length: int
    pages: tuple[WindowPage, ...]
    remaining: int | None = None
    labels: frozenset[tuple[int, int]] = frozenset()

    def page_before(self, number: int) -> WindowPage:
        """The listed page that contains message `number`, or the nearest one before it."""
        return [page for page in self.pages if page.first_number <= number][-1]

    def position_of(self, number: int) -> Position:
        """The position of message `number`, counted from 0. Raises InvalidCursor if there is no such message."""
        if number >= self.length:
            raise InvalidCursor
        remaining = None if self.remaining is None else max(0, self.remaining - number)
        page = self.page_before(number)
        skip_count = number - page.first_number
        if page.first_number == 0:
            # The first page may be the newest, which shifts with every new message: so the first message is an anchor.
            return Position(
                page.cursor,
                self.first_anchor,
                inclusive=True,
                page_index=page.page_index,
                remaining=remaining,
                skip_count=skip_count,
                labels=self.labels,
            )
        return Position(page.cursor, remaining=remaining, skip_count=page.page_index + skip_count, labels=self.labels)
