"""Finding the message from which reading resumes, on pages that shift, overlap, or have lost it."""

from collections.abc import Iterable
from typing import NamedTuple

from mcp_server.conversation.models import Message, Page
from mcp_server.conversation.positions import Position, anchor_of

GAP_NOTE = (
    "The message this cursor points to no longer exists. Reading resumed by timestamp, so messages may be missing here."
)
RESTART_NOTE = "The API no longer accepts this cursor, so its place was searched for from the newest message on."


def skipped_note(number: int) -> str:
    """A note for a page before which up to so many messages may be missing."""
    were = "1 message was" if number == 1 else f"{number} messages were"
    return (
        f"{were} deleted while this conversation was read, so the API may have skipped as many others. "
        "Call again without cursor to see them."
    )


class PagePart(NamedTuple):
    """The messages of a page from index `start` on, and the API's cursor of that page."""

    page: Page
    cursor: str | None
    start: int


class AnchorSearch:
    """Searches the pages of one call for the message sought: the anchor, later the last message collected.

    `passed` are pages on which every message is newer than the one sought. `offset` is the number of characters of the
    first message that an earlier answer has shown. `restarted`: they begin at the newest page again. `lost`:
    the message cannot be found, and the search has ended.
    """

    def __init__(self, start: Position) -> None:
        self.sought = start
        self.passed: list[tuple[Page, str | None]] = []
        self.offset = 0
        self.lost = False
        self.restarted = False
        self.notes: list[str] = []
        self._found: Message | None = None
        self._restarted_for: bytes | None = None

    def note_found(self, message: Message) -> None:
        """From now on the message sought is this one, the last message collected."""
        self._found = message
        self.sought = Position(anchor=anchor_of(message.id), sent_at_ms=message.sent_at_ms)

    @property
    def approaches(self) -> bool:
        """Whether the last page was passed over, and is nearer to the message sought than the one before it."""
        oldest = [page.messages[-1].sent_at_ms if page.messages else None for page, _ in self.passed[-2:]]
        *before, last = oldest or [None]
        return last is not None and all(each is not None and last < each for each in before)

    def parts_after(self, page: Page, cursor: str | None) -> Iterable[PagePart]:
        """What follows the message sought, which is on this page or on a later one.

        New messages push it to an older page, so a page on which every message is newer is passed over.
        """
        sought, index = self.sought, self.index_on(page)
        if index is not None:
            # After an edit the message may be no longer than the part already shown.
            shown = not sought.inclusive or 0 < sought.offset >= len(page.messages[index].text)
            if not shown:
                self.offset = sought.offset
            self.passed.clear()
            self.restarted = False
            return [PagePart(page, cursor, index + 1 if shown else index)]
        self.passed.append((page, cursor))
        times = [message.sent_at_ms for message in page.messages]
        newer = sought.sent_at_ms is not None and all(t is not None and t > sought.sent_at_ms for t in times)
        if self.restarted and sought.sent_at_ms is None and page.next_cursor is not None:
            return []
        return [] if newer and page.next_cursor is not None else self._give_up()

    def index_on(self, page: Page) -> int | None:
        """The index of the message sought on a page, None if it is not there."""
        found, anchor = self._found, self.sought.anchor
        if anchor is None:
            return None
        if found is not None:
            matches = (index for index, message in enumerate(page.messages) if message.is_version_of(found))
        else:
            matches = (index for index, message in enumerate(page.messages) if self._is_in_place(message, anchor))
        return next(matches, None)

    def _is_in_place(self, message: Message, anchor: bytes) -> bool:
        """Whether this is the message sought, and in the list a conversation that has not moved to the top since."""
        has_moved = message.listed is not None and message.sent_at_ms != self.sought.sent_at_ms
        return anchor_of(message.id) == anchor and not has_moved

    def restart(self, *, countable: bool) -> bool:
        """Start again at the newest page, because the API refuses the cursor of the next one.

        Returns False if that was done for the same message before, or if the end of the search could not be recognized:
        by the anchor's time or, if `countable`, by the number of messages before it.
        """
        anchor = self.sought.anchor
        if anchor in (None, self._restarted_for) or (self.sought.sent_at_ms is None and not countable):
            return False
        self.restarted, self._restarted_for = True, anchor
        self.passed.clear()
        if RESTART_NOTE not in self.notes:
            self.notes.append(RESTART_NOTE)
        return True

    def limit(self, newer: int) -> int:
        """End a restarted search once it has passed clearly more than the `newer` messages before the one sought.

        Returns how many of them are still ahead.
        """
        searched = sum(len(page.messages) for page, _ in self.passed)
        if self.passed and searched - len(self.passed[-1][0].messages) > newer:
            self.lost = True
        return max(0, newer - searched)

    def _give_up(self) -> Iterable[PagePart]:
        """The pages passed over, because none has the message sought: all of them, or from its time on.

        A message that was the last of its page is usually not on the next page, so nothing is missing then. A message
        that was to be shown itself, or that a restarted search does not meet, has been deleted. The list of
        conversations is in order of time: a newer one has been shown, or has moved to the top since.
        """
        passed, self.passed = self.passed, []
        sought = self.sought
        if self.restarted and sought.sent_at_ms is None:
            self.lost = True
            return []
        if not sought.inclusive and not self.restarted:
            return [PagePart(page, cursor, _first_not_shown(page, sought.sent_at_ms)) for page, cursor in passed]
        self.restarted = False
        self.notes.append(GAP_NOTE)
        return [PagePart(page, cursor, _first_not_newer(page, sought.sent_at_ms)) for page, cursor in passed]


def _first_not_shown(page: Page, sent_at_ms: int | None) -> int:
    """The index of the first message after the last one shown, which was sent at that time and is not on the page."""
    is_list = any(message.listed is not None for message in page.messages)
    return _first_not_newer(page, sent_at_ms) if is_list and sent_at_ms is not None else 0


def _first_not_newer(page: Page, sent_at_ms: int | None) -> int:
    """The index of the first message that is not known to be newer; the length of the page if all are."""
    older = (
        index
        for index, message in enumerate(page.messages)
        if sent_at_ms is None or message.sent_at_ms is None or message.sent_at_ms <= sent_at_ms
    )
    return next(older, len(page.messages))
