"""What is known of one conversation: runs of consecutive messages, spliced together from the pages that were fetched.

A page is inserted at its API cursor. Where it shares messages with a run, the two become one run, the newer fetch wins
(edits), and a message that the newer fetch no longer contains is removed (deletions). API cursors are remembered by the
message that their page begins with, because an API whose cursors are offsets moves them with every new message.
"""

from dataclasses import replace

from mcp_server.conversation.models import CachePolicy, Page
from mcp_server.conversation.positions import anchor_of
from mcp_server.upstream.gaps import Gap, anchored, gap_before
from mcp_server.upstream.timeline_merge import entries_of, merged, touched_by
from mcp_server.upstream.timeline_run import (
    NEWEST_TTL_S,
    OLDER_TTL_S,
    Entry,
    Place,
    Run,
    is_newer,
    size_of,
    unexpired,
    with_own_identities,
    without_moved,
    without_outdated,
)

_EMPTY_BYTES = 400


class Timeline:
    """The known messages of one conversation. Times are in seconds on one monotonic clock."""

    def __init__(self) -> None:
        self.size_bytes = 0
        self._runs: list[Run] = []  # the one that begins with the newest message is the first, if there is one
        self._newest: Page | None = None
        self._newest_s = float("-inf")
        self._total_before: int | None = None
        self._where: dict[str, Place] = {}
        self._starts: dict[str, str] = {}
        self._totals: dict[str, int] = {}  # at the time when the API gave the cursor
        self._oldest_fetch_s = float("inf")

    @property
    def is_empty(self) -> bool:
        return not self._runs

    def page(self, cursor: str | None, policy: CachePolicy, *, now_s: float) -> Page | None:
        """The known page at an API cursor (None: the newest), or None where `policy` does not accept what is known.

        It ends where an API cursor is known, so it may be longer or shorter than the page that was fetched.
        """
        if cursor is None:
            age_s = now_s - self._newest_s
            if self._newest is None or age_s >= (OLDER_TTL_S if policy.continuing else NEWEST_TTL_S):
                return None
            if not self._newest.messages and policy.accepts(self._newest):
                return replace(self._newest, credits=0, maybe_extra=0, from_cache=True, age_s=age_s)
        known = self._place(cursor)
        place, certain = known, True
        if cursor is not None and policy.anchor is not None:
            place, certain = self._after(policy.anchor, cursor, policy.min_messages)
        avoid = None if place == known else cursor
        page = None if place is None else self._segment(place, policy.min_messages, avoid=avoid, now_s=now_s)
        if page is None or not policy.accepts(page):
            return None
        gap = None if cursor is None or certain else gap_before(page, cursor, total=policy.total)
        return page if gap is None else replace(page, gap=gap.messages)

    def before(self, cursor: str | None) -> str | None:
        """The identity of the message that precedes the page at an API cursor, None if it is not known."""
        run = next((run for run in self._runs if run.end is not None and run.end == cursor), None)
        if run is not None:
            return run.entries[-1].message.id
        place = self._place(cursor)
        return place.run.entries[place.at - 1].message.id if place is not None and place.at else None

    def gap_before(self, cursor: str | None, page: Page, policy: CachePolicy) -> Gap | None:
        """The gap that may be before a page fetched at an API cursor, None if there is certainly none."""
        totals = [total for total in (self._totals.get(cursor or ""), policy.total) if total is not None]
        if cursor is None or not totals or page.total is None or page.total >= max(totals):
            return None
        if any(anchor_of(message.id) == policy.anchor for message in page.messages):
            return None
        last = None if policy.anchor is None else anchored(self._runs, policy.anchor)
        if last is None and (place := self._expected_place(cursor)) is not None and place.at:
            last = Place(place.run, place.at - 1)
        is_newest = last is not None and self._newest is not None and last.run is self._runs[0]
        at_cursors = {**self._totals, "": None if self._newest is None else self._newest.total}
        return gap_before(page, cursor, total=max(totals), totals=at_cursors, last=last, is_newest=is_newest)

    def count_to_ask(self, cursor: str | None, count: int, *, unit: int, now_s: float) -> int:
        """How many of `count` messages to request at `cursor` until known ones are likely to follow.

        A conversation of which more than that is known is refreshed by one `unit` of messages, as priced by the API.
        Between that page and the known messages there are as many as the total has grown by; without totals the
        requests double.
        """
        self._forget_expired(now_s)
        if not self._runs:
            return count
        first = self._runs[0]
        if cursor is None:
            return unit if min(len(first.entries), count) >= 2 * unit else count
        if self._newest is None or first.end != cursor or len(self._runs) == 1:
            return count
        known = len(first.entries)
        if self._newest.total is None or self._total_before is None:
            return min(count, max(unit, known))
        missing = max(1, self._newest.total - self._total_before - known + 1)
        return min(count, -(-missing // unit) * unit)

    def splice(self, cursor: str | None, page: Page, *, now_s: float) -> str | None:
        """Insert a page that was fetched at `cursor`, `page.age_s` ago.

        Returns the page's next cursor if known messages follow it now, else None.
        """
        fetched_s = now_s - (page.age_s or 0)
        self._forget_expired(now_s)
        if page.next_cursor is not None and page.total is not None:
            self._totals[page.next_cursor] = page.total if page.next_total is None else page.next_total
        if cursor is None:
            if fetched_s < self._newest_s:
                return None
            self._note_newest(page, fetched_s)
        if not page.messages:
            if not page.gap:
                self._splice_nothing(cursor, page)
            return None
        if (unmoved := without_moved(self._runs, page)) is not None:
            self._keep(unmoved)
        entries = entries_of(page, self._where, fetched_s=fetched_s)
        if page.from_cache:
            entries = without_outdated(entries, [self._where.get(entry.message.id) for entry in entries])
        entries[0].cursor, entries[0].flaws = cursor, (page.skipped, page.replaced)
        return self._insert(cursor, page, entries)

    def distinct(self, page: Page) -> Page:
        """The page, with an identity of its own for each message whose identity another known message has."""
        return with_own_identities(page, self._where)

    def trim(self, max_bytes: int) -> None:
        """Forget messages, beginning with the oldest, until at most `max_bytes` are used."""
        while self.size_bytes > max_bytes and self._runs:
            run = self._runs[-1]
            starts = [index for index, entry in enumerate(run.entries) if entry.cursor is not None and index]
            if starts:
                run.end, run.unusable = run.entries[starts[-1]].cursor, False
                del run.entries[starts[-1] :]
            else:
                self._runs.pop()
                if not self._runs:
                    self._newest, self._newest_s = None, float("-inf")
            self._index()

    def _note_newest(self, page: Page, fetched_s: float) -> None:
        if self._newest is not None:
            self._total_before = self._newest.total
        self._newest, self._newest_s = replace(page, messages=page.messages[:1]), fetched_s

    def _splice_nothing(self, cursor: str | None, page: Page) -> None:
        """An empty page: at the end of a run it moves the run's end."""
        if cursor is None and page.next_cursor is None:
            self._runs.clear()
            self._index()
        for run in self._runs:
            if cursor is not None and run.end == cursor:
                run.end, run.unusable = page.next_cursor, page.cursor_unusable

    def _insert(self, cursor: str | None, page: Page, entries: list[Entry]) -> str | None:
        """Insert the messages of a page, which are at least one."""
        at, touched = self._expected_place(cursor), touched_by(entries, self._runs, self._where)
        if page.gap:
            # Nobody knows what precedes the page, so it continues no run, and is found by its messages only.
            if not touched:
                self._runs.append(Run(entries, page.next_cursor, unusable=page.cursor_unusable))
                self._index()
            return None
        if at is not None and at.at and is_newer(entries[0], at.run.entries[at.at - 1]):
            # Messages have arrived, and this API's cursors lead to other places now: none of them can be trusted.
            self._keep([])
            at, touched = None, {}
        if at is not None and at.at == len(at.run.entries) and not touched and at.run in self._runs:
            self._append(at.run, entries, page)
            return None
        return self._merge(cursor, page, entries, at, touched)

    def _append(self, run: Run, entries: list[Entry], page: Page) -> None:
        """The usual case: the page continues a run and contains nothing that is known."""
        for index, entry in enumerate(entries, len(run.entries)):
            self._where[entry.message.id] = Place(run, index)
            self.size_bytes += size_of(entry.message)
        run.entries += entries
        self._start(entries[0])
        run.end, run.unusable = page.next_cursor, page.cursor_unusable
        self._oldest_fetch_s = min(self._oldest_fetch_s, entries[0].fetched_s)
        if page.next_cursor is not None:
            self._starts.pop(page.next_cursor, None)

    def _merge(
        self, cursor: str | None, page: Page, entries: list[Entry], at: Place | None, touched: dict[int, list[int]]
    ) -> str | None:
        """Join the page and the runs that it touches, or begins or ends with."""
        newest = self._runs[0] if self._runs and self._newest is not None else None
        self._runs, tail, newest_lost = merged(
            self._runs, self._where, page, entries, cursor=cursor, at=at, touched=touched, newest=newest
        )
        if newest_lost:
            self._newest, self._newest_s = None, float("-inf")
        self._start(entries[0])
        if page.next_cursor is not None:
            self._starts.pop(page.next_cursor, None)
        if tail is not None:
            self._start(tail)
        self._index()
        return page.next_cursor if tail is not None else None

    def _expected_place(self, cursor: str | None) -> Place | None:
        """Where the page at a cursor begins, as far as it is known; that may be the end of a run."""
        if cursor is None:
            return None
        ends = (Place(run, len(run.entries)) for run in self._runs if run.end == cursor)
        place = self._place(cursor)
        return place if place is not None and place.at else next(ends, place)

    def _after(self, anchor: bytes, cursor: str, min_messages: int) -> tuple[Place | None, bool]:
        """Where a caller continues after a message, or at it, whose cursor may lead elsewhere by now; whether that is
        certain. None: what follows the message is not known.
        """
        place = self._place(cursor)
        if place is None:
            entries = next((run.entries[-1:] for run in self._runs if run.end == cursor), [])
        else:
            entries = place.run.entries[max(0, place.at - 1) : place.run.stop_after(place.at, min_messages)]
        if any(anchor_of(entry.message.id) == anchor for entry in entries):
            return place, True
        found = anchored(self._runs, anchor)
        if found is None:
            return place, False
        run, at = found
        stop = run.stop_after(at, min_messages, avoid=cursor)
        return (None if at + 1 == len(run.entries) or run.cursor_at(stop) == cursor else found), True

    def _start(self, entry: Entry) -> None:
        if entry.cursor is not None:
            self._starts[entry.cursor] = entry.message.id

    def _place(self, cursor: str | None) -> Place | None:
        if cursor is None:
            return Place(self._runs[0], 0) if self._runs and self._newest is not None else None
        start = self._starts.get(cursor)
        return None if start is None else self._where.get(start)

    def _segment(self, place: Place, min_messages: int, *, avoid: str | None, now_s: float) -> Page | None:
        """The messages from a place to the next known cursor, at least `min_messages` where the run has as many."""
        run, start = place
        newest = self._newest
        page = run.page(start, run.stop_after(start, min_messages, avoid=avoid), now_s=now_s)
        if page is None or newest is None:
            return page
        total = self._totals.get(page.next_cursor or "")
        page = replace(page, total=newest.total, next_total=None if total == newest.total else total)
        if start == 0 and run is self._runs[0]:
            age_s = max(0.0, now_s - self._newest_s)
            page = replace(page, unread=newest.unread, seen=newest.seen, seen_at_ms=newest.seen_at_ms, age_s=age_s)
        return page

    def _forget_expired(self, now_s: float) -> None:
        """Remove messages older than `OLDER_TTL_S`; what remains of a run must end at a known cursor."""
        if now_s - self._oldest_fetch_s < OLDER_TTL_S:
            return
        kept: list[Run] = []
        for number, run in enumerate(self._runs):
            kept += unexpired(run, now_s - OLDER_TTL_S, is_first=number == 0 and self._newest is not None)
        self._keep(kept)

    def _keep(self, runs: list[Run]) -> None:
        """Keep these runs, which are what is left of those that there were."""
        if not runs or not self._runs or runs[0].entries[0] is not self._runs[0].entries[0]:
            self._newest, self._newest_s = None, float("-inf")
        self._runs = runs
        self._index()

    def _index(self) -> None:
        """Find every message and every cursor again after the runs have changed."""
        self._where = {
            entry.message.id: Place(run, index) for run in self._runs for index, entry in enumerate(run.entries)
        }
        self._starts = {cursor: start for cursor, start in self._starts.items() if start in self._where}
        ends = {run.end for run in self._runs}
        self._totals = {each: total for each, total in self._totals.items() if each in self._starts or each in ends}
        self._oldest_fetch_s, self.size_bytes = float("inf"), _EMPTY_BYTES
        for run in self._runs:
            for entry in run.entries:
                if entry.cursor is not None and self._starts.get(entry.cursor) != entry.message.id:
                    entry.cursor = None  # the API uses it for another place now
                self._oldest_fetch_s = min(self._oldest_fetch_s, entry.fetched_s)
                self.size_bytes += size_of(entry.message)
