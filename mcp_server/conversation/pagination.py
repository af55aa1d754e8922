"""Walking a conversation page by page: what to ask for, where a cursor's place is, and when to stop. Decisions only.

Pages are the API's: they may overlap, come in any size, shift when messages arrive, repeat under a new cursor, or be
empty. A walk shows every message once, in the API's order, from the place its cursor names.
"""

from dataclasses import replace
from typing import Literal, NamedTuple

from mcp_server.conversation.cursor import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.conversation.models import Message, Page

_MAX_IDLE_PAGES = 4
"""So many pages in a row without anything new: there may be no end to them."""

_PRICE_UNKNOWN = 10
"""So many messages are asked for under a ceiling until the API has told a price."""

_NO_PAGE = Page((), None)

_GAP_NOTE = "The message to go on from is gone; reading goes on by time, and some may be missing here."
_CIRCLE_NOTE = "The API repeats its pages; reading stopped here."
_IDLE_NOTE = f"The API's last {_MAX_IDLE_PAGES} pages brought nothing new; reading stopped here."


class _Place(NamedTuple):
    """On which page, and after how many others, a message stands."""

    page_cursor: str | None
    after: int


class Walk:
    """One call's way through the pages.

    `messages` is what was found, newest first, more than `count` where a page was longer than asked; `page_cursor` and
    `ask` say which page to buy next and how long. `bounded`: the caller's `since` was reached. `offset`: characters of
    the first message shown before. `pages` counts those taken, `pages_kept` those of them that had been bought before.
    """

    def __init__(self, position: Position, *, count: int, since_ms: int | None = None) -> None:
        self.count = count
        self.messages: list[Message] = []
        self.credits = 0
        self.maybe_extra = 0
        self._bought = 0
        self.bounded = False
        self.offset = 0
        self.first_page = _NO_PAGE
        self.page_cursor = position.page_cursor
        self._start = position
        self._found: Message | None = None
        self._passed: list[tuple[Page, str | None]] = []
        self._places: list[_Place] = []
        self._ids: set[str] = set()
        self._met: set[str] = set()
        self._visited: set[str | None] = {position.page_cursor}
        self._since_ms = since_ms
        self._ended = False
        self._stopped = False
        self._circling = False
        self._idle = 0
        self._skip = position.skip
        self._ahead = position.ahead
        self._skipped = 0
        self._replaced = 0
        self.pages = 0
        self.pages_kept = 0
        self._notes: list[str] = []

    @property
    def wants_more(self) -> bool:
        return len(self.messages) < self.count and not (self._ended or self._stopped or self.bounded)

    @property
    def stopped(self) -> bool:
        """It ended before it was to: by a failure, by a ceiling, by pages that lead nowhere."""
        return self._stopped

    @property
    def ask(self) -> int:
        """How many messages the next page should have: those missing, and those known to stand before them."""
        return self.count - len(self.messages) + self._skip + self._ahead

    @property
    def messages_per_credit(self) -> float | None:
        """What this walk has paid, None while it has paid nothing."""
        return self._bought / self.credits if self.credits else None

    def affordable(self, max_credits: int | None, *, messages_per_credit: float | None = None) -> int:
        """How many more messages fit a ceiling of credits, at the price of those that this walk has bought.

        The API tells no prices beforehand. Before anything was bought the price is what earlier calls have paid,
        where that is known; else a small page shows it. That first page is bought in any case.
        """
        if max_credits is None:
            return self.ask
        price = self.messages_per_credit or messages_per_credit
        if price is None:
            return min(self.ask, _PRICE_UNKNOWN)
        return max(0 if self.credits else 1, int((max_credits - self.credits) * price))

    @property
    def end(self) -> Literal["beginning", "asked", "stopped"]:
        """Why nothing follows, where nothing does."""
        return "asked" if self.bounded else "stopped" if self._circling else "beginning"

    @property
    def from_newest(self) -> bool:
        return self._start == START

    @property
    def remaining(self) -> int | None:
        """Messages from the first of this walk to the beginning of the conversation, where that is known."""
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
            notes.append(f"{words} did not arrive whole and {'is' if self._replaced == 1 else 'are'} shown as \ufffd.")
        if self.maybe_extra:
            words = "1 request" if self.maybe_extra == 1 else f"{self.maybe_extra} requests"
            notes.append(f"{words} brought no answer and may have been charged beside these credits.")
        return tuple(notes)

    def stop(self, note: str) -> None:
        """Buy no more; what was read stays, and the cursor tries again."""
        self._stopped = True
        self._notes.append(note)

    def take(self, page: Page) -> None:
        """Add a page that was bought for `page_cursor`."""
        if self.first_page is _NO_PAGE:
            self.first_page = page
        self.credits += page.credits
        self.maybe_extra += page.maybe_extra
        self._bought += len(page.messages) if page.credits else 0
        self._skipped += page.skipped
        self._replaced += page.replaced
        self.pages += 1
        self.pages_kept += page.from_cache
        met = len(self._met)
        self._met.update(message.id for message in page.messages)
        self._seek(page, self.page_cursor)
        # A page without what was sought has been shifted by new messages: the rest is further by its length at least.
        self._skip = self._skip + len(page.messages) if self._passed else 0
        self._idle = 0 if len(self._met) > met else self._idle + 1
        self._ended = page.next_cursor is None
        if self._ended:
            return
        circling = page.next_cursor in self._visited
        if circling or self._idle >= _MAX_IDLE_PAGES:
            # What was passed over is newer than what was sought: in a circle it has been shown before.
            self._passed.clear()
            if self.wants_more:
                # Pages without news may still end: who was shown something gets a cursor, and may look further once.
                self._ended = self._circling = circling or not self.messages
                self._stopped = True
                self._notes.append(_CIRCLE_NOTE if circling else _IDLE_NOTE)
        if not circling:
            self.page_cursor = page.next_cursor
            self._visited.add(page.next_cursor)

    def position_at(self, index: int, offset: int) -> Position | None:
        """Where to go on when the first `index` messages (and `offset` characters of the next) have been shown."""
        remaining = None if self.remaining is None else max(0, self.remaining - index)
        if index < len(self.messages):
            message, place = self.messages[index], self._places[index]
            return Position(
                place.page_cursor,
                anchor_of(message.id),
                inclusive=True,
                sent_at_ms=message.sent_at_ms,
                offset=offset,
                skip=place.after,
                remaining=remaining,
            )
        if self._ended or self.bounded:
            return None
        if not self.messages:
            return replace(self._sought, page_cursor=self.page_cursor, remaining=remaining, ahead=self._ahead, skip=0)
        last = self.messages[-1]
        return Position(
            self._passed[0][1] if self._passed else self.page_cursor,
            anchor_of(last.id),
            sent_at_ms=last.sent_at_ms,
            remaining=remaining,
        )

    def window_pages(self, *, most: int) -> WindowPages | None:
        """How to find the first `count` messages again, by at most `most` of their pages; None when there are none."""
        pages: list[WindowPage] = []
        for number, place in enumerate(self._places[: self.count]):
            if not pages or pages[-1].cursor != place.page_cursor:
                pages.append(WindowPage(place.page_cursor, number, place.after))
        if not pages:
            return None
        # From a page that is named, reading on through those that are not is free while they are kept.
        every = -(-len(pages) // most)
        first = anchor_of(self.messages[0].id)
        return WindowPages(first, min(len(self.messages), self.count), tuple(pages[::every]), self.remaining)

    def _add(self, page: Page, cursor: str | None, start: int) -> None:
        """The messages of a page from `start` on, as far as they are new, wanted and not too old."""
        ids, since_ms = self._ids, self._since_ms
        for index, message in enumerate(page.messages[start:], start):
            if message.id in ids:
                continue
            ids.add(message.id)
            self._found = message
            if self._ahead:
                self._ahead -= 1
            elif since_ms is not None and message.sent_at_ms is not None and message.sent_at_ms <= since_ms:
                self.bounded = True
            else:
                self.messages.append(message)
                self._places.append(_Place(cursor, index))

    def _seek(self, page: Page, cursor: str | None) -> None:
        """Go on after the last message found (at first: where the cursor says), on this page or a later one.

        New messages push that message to an older page; a page on which everything is newer is passed over.
        """
        sought = self._sought
        at = self._place_of(page)
        if at is not None:
            # Edited meanwhile, it may be no longer than what was shown of it.
            done = not sought.inclusive or 0 < sought.offset >= len(page.messages[at].text)
            if not done:
                self.offset = sought.offset
            self._passed.clear()
            self._add(page, cursor, at + 1 if done else at)
            return
        self._passed.append((page, cursor))
        times = [message.sent_at_ms for message in page.messages]
        newer = sought.sent_at_ms is not None and all(t is not None and t > sought.sent_at_ms for t in times)
        if not newer or page.next_cursor is None:
            self._give_up_seeking()

    @property
    def _sought(self) -> Position:
        """What is looked for on the next page: the last message found, at first what the cursor names."""
        if self._found is None:
            return self._start
        return Position(anchor=anchor_of(self._found.id), sent_at_ms=self._found.sent_at_ms)

    def _place_of(self, page: Page) -> int | None:
        """Where on a page that message is."""
        found, anchor = self._found, self._start.anchor
        if found is not None:
            places = (index for index, message in enumerate(page.messages) if message.id == found.id)
        else:
            places = (index for index, message in enumerate(page.messages) if anchor_of(message.id) == anchor)
        return next(places, None) if found is not None or anchor is not None else None

    def _give_up_seeking(self) -> None:
        """The message is on none of the pages passed: take them from the first, or by time where it was to be shown.

        After a page's last message the next page simply begins: not to find it again is the usual case.
        """
        passed, self._passed = self._passed, []
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
