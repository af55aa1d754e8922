"""Reads a list of conversations back from its text: the inverse of `render`, which shows that no part can be forged."""

import re
from collections.abc import Sequence
from datetime import date
from typing import cast

from mcp_server.conversation.listed import Show
from mcp_server.listing.grammar import ConversationList, Item, ListedEntry, ListHeader, Search, Turn
from mcp_server.listing.render import ENDS, SEARCHED
from mcp_server.transcript.grammar import Day, End, Footer, More
from mcp_server.transcript.parse import DAYS, NotATranscript, read_day, read_days

_HEADER = re.compile(
    rf"([0-9]+) looked at \((?:({DAYS}), )?([A-Za-z0-9_+/-]+)\), ([0-9]+) matched, ([0-9]+) shown, ([0-9]+) to answer\."
    rf" (?:([0-9]+) credits?|Credits unknown)\.(?: Show: (unread|to_answer)\.)?"
    rf"(?: Searched ({'|'.join(map(re.escape, SEARCHED.values()))}): (.*))?"
)
_ENTRY = re.compile(r"([A-Za-z0-9-]\S*) ([0-9]{2}:[0-9]{2}|\?\?:\?\?) ([><?]|them|me)\u200e?(?:\[([^\]]*)\])? (.*)")
_UNREAD = re.compile(r"([1-9][0-9]*) unread")
_MORE = re.compile(r"More: older conversations\. next_cursor: (\S+)")


class NotAList(ValueError):
    """The text is not a list that `render` could have written."""


def parse(text: str) -> ConversationList:
    """The list whose rendering is `text`. Raises NotAList."""
    lines = text.split("\n")
    banner, at = (None, 0) if _HEADER.fullmatch(lines[0]) else (lines[0], 1)
    header = _header(lines[at] if at < len(lines) else "")
    at += 1
    notes = []
    while at < len(lines) and lines[at].startswith("! "):
        notes.append(lines[at][2:])
        at += 1
    footer = _footer(lines[-1] if at < len(lines) else "")
    return ConversationList(header, _items(lines[at:-1], header), footer, tuple(notes), banner)


def _header(line: str) -> ListHeader:
    found = _HEADER.fullmatch(line)
    if found is None:
        raise NotAList(f"no summary line: {line[:80]!r}")
    looked_at, days, zone, matched, shown, to_answer, credits, show, where, quoted = found.groups()
    first, last = _days(days) if days else (None, None)
    return ListHeader(
        looked_at=int(looked_at),
        matched=int(matched),
        shown=int(shown),
        to_answer=int(to_answer),
        first=first,
        last=last,
        timezone=zone,
        credits="unknown" if credits is None else int(credits),
        show=cast(Show, show or "all"),
        search=None if where is None else Search(quoted, all_texts=where == SEARCHED[True]),
    )


def _items(lines: Sequence[str], header: ListHeader) -> tuple[Item, ...]:
    items: list[Item] = []
    year = header.last.year if header.last else None
    for line in lines:
        before = items[-1] if items else None
        if line.startswith("  ") and isinstance(before, ListedEntry) and not (before.headline or before.text):
            items[-1] = before._replace(headline=line[2:])
        elif line.startswith(" ") and isinstance(before, ListedEntry) and not before.text:
            items[-1] = before._replace(text=line[1:])
        elif line.startswith("# "):
            try:
                day = read_day(line[2:], year)
            except NotATranscript as error:
                raise NotAList(str(error)) from error
            year = day.year
            items.append(Day(day))
        elif found := _ENTRY.fullmatch(line):
            items.append(_entry(found))
        else:
            raise NotAList(f"not an entry: {line[:80]!r}")
    return tuple(items)


def _entry(found: re.Match[str]) -> ListedEntry:
    target, time, turn, tagged, name = found.groups()
    tags = tuple(tagged.split("; ")) if tagged else ()
    unread = _UNREAD.fullmatch(tags[0]) if tags else None
    return ListedEntry(
        target,
        time,
        cast(Turn, turn),
        name,
        unread=0 if unread is None else int(unread[1]),
        tags=tags if unread is None else tags[1:],
    )


def _days(text: str) -> tuple[date, date]:
    try:
        return read_days(text, None)
    except NotATranscript as error:
        raise NotAList(str(error)) from error


def _footer(line: str) -> Footer:
    if more := _MORE.fullmatch(line):
        return More(more[1])
    for why, words in ENDS.items():
        if line == words:
            return End(why)
    raise NotAList(f"no footer: {line[:80]!r}")
