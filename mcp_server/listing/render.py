"""Writes a list of conversations as text. `grammar` documents the format; `parse` is the inverse."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import assert_never

from mcp_server.conversation.line_direction import marked
from mcp_server.conversation.models import EndReason
from mcp_server.listing.grammar import NO_TARGET, ConversationList, Item, ListedEntry, ListHeader
from mcp_server.transcript.grammar import Day, End, Footer, More
from mcp_server.transcript.render import render_day_line, render_days

ENDS: dict[EndReason, str] = {
    "beginning": "No older conversations.",
    "incomplete": "No older conversations were delivered.",
    "asked": "No older conversations were asked for.",
    "stopped": "Older conversations could not be reached.",
}
SEARCHED = {True: "all texts", False: "names, headlines and last messages"}


def render(conversations: ConversationList) -> str:
    """The list as text, without a final newline."""
    body = "".join(render_items(conversations.items, conversations.header.last))
    return render_preamble(conversations) + body + render_footer(conversations.footer)


def render_preamble(conversations: ConversationList) -> str:
    """The lines above the first day: banner, summary, notes."""
    lines = [] if conversations.banner is None else [conversations.banner]
    lines.append(render_header(conversations.header))
    lines += [f"! {note}" for note in conversations.notes]
    return "".join(f"{line}\n" for line in lines)


def render_header(header: ListHeader) -> str:
    """The summary line, without its newline."""
    days = "" if header.first is None or header.last is None else f"{render_days(header.first, header.last)}, "
    credits = (
        "Credits unknown."
        if header.credits == "unknown"
        else f"{header.credits} credit{'' if header.credits == 1 else 's'}."
    )
    numbers = f"{header.matched} matched, {header.shown} shown, {header.to_answer} to answer."
    line = [f"{header.looked_at} looked at ({days}{header.timezone}), {numbers}", credits]
    if header.show != "all":
        line.append(f"Show: {header.show}.")
    if header.search is not None:
        line.append(f"Searched {SEARCHED[header.search.all_texts]}: {header.search.quoted}")
    return " ".join(line)


def render_items(items: Iterable[Item], last: date | None) -> Iterator[str]:
    """The days and entries, one string each. A year is written where it differs from the day before, or from `last`."""
    year = None if last is None else last.year
    for item in items:
        match item:
            case Day(day):
                yield render_day_line(day, with_year=day.year != year)
                year = day.year
            case ListedEntry():
                yield render_entry(item)
            case _:
                assert_never(item)


def render_entry(entry: ListedEntry) -> str:
    """A conversation: its line, and a line each for headline and last message."""
    tags = [f"{entry.unread} unread"] if entry.unread else []
    tagged = f"[{'; '.join((*tags, *entry.tags))}]" if tags or entry.tags else ""
    headline = f"  {entry.headline}\n" if entry.headline else ""
    text = f" {entry.text}\n" if entry.text else ""
    # The last letter of the target is before the mark, so it decides; without a target, the name does.
    turn = marked(entry.turn, entry.name if entry.target == NO_TARGET else entry.target[::-1])
    return f"{entry.target} {entry.time} {turn}{tagged} {entry.name}\n{headline}{text}"


def render_footer(footer: Footer) -> str:
    match footer:
        case More(next_cursor, _):
            return f"More: older conversations. next_cursor: {next_cursor}"
        case End(why):
            return ENDS[why]
        case _:
            assert_never(footer)
