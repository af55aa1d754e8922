"""Fuzz target: the parser. Any text is a transcript or is none; what was read is written and read again the same.

And what `render` writes is read back exactly, whatever strangers wrote, however they are called.
"""

from datetime import date, timedelta

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.transcript.grammar import Day, End, Entry, Footer, Gap, Header, Line, More, Speaker, Transcript
from mcp_server.transcript.parse import NotATranscript, parse
from mcp_server.transcript.render import render
from tests.fuzz.source import Source
from tests.support.hostile_text import FRAGMENTS

LINES = (
    "> in/jane Jane\n", "< (me) - John\n", "A in/a \n", "SANDBOX\n", "! note\n",
    "# Apr 20\n",
    "3 of 5 messages, Apr 20 - 26 2026, UTC. Last: > 2 days ago, < to answer. Unread: 0. 3 credits.\n",
    "2 messages (1 whole, 1 left out), UTC.\n",
    "1 message, Dec 31 2025 - Jan 2 2026, UTC.\n",
    "# Feb 29\n", "# Feb 30\n", "# Foo 1\n", "09:00 > text\n", "< text\n", "A: text\n", "- text\n", "? text\n",
    " more\n",
    ">~ a [..] b\n", ">[shared post] x\n", ">[characters 1-9 of 50] x\n", ">[x; characters 1-9 of 50] x\n",
    ">(no text) \n", "~ 12 messages, Apr 21 - 24 [40]\n", "~ 1 message\n", "window_cursor: AgQ\n", "\n", " \n", "  \n",
    "No older messages.", "Nothing older was asked for.", "More: 32 older. next_cursor: AQx9",
    "More: older messages. next_cursor: AQ",
)  # fmt: skip
_LONG_AGO = date(1, 1, 1)


def check(data: bytes) -> None:
    """Any text of such lines, and any transcript."""
    text = Source(b"\xff\xff" + data).text(LINES, most=65_535)
    try:
        read = parse(text)
    except NotATranscript:
        pass
    else:
        try:
            assert parse(render(read)) == read, text
        except NotATranscript as error:
            raise AssertionError(text) from error
    transcript = _transcript(Source(data))
    assert parse(render(transcript)) == transcript, transcript


def _transcript(source: Source) -> Transcript:
    people = [
        Speaker(mark, clean_name(source.text(FRAGMENTS, most=20)) or "x", source.one_of((None, "in/j")))
        for mark in source.one_of(((), (">",), (">", "<"), ("A", "B", "C")))
    ]
    marks = [person.mark for person in people] + ["?"]
    start = _LONG_AGO + timedelta(days=source.number(700_000))
    days = [start, start + timedelta(days=source.number(40))]
    entries: list[Entry] = [Day(start)]
    for _ in range(source.number(12)):
        if source.byte() % 5 == 0:
            entries.append(Gap(1 + source.number(99), at=source.one_of((None, source.number(999)))))
        else:
            text = clean(source.text(FRAGMENTS, most=40))
            kind = source.one_of((None, None, "shared post", "no text"))
            time = source.one_of((None, "09:00", "??:??"))
            entries.append(Line(source.one_of(marks), text, time=time, kind=kind, shortened=source.byte() % 4 == 0))
    footers: tuple[Footer, ...] = (End(), End("asked"), End("stopped"), More("AQx", source.number(99) + 2))
    header = Header(shown=source.number(50), first=start, last=days[1], credits=source.one_of((None, 1, 7)))
    notes = tuple(clean_name(source.text(FRAGMENTS, most=9)) for _ in range(source.number(2)))
    return Transcript(header, tuple(entries), source.one_of(footers), tuple(people), notes)
