"""Paging through a conversation: what to request next, what to collect, and when to stop. Pure.

The API's pages may overlap, have any size, shift when messages arrive, be repeated under another cursor, or be empty.
A walk collects every message once, in the API's order, from the position in its cursor.
"""

from dataclasses import replace

from mcp_server.conversation.anchor_search import AnchorSearch, skipped_note
from mcp_server.conversation.models import CachePolicy, EndReason, Message, Page
from mcp_server.conversation.positions import START, Origin, Position, WindowPages, anchor_of, is_place, pages_of
from mcp_server.conversation.tally import Tally, messages

_MAX_PAGES_WITHOUT_NEWS = 4
"""Reading stops after this many pages in a row without a new message, because there may be no end of them."""

_NO_PAGE = Page((), None)

_ORDER_NOTE = "The messages are not in order of time; reading continued past an older one."
_REPEAT_NOTE = "The API repeats its pages; reading stopped here."
_UNUSABLE_CURSOR_NOTE = "The API's cursor for older messages cannot be sent back, so reading cannot continue."
_NO_NEWS_NOTE = f"The API's last {_MAX_PAGES_WITHOUT_NEWS} pages contained nothing new; reading stopped here."


class Walk:
    """The pages of one call, and the messages collected from them.

    `messages` are newest first, and may be more than `count` because a page may be longer than requested. The next
    request is for `request_count` messages at `page_cursor`. `tally` adds up what the pages report.
    `to_skip` messages precede the first one to show.
    """

    def __init__(self, position: Position, *, count: int, since_ms: int | None = None, page_size: int = 0) -> None:
        """`page_size` is the size of the largest request."""
        self.count = count
        self.messages: list[Message] = []
        self.tally = Tally()
        self.since_reached = False
        self.first_page = _NO_PAGE
        self.page_cursor = position.page_cursor
        self._cursor_total = position.total
        self._start = position
        self._page_size = page_size
        self.since_ms = since_ms
        self._search = AnchorSearch(position)
        self._origins: list[Origin] = []
        self._collected: set[tuple[str, str]] = set()
        self._met_ids: set[str] = set()
        self._visited: set[str | None] = {position.page_cursor}
        self._delivered = 0
        self._older_met = False
        self._ended = False
        self._stopped = False
        self._pages_repeat = False
        self._cursor_unusable = False
        self._pages_without_news = 0
        self._min_messages = 0
        self._preceding = position.page_index
        self.to_skip = position.skip_count
        self._notes: list[str] = []

    @property
    def needs_more(self) -> bool:
        ended = self._ended or self._stopped or self.since_reached or self.lost
        return len(self.messages) < self.count and not ended

    @property
    def stopped(self) -> bool:
        """Whether reading stopped early: at a failure, at the limit of credits, or at pages that lead nowhere."""
        return self._stopped

    @property
    def lost(self) -> bool:
        """Whether the message to resume from could not be found after `restart`."""
        return self._search.lost

    @property
    def offset(self) -> int:
        """The number of characters of the first message that an earlier answer has shown."""
        return self._search.offset

    @property
    def request_count(self) -> int:
        """Messages to request from the next page: those still missing, and those known to precede them."""
        missing = self.count - len(self.messages) + self._preceding + self.to_skip
        return max(missing, self._page_size) if self._min_messages else missing

    @property
    def policy(self) -> CachePolicy:
        """Which cached pages may answer the next request."""
        restarting = self._search.restarted and self.page_cursor is None
        return CachePolicy(
            continuing=not self.from_newest and not restarting,
            min_messages=self._min_messages,
            fresh=restarting,
            anchor=self._search.sought.anchor,
            total=self._cursor_total,
        )

    @property
    def end_reason(self) -> EndReason:
        """Why nothing follows, if nothing does."""
        if self.since_reached:
            return "asked"
        if self._dead_end:
            return "stopped"
        return "incomplete" if self.undelivered else "beginning"

    @property
    def _dead_end(self) -> bool:
        return self._pages_repeat or self._cursor_unusable or self.lost

    @property
    def end_notes(self) -> tuple[str, ...]:
        """Notes for an answer after which nothing follows."""
        if self._cursor_unusable:
            return (_UNUSABLE_CURSOR_NOTE,)
        if not self.undelivered:
            return ()
        were = "was" if self.undelivered == 1 else "were"
        return (f"{self.undelivered} of {messages(self.total or self.undelivered)} {were} not delivered by the API.",)

    @property
    def total(self) -> int | None:
        """Messages in the conversation as the API counts them, but no fewer than it has delivered."""
        total = self.first_page.total
        return None if total is None else max(total, self._delivered)

    @property
    def undelivered(self) -> int:
        """At the end of the pages: messages that the API had counted when reading began, but did not deliver."""
        if not self._ended or self.remaining is None or self._dead_end:
            return 0
        return max(0, self.remaining - self._delivered - self.tally.skipped)

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
        return (*self._search.notes, *self._notes, *self.tally.notes)

    def stop(self, note: str) -> None:
        """End reading early. The messages read so far stay, and the cursor resumes from there."""
        self._stopped = True
        self._notes.append(note)

    def restart(self) -> bool:
        """Search the message sought from the newest page on, because the API refuses `page_cursor`.

        Returns False if that was done before, or if the search could have no end.
        """
        if not self._search.restart(countable=self._remaining_after(self._delivered) is not None):
            return False
        self.page_cursor, self._cursor_total, self._visited = None, None, {None}
        self._preceding = self._min_messages = self._pages_without_news = 0
        return True

    def take(self, page: Page) -> None:
        """Add the page for `page_cursor`."""
        if self.first_page is _NO_PAGE:
            self.first_page = page
        self.tally.add(page)
        notes = (*page.notes, skipped_note(page.gap)) if page.gap else page.notes
        self._notes.extend(note for note in notes if note not in self._notes)
        if self._is_too_short(page):
            self._min_messages = len(page.messages) + 1
            return
        self._min_messages = 0
        met_before = len(self._met_ids)
        self._met_ids.update(message.id for message in page.messages)
        for part in self._search.parts_after(page, self.page_cursor):
            self._collect(part.page, part.cursor, part.start)
        has_news = len(self._met_ids) > met_before or self._search.approaches
        self._pages_without_news = 0 if has_news else self._pages_without_news + 1
        self._ended, self._cursor_unusable = page.next_cursor is None, page.cursor_unusable
        if not self._ended and not self.lost:
            total = page.total if page.next_total is None else page.next_total
            self._proceed_to(str(page.next_cursor), len(page.messages), total)

    def position_at(self, index: int, offset: int) -> Position | None:
        """Where reading resumes after the first `index` messages and `offset` characters of the next one."""
        if index < len(self.messages):
            message, origin = self.messages[index], self._origins[index]
            return Position(
                origin.page_cursor,
                anchor_of(message.id),
                inclusive=True,
                sent_at_ms=message.sent_at_ms,
                offset=offset,
                page_index=origin.page_index,
                remaining=self._remaining_after(origin.number),
            )
        if self._ended or self.since_reached or self.lost:
            return None
        remaining, passed = self._remaining_after(self._delivered), self._search.passed
        if not self.messages:
            return replace(
                self._search.sought,
                page_cursor=self.page_cursor,
                remaining=remaining,
                skip_count=self.to_skip,
                page_index=0,
                total=self._cursor_total,
            )
        last = self.messages[-1]
        page_cursor = passed[0][1] if passed else self.page_cursor
        return Position(
            page_cursor,
            anchor_of(last.id),
            sent_at_ms=last.sent_at_ms,
            remaining=remaining,
            total=None if passed or is_place(page_cursor) else self._cursor_total,
        )

    def window_pages(self, *, max_pages: int) -> WindowPages | None:
        """Where the first `count` messages are, with at most `max_pages` of their pages; None if there are none."""
        pages = pages_of(self._origins[: self.count])
        if not pages:
            return None
        # The pages in between are reached from a listed one, free of charge as long as they are cached.
        step = -(-len(pages) // max_pages)
        first_anchor = anchor_of(self.messages[0].id)
        return WindowPages(first_anchor, min(len(self.messages), self.count), tuple(pages[::step]), self.remaining)

    def _proceed_to(self, next_cursor: str, length: int, total: int | None) -> None:
        """Go to the next page after one of this `length`, unless the pages repeat or contain nothing new."""
        # New messages have shifted a page without the message sought: the rest is at least that page further.
        self._preceding = self._preceding + length if self._search.passed else 0
        after = self._remaining_after(self._delivered)
        if self._search.restarted and self.first_page.total is not None and after is not None:
            self._preceding = self._search.limit(max(0, self.first_page.total - after))
        # An API whose cursors are offsets uses them again for older places once messages have arrived.
        repeats = next_cursor in self._visited and not self._search.approaches
        if repeats or self._pages_without_news >= _MAX_PAGES_WITHOUT_NEWS:
            # Pages passed over are newer than the message sought: where pages repeat, they have been shown before.
            self._search.passed.clear()
            if self.needs_more:
                # Pages without news may still end, so an answer with messages keeps its cursor and can be continued.
                self._ended = self._pages_repeat = repeats or not self.messages
                self._stopped = True
                self._notes.append(_REPEAT_NOTE if repeats else _NO_NEWS_NOTE)
        if not repeats:
            self.page_cursor, self._cursor_total = next_cursor, total
            self._visited.add(next_cursor)

    def _remaining_after(self, number: int) -> int | None:
        """Messages from number `number` of the walk to the beginning of the conversation, if known."""
        return None if self.remaining is None else max(0, self.remaining - number)

    def _is_too_short(self, page: Page) -> bool:
        """Whether a page names itself as the next one and lacks messages, so that a longer one must be requested.

        The API's cursor may be a time. A page on which all messages have that time does not lead any further.
        """
        if page.next_cursor is None or page.next_cursor != self.page_cursor or self._min_messages:
            return False
        length = len(page.messages)
        if (length if page.from_cache else max(page.requested, length)) >= self._page_size:
            return False
        index = self._search.index_on(page)
        found = 0 if index is None else length - index
        return found <= self.count - len(self.messages) + self.to_skip

    def _collect(self, page: Page, cursor: str | None, start: int) -> None:
        """Collect the messages of a page from index `start` on: new ones, later than `since`, not to be skipped."""
        found: Message | None = None
        for index, message in enumerate(page.messages[start:], start):
            if (shown_as := message.shown_as) in self._collected:
                continue
            self._collected.add(shown_as)
            found = message
            if self.to_skip:
                self.to_skip -= 1
                continue
            self._delivered += 1
            if self._is_older(message):
                self._older_met = True
                continue
            if self._older_met and message.sent_at_ms is not None and _ORDER_NOTE not in self._notes:
                self._notes.append(_ORDER_NOTE)
            self.messages.append(message)
            self._origins.append(Origin(cursor, index, self._delivered - 1))
        if found is not None:
            self._search.note_found(found)
        # One message out of order must not end reading, so the end of the page decides.
        last = next((message for message in reversed(page.messages) if message.sent_at_ms is not None), None)
        self.since_reached = self.since_reached or (last is not None and self._is_older(last))

    def _is_older(self, message: Message) -> bool:
        """Whether a message was sent at or before `since`."""
        return self.since_ms is not None and message.sent_at_ms is not None and message.sent_at_ms <= self.since_ms
