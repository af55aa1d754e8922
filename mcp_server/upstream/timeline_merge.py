"""How a page that was fetched joins the runs of messages that are known."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from mcp_server.conversation.models import Page
from mcp_server.upstream.timeline_run import Entry, Place, Run, identifies


class Merged(NamedTuple):
    """The runs afterwards. `tail`: the first known message after the page. `newest_lost`: no run is known to begin with
    the newest message any more."""

    runs: list[Run]
    tail: Entry | None
    newest_lost: bool


def entries_of(page: Page, where: Mapping[str, Place], *, fetched_s: float) -> list[Entry]:
    """A page's messages, each once. An equal message that is known stays the same object."""
    entries: dict[str, Entry] = {}
    for message in page.messages:
        if message.id not in entries:
            place = where.get(message.id)
            known = message if place is None else place.run.entries[place.at].message
            entries[message.id] = Entry(known if known == message else message, fetched_s)
    return list(entries.values())


def touched_by(entries: list[Entry], runs: list[Run], where: Mapping[str, Place]) -> dict[int, list[int]]:
    """By number of the run: the places of these messages in it, in the page's order."""
    numbers = {id(run): number for number, run in enumerate(runs)}
    touched: dict[int, list[int]] = {}
    for entry in entries:
        place = where.get(entry.message.id)
        if place is not None and identifies(entry.message):
            touched.setdefault(numbers[id(place.run)], []).append(place.at)
    return touched


def merged(
    runs: list[Run],
    where: Mapping[str, Place],
    page: Page,
    entries: list[Entry],
    *,
    cursor: str | None,
    at: Place | None,
    touched: dict[int, list[int]],
    newest: Run | None,
) -> Merged:
    """Replace the runs that a page touches by one: what is before the page, the page, and what follows it.

    The page was fetched at `cursor` and is expected `at` a place. `newest` is the run that begins with the newest
    message.
    """
    # Messages in another order than before: nothing can be said about what is around them.
    ordered = {runs[number].entries[0].message.id for number, at_ in touched.items() if at_ == sorted(at_)}
    head: list[Entry] = []
    before = at if at is not None else where.get(entries[0].message.id)
    if cursor is not None and before is not None:
        overlap = touched.get(runs.index(before.run))
        cut = before.at if overlap is None else min(before.at, *overlap)
        if overlap is None or before.run.entries[0].message.id in ordered:
            head = before.run.entries[:cut]
    after = where.get(entries[-1].message.id)
    tail: list[Entry] = []
    end, unusable = page.next_cursor, page.cursor_unusable
    joins = after is not None and identifies(entries[-1].message) and after.run.entries[0].message.id in ordered
    # A page at the end of a run that lies within it was shifted there: what follows it has other cursors now.
    shifted = after is not None and cursor is not None and after.run.end == cursor
    if end is not None and after is not None and joins and not shifted:
        tail = after.run.entries[after.at + 1 :]
        if after.run.end in {cursor, end, *(entry.cursor for entry in (*head, *entries))} - {None}:
            tail = []  # its cursors are offsets, which have moved
        if tail:
            end, unusable = after.run.end, after.run.unusable
    if tail:
        tail[0] = replace(tail[0], cursor=page.next_cursor)
    involved = [runs[number] for number in touched] + ([before.run] if head and before is not None else [])
    begins_newest = cursor is None or (before is not None and before.run is newest and (head or before.at == 0))
    newest_lost = not begins_newest and any(run is newest for run in involved)
    run = Run([*head, *entries, *tail], end, unusable=unusable)
    rest = [each for each in runs if not any(each is one for one in involved)]
    return Merged([run, *rest] if begins_newest else [*rest, run], tail[0] if tail else None, newest_lost)
