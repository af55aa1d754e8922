"""Reads a transcript back from its text: the inverse of `render`, which shows that no part can be forged."""

import re
from collections.abc import Container
from datetime import date

from mcp_server.transcript.grammar import (
    Day,
    End,
    Entry,
    Footer,
    Gap,
    Header,
    Latest,
    Line,
    More,
    Part,
    Speaker,
    Transcript,
    is_letters,
)
from mcp_server.transcript.render import ENDS, MONTHS, NO_TEXT, READ_BY_RECIPIENT

_DAY = r"(?:[A-Z][a-z]{2} [0-9]{1,2}(?: [0-9]{4})?)"
DAYS = rf"{_DAY}(?: - (?:{_DAY}|[0-9]{{1,2}}(?: [0-9]{{4}})?))?"
_ONE_DAY = re.compile(_DAY)
# Names and letters: neither spaces, digits nor ASCII punctuation, but for apostrophes and hyphens within.
LABEL = r"(?![A-Z]{4,}[ :])[^\x00-@\[-`{-~\s][^\x00-&(-,.-@\[-`{-~\s]*"
_MARK = rf"(?:>|<|\?|{LABEL})"
_AGO = r"just now|[0-9]+ [a-z]+ ago"
# Older transcripts say "Seen" or "Not seen", with or without a day.
_READ = rf"(?:{'|'.join(map(re.escape, READ_BY_RECIPIENT.values()))}|Seen(?: {_DAY})?\.|Not seen\.)"
_SPEAKER = re.compile(
    rf"(?:(>|<|[A-Z]{{1,3}})\u200e?|({LABEL}):) (\(me\) )?((?:in|company|school|showcase)/\S+|-) (.*)"
)
_HEADER = re.compile(
    r"([0-9]+)(?: of ([0-9]+))? messages?"
    r"(?: \((?:([0-9]+) whole)?(?:, )?(?:([0-9]+) shortened)?(?:, )?(?:([0-9]+) left out)?\))?"
    rf"(?:, ({DAYS}))?, ([A-Za-z0-9_+/-]+)\."
    rf"(?: Last: ({_MARK}) ({_AGO})(?:, ({_MARK}) to answer)?\.)?"
    rf"(?: Unread: ([0-9]+)\.)?(?: ({_READ}))?(?: (?:([0-9]+) credits?|Credits (unknown))\.)?(?: Focus: (.*))?"
)
_GAP = re.compile(rf"~ ?([0-9]+) messages?(?:, ({DAYS}))?(?: \[([0-9]+)\])?")
_WINDOW = re.compile(r"window_cursor: (\S+)")
_LINE = re.compile(
    rf"(?:([0-9]{{2}}:[0-9]{{2}}|\?\?:\?\?) )?(?:({LABEL})(:)?|([><?-])\u200e?)(~)?"
    rf"(?:\[([^\]]*)\]|({re.escape(NO_TEXT)}))? (.*)"
)
_PART = re.compile(r"characters ([0-9]+)-([0-9]+) of ([0-9]+)")
_MORE = re.compile(r"More: (?:([0-9]+) older|older messages)\. next_cursor: (\S+)")


class NotATranscript(ValueError):
    """The text is not a transcript that `render` could have written."""


def parse(text: str) -> Transcript:
    """The transcript whose rendering is `text`. Raises NotATranscript."""
    lines = text.split("\n")
    at = 0
    banner = None
    if not _SPEAKER.fullmatch(lines[0]) and not _HEADER.fullmatch(lines[0]):
        banner, at = lines[0], 1
    speakers = []
    while at < len(lines) and (speaker := _SPEAKER.fullmatch(lines[at])):
        mark, label, me, profile, name = speaker.groups()
        speakers.append(Speaker(mark or label, name, None if profile == "-" else profile, me=me is not None))
        at += 1
    header = _header(lines[at] if at < len(lines) else "")
    at += 1
    notes = []
    while at < len(lines) and lines[at].startswith("! "):
        notes.append(lines[at][2:])
        at += 1
    end = len(lines) - 1
    window = _WINDOW.fullmatch(lines[end - 1]) if end > at else None
    if window is not None:
        end -= 1
    return Transcript(
        banner=banner,
        speakers=tuple(speakers),
        header=header,
        notes=tuple(notes),
        entries=_entries(lines[at:end], header, {speaker.mark for speaker in speakers}),
        footer=_footer(lines[-1]),
        window_cursor=None if window is None else window[1],
    )


