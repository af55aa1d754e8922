"""A small chart of who wrote when, shown below a transcript at a terminal.

Apr 20                    Apr 26
>  Jane Doe      ▂ ▅█▁        12
<  John Smith    ▁ ▃▅▂         9
~  left out        ▃▃          8
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from unicodedata import combining, east_asian_width

from mcp_server.commands.paint import colour_of, coloured
from mcp_server.transcript.grammar import SIGNS, Day, Gap, Line, Speaker, Transcript, is_letters
from mcp_server.transcript.parse import NotATranscript, parse

_BARS = " ▁▂▃▄▅▆▇█"
_LEFT_OUT = "~"
_NAME_CHARS = 24
_FEWEST, _LEAST_COLUMNS = 3, 10


def chart(texts: Iterable[str], *, width: int, colour: bool) -> list[str]:
    """The lines of the chart of these transcripts; none for fewer than three messages with a known day."""
    transcripts = []
    for text in texts:
        try:
            transcripts.append(parse(text))
        except NotATranscript:  # the text has been printed, so a missing chart is not an error
            return []
    written = [found for transcript in transcripts for found in _written(transcript)]
    if len(written) < _FEWEST:
        return []
    first, last = min(day for day, _ in written), max(day for day, _ in written)
    speakers = {speaker.mark: speaker for transcript in transcripts for speaker in transcript.speakers}
    columns = max(_LEAST_COLUMNS, min((last - first).days + 1, width - _NAME_CHARS - 12))
    counts = Counter((mark, _column(day, first, last, columns)) for day, mark in written)
    highest = max(counts.values())
    dates = f"{_named(first)}{_named(last):>{max(columns - len(_named(first)), 8)}}"
    lines = [f"{'':{_NAME_CHARS + 3}}{dates}"]
    for mark in [mark for mark in (*speakers, "?", _LEFT_OUT) if any(key == mark for key, _ in counts)]:
        bars = "".join(_bar(counts[mark, column], highest) for column in range(columns))
        total = sum(count for (key, _), count in counts.items() if key == mark)
        name = _name(mark, speakers)
        if colour:
            bars = coloured(bars, colour_of(mark, me=mark in speakers and speakers[mark].me))
        short = mark if mark in (*SIGNS, _LEFT_OUT) or is_letters(mark) else ""  # a first name is in the name
        lines.append(f"{short:<2} {name}{bars} {total:>5}")
    return lines


def _written(transcript: Transcript) -> Iterable[tuple[date, str]]:
    """(day, mark) of every message with a known day. Omitted messages are spread evenly over their gap."""
    today, sender = transcript.header.first, "?"
    for entry in transcript.entries:
        match entry:
            case Day(day):
                today = day
            case Line(mark=mark):
                sender = sender if mark == "-" else mark
                if today is not None:
                    yield today, sender
            case Gap(count=count, first=first, last=last):
                begins, ends = first or today, last or first or today
                if begins is not None and ends is not None:
                    stretch = ends - begins + timedelta(days=1)
                    yield from ((begins + stretch * (n + 0.5) / count, _LEFT_OUT) for n in range(count))


def _column(day: date, first: date, last: date, columns: int) -> int:
    return (day - first) * (columns - 1) // max(last - first, timedelta(days=1)) if columns > 1 else 0


def _bar(count: int, highest: int) -> str:
    """A bar of eight heights, at least one for any count above zero."""
    return _BARS[-(-count * (len(_BARS) - 1) // highest)]


def _named(day: date) -> str:
    return f"{day:%b} {day.day} {day.year}"


def _name(mark: str, speakers: dict[str, Speaker]) -> str:
    """The name, cut or padded to _NAME_CHARS columns."""
    name = speakers[mark].name if mark in speakers else "left out" if mark == _LEFT_OUT else "unknown"
    if _width(name) >= _NAME_CHARS:
        while _width(name) > _NAME_CHARS - 2:
            name = name[:-1]
        name += "…"
    return name + " " * (_NAME_CHARS - _width(name))


def _width(text: str) -> int:
    """Columns at a terminal: East Asian wide characters take two, combining marks none."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
