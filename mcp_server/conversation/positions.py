"""Where reading resumes in a conversation, and where the messages of an answer are."""

import hashlib
from dataclasses import dataclass

from mcp_server.errors import InvalidCursor

ANCHOR_BYTES = 5


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading resumes.

    `page_cursor`: the API's cursor of the page, None for the newest page. `anchor`: `anchor_of` a message on that page,
    None for the page's first message. `inclusive`: the anchor is the first message to show, from its character `offset`
    on; otherwise it is the last message already shown. `sent_at_ms`: the anchor's time. `page_index`: the anchor's
    index on its page when it was read; it only helps to choose the size of the request. `remaining`: number of messages
    from here to the beginning of the conversation. `skip_count`: number of messages to skip before the first to show.
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
    labels: frozenset[tuple[int, int]] = frozenset()


START = Position()


def anchor_of(message_id: str) -> bytes:
    """A 40-bit hash of a message's identity, enough to distinguish the messages of one conversation."""
    return hashlib.sha256(message_id.encode()).digest()[:ANCHOR_BYTES]


@dataclass(frozen=True, slots=True)
class WindowPage:
    """A page of an answer's messages: its message `page_index` is the answer's message number `first_number`."""

    cursor: str | None
    first_number: int
    page_index: int


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