def _header(line: str) -> Header:
    found = _HEADER.fullmatch(line)
    if found is None:
        raise NotATranscript(f"no summary line: {line[:80]!r}")
    (covered, total, whole, shortened, omitted, days, timezone) = found.groups()[:7]
    (last_mark, ago, awaited, unread, read, spent, spent_unknown, focus) = found.groups()[7:]
    split = whole or shortened or omitted
    first, last = read_days(days, None) if days else (None, None)
    return Header(
        shown=int(whole or 0) if split else int(covered),
        shortened=int(shortened or 0),
        omitted=int(omitted or 0),
        total=None if total is None else int(total),
        first=first,
        last=last,
        timezone=timezone,
        latest=None if last_mark is None else Latest(last_mark, ago, awaited),
        unread=None if unread is None else int(unread),
        read_by_recipient=None if read is None else read == READ_BY_RECIPIENT[True] or read.startswith("Seen"),
        credits="unknown" if spent_unknown else None if spent is None else int(spent),
        focus=focus,
    )


def _entries(lines: list[str], header: Header, marks: Container[str]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    year = header.first.year if header.first else None
    for line in lines:
        before = entries[-1] if entries else None
        if line.startswith(" ") and isinstance(before, Line):
            entries[-1] = _with_text(before, f"{before.text}\n{line[1:]}")
        elif line.startswith("# "):
            day = read_day(line[2:], year)
            year = day.year
            entries.append(Day(day))
        elif gap := _GAP.fullmatch(line):
            first, last = read_days(gap[2], year) if gap[2] else (None, None)
            entries.append(Gap(int(gap[1]), first, last, None if gap[3] is None else int(gap[3])))
        elif (found := _LINE.fullmatch(line)) and _is_mark(found, marks):
            entries.append(_line(found, before))
        else:
            raise NotATranscript(f"not an entry: {line[:80]!r}")
    return tuple(entries)


def _is_mark(found: re.Match[str], marks: Container[str]) -> bool:
    """Whether a line begins with a sign, with letters and a colon, or with a name that is in the legend."""
    label = found[2]
    return label is None or label in marks or (is_letters(label) and len(label) <= 3 and found[3] is not None)


def _line(found: re.Match[str], before: Entry | None) -> Line:
    time, label, _, sign, cut, tag, _, text = found.groups()
    mark = label or sign
    if mark == "-":
        if not isinstance(before, Line):
            raise NotATranscript("'-' without a line above it")
        mark = before.mark
    kind, part = tag, None
    if tag is not None:
        head, _, tail = tag.rpartition("; ")
        if found_part := _PART.fullmatch(tail):
            part = Part(*(int(number) for number in found_part.groups()))
            kind = head or None
    return Line(mark, text, time=time, kind=kind, part=part, shortened=cut is not None)


def _with_text(line: Line, text: str) -> Line:
    return Line(line.mark, text, time=line.time, kind=line.kind, part=line.part, shortened=line.shortened)


def _footer(line: str) -> Footer:
    if more := _MORE.fullmatch(line):
        return More(more[2], older=None if more[1] is None else int(more[1]))
    for why, words in ENDS.items():
        if line == words:
            return End(why)
    raise NotATranscript(f"no footer: {line[:80]!r}")


def read_day(text: str, year: int | None) -> date:
    if not _ONE_DAY.fullmatch(text):
        raise NotATranscript(f"not a day: {text[:40]!r}")
    words = text.split(" ")
    named = words[2] if len(words) > 2 else year
    if named is None:
        raise NotATranscript(f"a day without a year: {text[:40]!r}")
    try:
        return date(int(named), MONTHS.index(words[0]) + 1, int(words[1]))
    except ValueError as error:
        raise NotATranscript(f"not a day: {text[:40]!r}") from error


def read_days(text: str, year: int | None) -> tuple[date, date]:
    """The two days of `render_days`: a missing month is that of the first day, a final year belongs to both."""
    first, _, last = text.partition(" - ")
    if not last:
        return (day := read_day(first, year)), day
    if last[0].isdigit():
        last = f"{first.split(' ')[0]} {last}"
    end = read_day(last, year)
    return read_day(first, end.year), end
