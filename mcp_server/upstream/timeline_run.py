"""A run of consecutive messages of a conversation, as a timeline keeps them."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mcp_server.conversation.models import Message, Page

NEWEST_TTL_S = 30.0
"""How old the newest page may be for a call that starts at the newest message: it changes with every new message."""
OLDER_TTL_S = 900.0
"""How old other messages may be, and the newest page for a call that continues from an earlier answer."""
_MESSAGE_BYTES = 450
"""What a known message takes besides its text and its identity."""


@dataclass(slots=True)
class Entry:
    """A known message. `cursor`: the API's cursor whose page begins here; `flaws`: of that page."""

    message: Message
    fetched_s: float
    cursor: str | None = None
    flaws: tuple[int, int] = (0, 0)


class Run:
    """Consecutive messages, newest first.

    `end`: the API's cursor for older messages, None at the beginning of the conversation or if it is `unusable`.
    """

    __slots__ = ("end", "entries", "unusable")

    def __init__(self, entries: list[Entry], end: str | None, *, unusable: bool = False) -> None:
        self.entries = entries
        self.end = end
        self.unusable = unusable

    def stop_after(self, start: int, min_messages: int, *, avoid: str | None = None) -> int:
        """The next place where a page is known to begin, at least `min_messages` further on; or the end.

        Not where the page at the API's cursor `avoid` begins.
        """
        stop = start + 1
        while stop < len(self.entries) and (self.entries[stop].cursor in (None, avoid) or stop - start < min_messages):
            stop += 1
        return stop

    def cursor_at(self, at: int) -> str | None:
        """The API's cursor of the page that begins at a place, which may be the end."""
        return self.entries[at].cursor if at < len(self.entries) else self.end

    def page(self, start: int, stop: int, *, now_s: float) -> Page | None:
        """The messages from one place to another as a page, None if they are too old."""
        segment = self.entries[start:stop]
        age_s = now_s - min(entry.fetched_s for entry in segment)
        if age_s >= OLDER_TTL_S:
            return None
        return Page(
            tuple([entry.message for entry in segment]),
            self.cursor_at(stop),
            cursor_unusable=self.unusable and stop == len(self.entries),
            skipped=sum(entry.flaws[0] for entry in segment),
            replaced=sum(entry.flaws[1] for entry in segment),
            from_cache=True,
            age_s=age_s,
        )


class Place(NamedTuple):
    """An entry of a run, or the end of the run."""

    run: Run
    at: int


def with_own_identities(page: Page, where: Mapping[str, Place]) -> Page:
    """The page, with an identity of its own for each message whose identity another known message has."""

    def own(message: Message) -> Message:
        place = where.get(message.id)
        if place is None or message.is_version_of(place.run.entries[place.at].message):
            return message
        content = hashlib.sha256(f"{message.sent_at_ms} {message.text}".encode()).hexdigest()[:32]
        return replace(message, id=f"{message.id}#{content}")

    return replace(page, messages=tuple(map(own, page.messages)))


def without_outdated(entries: list[Entry], places: Sequence[Place | None]) -> list[Entry]:
    """A page that another replica fetched, as far as it does not contradict what was fetched here since then.

    `places` are those of its messages that are known.
    """
    newer = [
        (number, place)
        for number, place in enumerate(places)
        if place is not None and place.run.entries[place.at].fetched_s > entries[number].fetched_s
    ]
    if not newer:
        return entries
    (first, first_place), (last, last_place) = newer[0], newer[-1]
    before = entries[:first] if first_place.at == 0 else []
    between = [replace(place.run.entries[place.at]) for _, place in newer]
    after = entries[last + 1 :] if last_place.at == len(last_place.run.entries) - 1 else []
    return [*before, *between, *after]


def unexpired(run: Run, since_s: float, *, is_first: bool) -> list[Run]:
    """The parts of a run that were fetched after `since_s`."""
    parts: list[Run] = []
    current: list[Entry] = []
    reachable = is_first  # a part must begin where a page is known to begin
    for entry in [*run.entries, None]:
        if entry is not None and entry.fetched_s > since_s:
            if reachable or entry.cursor is not None:
                reachable = True
                current.append(entry)
            continue
        if current:
            end = run.end if entry is None else entry.cursor
            while entry is not None and end is None and current:
                end = current.pop().cursor
            if current:
                parts.append(Run(current, end, unusable=run.unusable and entry is None))
        current, reachable = [], False
    return parts


def without_moved(runs: list[Run], page: Page) -> list[Run] | None:
    """The runs without the conversations that a page of their list shows with another last message; None if there are
    none."""
    now = {message.id: message.sent_at_ms for message in page.messages if message.listed is not None}
    known = (entry.message for run in runs for entry in run.entries) if now else ()
    moved = {message.id for message in known if message.sent_at_ms != now.get(message.id, message.sent_at_ms)}
    if not moved:
        return None
    left = (([entry for entry in run.entries if entry.message.id not in moved], run) for run in runs)
    return [Run(entries, run.end, unusable=run.unusable) for entries, run in left if entries]


def identifies(message: Message) -> bool:
    """Whether the identity tells the message from all others: an identity derived from undated content does not."""
    return message.sent_at_ms is not None or not message.id.startswith("derived:")


def is_newer(entry: Entry, other: Entry) -> bool:
    """Whether a message was certainly sent after another."""
    sent_at_ms, other_ms = entry.message.sent_at_ms, other.message.sent_at_ms
    return sent_at_ms is not None and other_ms is not None and sent_at_ms > other_ms


def size_of(message: Message) -> int:
    """About how many bytes a message takes in memory."""
    listed = message.listed
    about = 0 if listed is None else _MESSAGE_BYTES + sys.getsizeof(listed.name) + sys.getsizeof(listed.headline)
    return _MESSAGE_BYTES + sys.getsizeof(message.text) + sys.getsizeof(message.id) + about
