"""What is known of one conversation: runs of consecutive messages, spliced together from the pages that were fetched.

A page is inserted at its API cursor. Where it shares messages with a run, the two become one run, the newer fetch wins
(edits), and a message that the newer fetch no longer contains is removed (deletions). API cursors are remembered by the
message that their page begins with, because an API whose cursors are offsets moves them with every new message.
"""

from dataclasses import replace

from mcp_server.conversation.models import CachePolicy, Page
from mcp_server.upstream.timeline_run import (
    NEWEST_TTL_S,
    OLDER_TTL_S,
    Entry,
    Place,
    Run,
    identifies,
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
        place = self._place(cursor)
        if place is None:
            return None
        page = self._segment(place, policy.min_messages, now_s=now_s)
        return page if page is not None and policy.accepts(page) else None

    def before(self, cursor: str | None) -> str | None:
        """The identity of the message that precedes the page at an API cursor, None if it is not known."""
        run = next((run for run in self._runs if run.end is not None and run.end == cursor), None)
        if run is not None:
            return run.entries[-1].message.id
        place = self._place(cursor)
        return place.run.entries[place.at - 1].message.id if place is not None and place.at else None

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
        if cursor is None:
            if fetched_s < self._newest_s:
                return None
            self._note_newest(page, fetched_s)
        if not page.messages:
            self._splice_nothing(cursor, page)
            return None
        if (unmoved := without_moved(self._runs, page)) is not None:
            self._keep(unmoved)
        entries = self._entries(page, fetched_s)
        if page.from_cache:
            entries = without_outdated(entries, [self._where.get(entry.message.id) for entry in entries])
        entries[0].cursor, entries[0].flaws = cursor, (page.skipped, page.replaced)
        at, touched = self._expected_place(cursor), self._touched(entries)
        if at is not None and at.at and is_newer(entries[0], at.run.entries[at.at - 1]):
            # Messages have arrived, and this API's cursors lead to other places now: none of them can be trusted.
            self._keep([])
            at, touched = None, {}
        if at is not None and at.at == len(at.run.entries) and not touched and at.run in self._runs:
            self._append(at.run, entries, page)
            return None
        return self._merge(cursor, page, entries, at, touched)

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

    def _entries(self, page: Page, fetched_s: float) -> list[Entry]:
        """A page's messages, each once. An equal message that is known stays the same object."""
        entries: dict[str, Entry] = {}
        for message in page.messages:
            if message.id not in entries:
                place = self._where.get(message.id)
                known = message if place is None else place.run.entries[place.at].message
                entries[message.id] = Entry(known if known == message else message, fetched_s)
        return list(entries.values())

    def _touched(self, entries: list[Entry]) -> dict[int, list[int]]:
        """By number of the run: the places of these messages in it, in the page's order."""
        numbers = {id(run): number for number, run in enumerate(self._runs)}
        touched: dict[int, list[int]] = {}
        for entry in entries:
            place = self._where.get(entry.message.id)
            if place is not None and identifies(entry.message):
                touched.setdefault(numbers[id(place.run)], []).append(place.at)
        return touched

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
        """Replace the runs that a page touches by one: what is before the page, the page, and what follows it."""
        runs = self._runs
        # Messages in another order than before: nothing can be said about what is around them.
        ordered = {runs[number].entries[0].message.id for number, at_ in touched.items() if at_ == sorted(at_)}
        head: list[Entry] = []
        before = at if at is not None else self._where.get(entries[0].message.id)
        if cursor is not None and before is not None:
            overlap = touched.get(runs.index(before.run))
            cut = before.at if overlap is None else min(before.at, *overlap)
            if overlap is None or before.run.entries[0].message.id in ordered:
                head = before.run.entries[:cut]
        after = self._where.get(entries[-1].message.id)
        tail: list[Entry] = []
        end, unusable = page.next_cursor, page.cursor_unusable
        joins = after is not None and identifies(entries[-1].message) and after.run.entries[0].message.id in ordered
        # A page at the end of a run that lies within it was shifted there: what follows it has other cursors now.
        shifted = after is not None and cursor is not None and after.run.end == cursor
        if end is not None and after is not None and joins and not shifted:
            tail = after.run.entries[after.at + 1 :]
            if tail:
                end, unusable = after.run.end, after.run.unusable
        if tail:
            tail[0] = replace(tail[0], cursor=page.next_cursor)
        newest_run = runs[0] if runs and self._newest is not None else None
        involved = [runs[number] for number in touched] + ([before.run] if head and before is not None else [])
        begins_newest = cursor is None or (before is not None and before.run is newest_run and (head or before.at == 0))
        if not begins_newest and any(run is newest_run for run in involved):
            self._newest, self._newest_s = None, float("-inf")
        merged = Run([*head, *entries, *tail], end, unusable=unusable)
        rest = [run for run in runs if not any(run is each for each in involved)]
        self._runs = [merged, *rest] if begins_newest else [*rest, merged]
        self._start(entries[0])
        if page.next_cursor is not None:
            self._starts.pop(page.next_cursor, None)
        if tail:
            self._start(tail[0])
        self._index()
        return page.next_cursor if tail else None

    def _expected_place(self, cursor: str | None) -> Place | None:
        """Where the page at a cursor begins, as far as it is known; that may be the end of a run."""
        if cursor is None:
            return None
        ends = (Place(run, len(run.entries)) for run in self._runs if run.end == cursor)
        return self._place(cursor) or next(ends, None)

    def _start(self, entry: Entry) -> None:
        if entry.cursor is not None:
            self._starts[entry.cursor] = entry.message.id

    def _place(self, cursor: str | None) -> Place | None:
        if cursor is None:
            return Place(self._runs[0], 0) if self._runs and self._newest is not None else None
        start = self._starts.get(cursor)
        return None if start is None else self._where.get(start)

    def _segment(self, place: Place, min_messages: int, *, now_s: float) -> Page | None:
        """The messages from a place to the next known cursor, at least `min_messages` where the run has as many."""
        run, start = place
        entries = run.entries
        stop = start + 1
        while stop < len(entries) and (entries[stop].cursor is None or stop - start < min_messages):
            stop += 1
        segment = entries[start:stop]
        age_s = now_s - min(entry.fetched_s for entry in segment)
        if age_s >= OLDER_TTL_S:
            return None
        newest = self._newest
        page = Page(
            tuple([entry.message for entry in segment]),
            entries[stop].cursor if stop < len(entries) else run.end,
            total=newest.total if newest is not None else None,
            cursor_unusable=run.unusable and stop == len(entries),
            skipped=sum(entry.flaws[0] for entry in segment),
            replaced=sum(entry.flaws[1] for entry in segment),
            from_cache=True,
            age_s=age_s,
        )
        if start == 0 and newest is not None and run is self._runs[0]:
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
        self._oldest_fetch_s, self.size_bytes = float("inf"), _EMPTY_BYTES
        for run in self._runs:
            for entry in run.entries:
                if entry.cursor is not None and self._starts.get(entry.cursor) != entry.message.id:
                    entry.cursor = None  # the API uses it for another place now
                self._oldest_fetch_s = min(self._oldest_fetch_s, entry.fetched_s)
                self.size_bytes += size_of(entry.message)
