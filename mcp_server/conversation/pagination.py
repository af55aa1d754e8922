"""Paging through a conversation: what to request next, how to find a cursor's position, and when to stop. Pure.

The API's pages may overlap, have any size, shift when messages arrive, be repeated under another cursor, or be empty.
A walk collects every message once, in the API's order, from the position in its cursor.
"""

from dataclasses import replace
from typing import Literal, NamedTuple

from mcp_server.conversation.cursor import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.conversation.models import Message, Page

_MAX_PAGES_WITHOUT_NEWS = 4
"""Reading stops after this many pages in a row without a new message, because there may be no end of them."""

_COUNT_WITHOUT_PRICE = 10
"""Messages requested under a limit of credits while the price is unknown."""

_NO_PAGE = Page((), None)

_GAP_NOTE = (
    "The message this cursor points to no longer exists. Reading resumed by timestamp, so messages may be missing here."
)
_REPEAT_NOTE = "The API repeats its pages; reading stopped here."
_NO_NEWS_NOTE = f"The API's last {_MAX_PAGES_WITHOUT_NEWS} pages contained nothing new; reading stopped here."


class _Origin(NamedTuple):
    """Where a message was found: the cursor of its page, and its index there."""

    page_cursor: str | None
    page_index: int


class Walk:
    """The pages of one call, and the messages collected from them.

    `messages` are newest first, and may be more than `count` because a page may be longer than requested. The next
    request is for `request_count` messages at `page_cursor`. `offset` is the number of characters of the first message
    that an earlier answer has shown. `pages` counts all pages taken, `pages_from_cache` those that cost nothing.
    """

    def __init__(self, position: Position, *, count: int, since_ms: int | None = None) -> None:
        self.count = count
        self.messages: list[Message] = []
        self.credits = 0
        self.maybe_extra = 0
        self._charged_messages = 0
        self.since_reached = False
        self.offset = 0
        self.first_page = _NO_PAGE
        self.page_cursor = position.page_cursor
        self._start = position
        self._last_found: Message | None = None
        self._passed_pages: list[tuple[Page, str | None]] = []
        self._origins: list[_Origin] = []
        self._collected_ids: set[str] = set()
        self._met_ids: set[str] = set()
        self._visited: set[str | None] = {position.page_cursor}
        self._since_ms = since_ms
        self._ended = False
        self._stopped = False
        self._pages_repeat = False
        self._pages_without_news = 0
        self._preceding = position.page_index
        self._to_skip = position.skip_count
        self._skipped = 0
        self._replaced = 0
        self.pages = 0
        self.pages_from_cache = 0
        self._notes: list[str] = []

    @property
    def needs_more(self) -> bool:
        return len(self.messages) < self.count and not (self._ended or self._stopped or self.since_reached)

    @property
    def stopped(self) -> bool:
        """Whether reading stopped early: at a failure, at the limit of credits, or at pages that lead nowhere."""
        return self._stopped

    @property
    def request_count(self) -> int:
        """Messages to request from the next page: those still missing, and those known to precede them."""
        return self.count - len(self.messages) + self._preceding + self._to_skip

    @property
    def messages_per_credit(self) -> float | None:
        """The price of this walk's pages, None while it has paid nothing."""
        return self._charged_messages / self.credits if self.credits else None

    def affordable(self, max_credits: int | None, *, messages_per_credit: float | None = None) -> int:
        """The number of further messages that `max_credits` allows, at the price of this walk's pages.

        The API states a price only in a response. Before this walk's first payment the price is
        `messages_per_credit`, that of earlier calls; if it is unknown too, a small page is allowed. The first page is
        always allowed.
        """
        if max_credits is None:
            return self.request_count
        price = self.messages_per_credit or messages_per_credit
        if price is None:
            return min(self.request_count, _COUNT_WITHOUT_PRICE)
        return max(0 if self.credits else 1, int((max_credits - self.credits) * price))

    @property
    def end_reason(self) -> Literal["beginning", "asked", "stopped"]:
        """Why nothing follows, if nothing does."""
        return "asked" if self.since_reached else "stopped" if self._pages_repeat else "beginning"

    @property
    def from_newest(self) -> bool:
        return self._start == START

    @property
    def remaining(self) -> int | None:
        """Messages from the first of this walk to the beginning of the conversation, if known."""
        if self._start.remaining is not None:
            return self._start.remaining
        return self.first_page.total if self.from_newest else None

    @property
    def notes(self) -> tuple[str, ...]:
        notes = list(self._notes)
        if self._skipped:
            words = "1 message" if self._skipped == 1 else f"{self._skipped} messages"
            notes.append(f"{words} could not be read and {'was' if self._skipped == 1 else 'were'} skipped.")
        if self._replaced:
            words = "1 character" if self._replaced == 1 else f"{self._replaced} characters"
            were, are = ("was", "is") if self._replaced == 1 else ("were", "are")
            notes.append(f"{words} {were} not valid UTF-8 and {are} shown as \ufffd.")
        if self.maybe_extra:
            words = "1 request" if self.maybe_extra == 1 else f"{self.maybe_extra} requests"
            notes.append(f"{words} got no response and may have been billed on top of these credits.")
        return tuple(notes)

    def stop(self, note: str) -> None:
        """End reading early. The messages read so far stay, and the cursor resumes from there."""
        self._stopped = True
        self._notes.append(note)

    def take(self, page: Page) -> None:
        """Add the page that was fetched for `page_cursor`."""
        if self.first_page is _NO_PAGE:
            self.first_page = page
        self.credits += page.credits
        self.maybe_extra += page.maybe_extra
        self._charged_messages += len(page.messages) if page.credits else 0
        self._skipped += page.skipped
        self._replaced += page.replaced
        self.pages += 1
        self.pages_from_cache += page.from_cache
        met_before = len(self._met_ids)
        self._met_ids.update(message.id for message in page.messages)
        self._seek(page, self.page_cursor)
        # New messages have shifted a page without the message sought: the rest is at least that page further.
        self._preceding = self._preceding + len(page.messages) if self._passed_pages else 0
        self._pages_without_news = 0 if len(self._met_ids) > met_before else self._pages_without_news + 1
        self._ended = page.next_cursor is None
        if self._ended:
            return
        repeats = page.next_cursor in self._visited
        if repeats or self._pages_without_news >= _MAX_PAGES_WITHOUT_NEWS:
            # Pages passed over are newer than the message sought: where pages repeat, they have been shown before.
            self._passed_pages.clear()
            if self.needs_more:
                # Pages without news may still end, so an answer with messages keeps its cursor and can be continued.
                self._ended = self._pages_repeat = repeats or not self.messages
                self._stopped = True
                self._notes.append(_REPEAT_NOTE if repeats else _NO_NEWS_NOTE)
        if not repeats:
            self.page_cursor = page.next_cursor
            self._visited.add(page.next_cursor)

    def position_at(self, index: int, offset: int) -> Position | None:
        """Where reading resumes after the first `index` messages and `offset` characters of the next one."""
        remaining = None if self.remaining is None else max(0, self.remaining - index)
        if index < len(self.messages):
            message, origin = self.messages[index], self._origins[index]
            return Position(
                origin.page_cursor,
                anchor_of(message.id),
                inclusive=True,
                sent_at_ms=message.sent_at_ms,
                offset=offset,
                page_index=origin.page_index,
                remaining=remaining,
            )
        if self._ended or self.since_reached:
            return None
        if not self.messages:
            return replace(
                self._sought, page_cursor=self.page_cursor, remaining=remaining, skip_count=self._to_skip, page_index=0
            )
        last = self.messages[-1]
        return Position(
            self._passed_pages[0][1] if self._passed_pages else self.page_cursor,
            anchor_of(last.id),
            sent_at_ms=last.sent_at_ms,
            remaining=remaining,
        )

    def window_pages(self, *, max_pages: int) -> WindowPages | None:
        """Where the first `count` messages are, with at most `max_pages` of their pages; None if there are none."""
        pages: list[WindowPage] = []
        for number, origin in enumerate(self._origins[: self.count]):
            if not pages or pages[-1].cursor != origin.page_cursor:
                pages.append(WindowPage(origin.page_cursor, number, origin.page_index))
        if not pages:
            return None
        # The pages in between are reached from a listed one, free of charge as long as they are cached.
        step = -(-len(pages) // max_pages)
        first_anchor = anchor_of(self.messages[0].id)
        return WindowPages(first_anchor, min(len(self.messages), self.count), tuple(pages[::step]), self.remaining)

    def _add(self, page: Page, cursor: str | None, start: int) -> None:
        """Collect the messages of a page from index `start` on: new ones, later than `since`, not to be skipped."""
        ids, since_ms = self._collected_ids, self._since_ms
        for index, message in enumerate(page.messages[start:], start):
            if message.id in ids:
                continue
            ids.add(message.id)
            self._last_found = message
            if self._to_skip:
                self._to_skip -= 1
            elif since_ms is not None and message.sent_at_ms is not None and message.sent_at_ms <= since_ms:
                self.since_reached = True
            else:
                self.messages.append(message)
                self._origins.append(_Origin(cursor, index))

    def _seek(self, page: Page, cursor: str | None) -> None:
        """Collect what follows the message sought, which is on this page or on a later one.

        New messages push it to an older page, so a page on which every message is newer is passed over.
        """
        sought = self._sought
        index = self._index_of(page)
        if index is not None:
            # After an edit the message may be no longer than the part already shown.
            shown = not sought.inclusive or 0 < sought.offset >= len(page.messages[index].text)
            if not shown:
                self.offset = sought.offset
            self._passed_pages.clear()
            self._add(page, cursor, index + 1 if shown else index)
            return
        self._passed_pages.append((page, cursor))
        times = [message.sent_at_ms for message in page.messages]
        newer = sought.sent_at_ms is not None and all(t is not None and t > sought.sent_at_ms for t in times)
        if not newer or page.next_cursor is None:
            self._give_up_seeking()

    @property
    def _sought(self) -> Position:
        """The message to find on the next page: the last one collected, or at first the one in the cursor."""
        if self._last_found is None:
            return self._start
        return Position(anchor=anchor_of(self._last_found.id), sent_at_ms=self._last_found.sent_at_ms)

    def _index_of(self, page: Page) -> int | None:
        """The index of that message on a page, None if it is not there."""
        found, anchor = self._last_found, self._start.anchor
        if found is not None:
            matches = (index for index, message in enumerate(page.messages) if message.id == found.id)
        else:
            matches = (index for index, message in enumerate(page.messages) if anchor_of(message.id) == anchor)
        return next(matches, None) if found is not None or anchor is not None else None

    def _give_up_seeking(self) -> None:
        """Collect the pages passed over, because none has the message sought: all of them, or from its time on.

        A message that was the last of its page is usually not on the next page, so nothing is missing then. A message
        that was to be shown itself has been deleted.
        """
        passed, self._passed_pages = self._passed_pages, []
        sought = self._sought
        if not sought.inclusive:
            for page, cursor in passed:
                self._add(page, cursor, 0)
            return
        self._notes.append(_GAP_NOTE)
        for page, cursor in passed:
            older = (
                index
                for index, message in enumerate(page.messages)
                if sought.sent_at_ms is None or message.sent_at_ms is None or message.sent_at_ms <= sought.sent_at_ms
            )
            self._add(page, cursor, next(older, len(page.messages)))
