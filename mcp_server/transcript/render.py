"""Writes a transcript as text. `grammar` documents the format; `parse` is the inverse."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol, TypeVar, assert_never

from mcp_server.conversation.line_direction import marked
from mcp_server.conversation.models import EndReason
from mcp_server.transcript.grammar import (
    NAME_END,
    SIGNS,
    Day,
    End,
    Entry,
    Footer,
    Gap,
    Header,
    Line,
    More,
    Transcript,
    is_letters,
)

NO_TEXT = "(no text)"
ENDS: dict[EndReason, str] = {
    "beginning": "No older messages.",
    "incomplete": "No older messages were delivered.",
    "asked": "Nothing older was asked for.",
    "stopped": "Older messages could not be reached.",
}
READ_BY_RECIPIENT = {True: "Last message read by recipient.", False: "Last message not read by recipient."}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_Piece = TypeVar("_Piece")
_Written = TypeVar("_Written", covariant=True)


class PieceWriter(Protocol[_Written]):
    """Turns each piece of an entry into whatever the caller collects: text, or text with its size."""

    def day(self, day: date, *, with_year: bool) -> _Written: ...

    def gap(self, gap: Gap, year: int | None) -> _Written: ...

    def prefix(self, line: Line, *, same_sender: bool) -> _Written: ...

    def text(self, text: str) -> _Written: ...


def render(transcript: Transcript) -> str:
    """The transcript as text, without a final newline."""
    return render_body(transcript) + render_closing(transcript)


def render_body(transcript: Transcript) -> str:
    """The transcript up to and including the last entry."""
    return render_preamble(transcript) + "".join(render_entries(transcript.entries, transcript.header.first))


def render_preamble(transcript: Transcript) -> str:
    """The lines above the first entry: banner, legend, summary, notes."""
    lines = [] if transcript.banner is None else [transcript.banner]
    for speaker in transcript.speakers:
        about = f"{'(me) ' if speaker.me else ''}{speaker.profile or '-'} {speaker.name}"
        named = speaker.mark not in SIGNS and not is_letters(speaker.mark)
        lines.append(f"{speaker.mark}: {about}" if named else f"{marked(speaker.mark, about)} {about}")
    lines.append(render_header(transcript.header))
    lines += [f"! {note}" for note in transcript.notes]
    return "".join(f"{line}\n" for line in lines)


def render_header(header: Header) -> str:
    """The summary line, without its newline."""
    of_total = "" if header.total is None else f" of {header.total}"
    parts = [
        f"{number} {word}"
        for number, word in ((header.shown, "whole"), (header.shortened, "shortened"), (header.omitted, "left out"))
        if number
    ]
    split = f" ({', '.join(parts)})" if header.shortened or header.omitted else ""
    days = "" if header.first is None or header.last is None else f", {render_days(header.first, header.last)}"
    messages = _plural(header.covered if header.total is None else header.total)
    line = [f"{header.covered}{of_total} {messages}{split}{days}, {header.timezone}."]
    if header.latest is not None:
        awaited = "" if header.latest.awaited is None else f", {header.latest.awaited} to answer"
        line.append(f"Last: {header.latest.mark} {header.latest.ago}{awaited}.")
    if header.unread is not None:
        line.append(f"Unread: {header.unread}.")
    if header.read_by_recipient is not None:
        line.append(READ_BY_RECIPIENT[header.read_by_recipient])
    if header.credits == "unknown":
        line.append("Credits unknown.")
    elif header.credits is not None:
        line.append(f"{header.credits} credit{'' if header.credits == 1 else 's'}.")
    if header.focus is not None:
        line.append(f"Focus: {header.focus}")
    return " ".join(line)


def render_entries(entries: Sequence[Entry], first: date | None) -> Iterator[str]:
    """The entries in pieces whose token counts add up: a whole line, or a message's prefix and then its text.

    `first` is the oldest day in the summary line. A day is written with its year when that differs from the last year
    written.
    """
    return write_entries(entries, first, TEXT_WRITER)


def write_entries(entries: Sequence[Entry], first: date | None, writer: PieceWriter[_Piece]) -> Iterator[_Piece]:
    """The pieces of `render_entries`, each as `writer` returns it."""
    year = None if first is None else first.year
    before: Entry | None = None
    for entry in entries:
        match entry:
            case Line():
                same_sender = isinstance(before, Line) and before.mark == entry.mark and is_letters(entry.mark)
                yield writer.prefix(entry, same_sender=same_sender)
                yield writer.text(entry.text)
            case Day():
                yield writer.day(entry.date, with_year=entry.date.year != year)
                year = entry.date.year
            case Gap():
                yield writer.gap(entry, year)
            case _:
                assert_never(entry)
        before = entry


def render_day_line(day: date, *, with_year: bool) -> str:
    return f"# {render_day(day, with_year=with_year)}\n"


def render_prefix(line: Line, *, same_sender: bool) -> str:
    """Time, mark and tags of a line. With `same_sender` the mark is `-`: the line above has the same lettered mark."""
    time = "" if line.time is None else f"{line.time} "
    cut = "~" if line.shortened else ""
    tags = [] if line.kind is None else [line.kind]
    if line.part is not None:
        tags.append(f"characters {line.part.start}-{line.part.end} of {line.part.total}")
    tag = f"[{'; '.join(tags)}]" if tags else "" if line.text else NO_TEXT
    return f"{time}{'-' if same_sender else _spelt(line.mark, tag or line.text)}{cut}{tag}"


def _spelt(mark: str, following: str) -> str:
    """A mark as it begins a line, in front of what follows it."""
    if mark in SIGNS:
        return marked(mark, following)
    return f"{mark}:" if is_letters(mark) else f"{mark}{NAME_END}"


def render_text(text: str) -> str:
    """A text as it follows its prefix; its further lines are indented by one space."""
    return " " + text.replace("\n", "\n ") + "\n"


def render_gap(gap: Gap, year: int | None) -> str:
    days = ""
    if gap.first is not None and gap.last is not None:
        days = f", {render_days(gap.first, gap.last, year=year)}"
    at = "" if gap.at is None else f" [{gap.at}]"
    return f"~ {gap.count} {_plural(gap.count)}{days}{at}\n"


def render_closing(transcript: Transcript) -> str:
    """The lines below the last entry: the window cursor for gaps, and the footer."""
    window = "" if transcript.window_cursor is None else f"window_cursor: {transcript.window_cursor}\n"
    return window + render_footer(transcript.footer)


def render_footer(footer: Footer) -> str:
    match footer:
        case More(next_cursor, older):
            messages = "older messages" if older is None else f"{older} older"
            return f"More: {messages}. next_cursor: {next_cursor}"
        case End(why):
            return ENDS[why]
        case _:
            assert_never(footer)


def render_day(day: date, *, with_year: bool) -> str:
    """`Apr 20` or `Apr 20 2026`, in English."""
    return f"{MONTHS[day.month - 1]} {day.day}" + (f" {day.year:04}" if with_year else "")


def render_days(first: date, last: date, *, year: int | None = None) -> str:
    """`Apr 20 2026`, `Apr 20 - 26 2026`, `Apr 20 - May 3 2026`, `Dec 20 2025 - Jan 3 2026`.

    The year is left out when it equals `year` and both days are in it.
    """
    with_year = last.year != year
    if first == last:
        return render_day(first, with_year=with_year)
    if first.year != last.year:
        return f"{render_day(first, with_year=True)} - {render_day(last, with_year=True)}"
    if first.month != last.month:
        return f"{render_day(first, with_year=False)} - {render_day(last, with_year=with_year)}"
    return f"{render_day(first, with_year=False)} - {last.day}" + (f" {last.year:04}" if with_year else "")


def _plural(number: int) -> str:
    return "message" if number == 1 else "messages"


class _TextWriter:
    """A PieceWriter that returns text."""

    day = staticmethod(render_day_line)
    gap = staticmethod(render_gap)
    prefix = staticmethod(render_prefix)
    text = staticmethod(render_text)


TEXT_WRITER = _TextWriter()
