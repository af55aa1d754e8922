"""The forms of a transcript that are compared: each is an answer with marks, with one convention changed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from benchmarks.reading.windows import Window, first_name, spoken
from benchmarks.tokens import api_json
from mcp_server.protocol.get_conversation import GRAMMAR, NAMES_GRAMMAR
from mcp_server.transcript.grammar import Day, Entry, Gap, Line, More, Transcript
from mcp_server.transcript.layout import Calendar, Moment
from mcp_server.transcript.render import (
    TEXT_WRITER,
    PieceWriter,
    render_closing,
    render_day_line,
    render_gap,
    render_preamble,
    render_prefix,
    render_text,
    write_entries,
)

LINES_PER_NAME = 10
_CALENDAR = Calendar(ZoneInfo("UTC"))

Format = Callable[[Window], str]


@dataclass(frozen=True)
class Writer:
    """A PieceWriter like the product's own, but for the conventions named here."""

    repeat: bool = False
    """The label on every line, also where the sender is that of the line above."""
    colon: bool = True
    """After a label that is not a mark."""
    gaps_in_words: bool = False
    gaps_left_out: bool = False
    """`~ 12 left out`, as the summary line says it."""
    cuts_in_words: bool = False
    named: bool = False
    """Labels as the product writes them."""

    day = staticmethod(render_day_line)

    def gap(self, gap: Gap, year: int | None) -> str:
        at = "" if gap.at is None else f" [{gap.at}]"
        omitted = render_gap(replace(gap, at=None), year).strip("~ \n")
        if self.gaps_in_words:
            number, comma, days = omitted.partition(",")
            return f"[{number} left out{comma}{days}]{at}\n"
        if self.gaps_left_out:
            omitted = omitted.replace(" messages", " left out").replace(" message", " left out")
        return f"~ {omitted}{at}\n"

    def prefix(self, line: Line, *, same_sender: bool) -> str:
        line = line._replace(shortened=line.shortened and not self.cuts_in_words)
        if self.named or (same_sender and not self.repeat):
            return render_prefix(line, same_sender=same_sender)
        label = line.mark if line.mark in "><?" else f"{line.mark}:" if self.colon else line.mark
        return render_prefix(line._replace(mark=">"), same_sender=False).replace(">", label, 1)

    def text(self, text: str) -> str:
        return render_text(text.replace("[..]", "[shortened]") if self.cuts_in_words else text)


def written(transcript: Transcript, writer: Writer, labels: Mapping[str, str] | None = None) -> str:
    """The whole answer, by this writer, with these labels for marks.

    Its cursor is cut short, as none of the questions is about it.
    """
    labels = {} if labels is None else labels
    entries = _labelled(transcript, labels)
    transcript = _short(transcript)
    pieces = write_entries(entries, transcript.header.first, writer)
    return _preamble(transcript, labels) + "".join(pieces) + render_closing(transcript)


def _labelled(transcript: Transcript, labels: Mapping[str, str]) -> list[Entry]:
    return [
        one._replace(mark=labels.get(one.mark, one.mark)) if isinstance(one, Line) else one
        for one in transcript.entries
    ]


def _short(transcript: Transcript) -> Transcript:
    footer = transcript.footer
    return replace(transcript, footer=replace(footer, next_cursor="AgQ")) if isinstance(footer, More) else transcript


def by_name(window: Window) -> Transcript:
    """The transcript that the product writes by default: with first names for marks."""
    known, transcript = names(window), _short(window.transcript)
    latest = transcript.header.latest
    if latest is not None:
        awaited = None if latest.awaited is None else known[latest.awaited]
        latest = replace(latest, mark=known[latest.mark], awaited=awaited)
    return replace(
        transcript,
        speakers=tuple(replace(one, mark=known[one.mark]) for one in transcript.speakers),
        header=replace(transcript.header, latest=latest),
        entries=tuple(_labelled(transcript, known)),
    )


def default(writer: PieceWriter[str] = TEXT_WRITER, *, times: bool = False) -> Format:
    """The product's default, but for this writer's conventions; with `times`, also the time on every line."""

    def form(window: Window) -> str:
        transcript = by_name(window)
        if times:
            transcript = _timed(transcript, window)
        pieces = write_entries(transcript.entries, transcript.header.first, writer)
        return render_preamble(transcript) + "".join(pieces) + render_closing(transcript)

    return form


def _preamble(transcript: Transcript, labels: Mapping[str, str]) -> str:
    """Legend and summary with other labels, each at the beginning of its line of the legend, followed by a space."""
    lines = render_preamble(transcript).split("\n")
    for at, speaker in enumerate(transcript.speakers):
        lines[at] = labels.get(speaker.mark, speaker.mark) + lines[at].removeprefix(speaker.mark)
    text, last = "\n".join(lines), transcript.header.latest
    if last is not None:
        text = text.replace(f"Last: {last.mark} ", f"Last: {labels.get(last.mark, last.mark)} ", 1)
        if last.awaited is not None:
            awaited = labels.get(last.awaited, last.awaited)
            text = text.replace(f", {last.awaited} to answer", f", {awaited} to answer", 1)
    return text


def names(window: Window) -> dict[str, str]:
    """The mark of everyone who wrote, to the first name."""
    return {line.mark: first_name(one.sender) for line, one in zip(window.lines, window.shown, strict=True)} | {
        speaker.mark: speaker.name.split()[0] for speaker in window.transcript.speakers
    }


def letters(window: Window) -> dict[str, str]:
    """Marks to letters: in groups those it has already, between two people A and B."""
    return {mark: mark if mark.isalpha() else "AB"["><".index(mark)] for mark in names(window)}


def initials(window: Window) -> dict[str, str]:
    """Marks to the first letters of both names."""
    full = {line.mark: one.sender.name for line, one in zip(window.lines, window.shown, strict=True) if one.sender}
    full |= {speaker.mark: speaker.name for speaker in window.transcript.speakers}
    return {mark: "".join(word[0] for word in name.split()) for mark, name in full.items()}


def labelled(labels: Callable[[Window], Mapping[str, str]], writer: Writer = Writer(repeat=True)) -> Format:
    """The form with these labels, on every line."""
    return lambda window: written(window.transcript, writer, labels(window))


def with_marks(writer: Writer = Writer()) -> Format:
    return lambda window: written(window.transcript, writer)


def names_at_times(window: Window) -> str:
    """Names on the first line of each sender after a day line and after every ten lines; marks elsewhere."""
    known = names(window)
    named: set[str] = set()
    entries: list[Entry] = []
    lines = 0
    for entry in window.transcript.entries:
        if isinstance(entry, Line):
            if lines % LINES_PER_NAME == 0:
                named.clear()
            lines += 1
            if entry.mark not in named:
                named.add(entry.mark)
                entry = entry._replace(mark=known[entry.mark])
        elif isinstance(entry, Day):
            named.clear()
        entries.append(entry)
    return written(replace(window.transcript, entries=tuple(entries)), Writer(repeat=True))


def _timed(transcript: Transcript, window: Window) -> Transcript:
    """With the time on every line."""
    moments = _moments(window)
    entries = (one._replace(time=next(moments).time) if isinstance(one, Line) else one for one in transcript.entries)
    return replace(transcript, entries=tuple(entries))


def plain(window: Window) -> str:
    """`[date time] Full Name: text`, a line for each message, and `[3 messages left out]`."""
    senders, moments, out = iter(window.shown), _moments(window), []
    for entry in window.transcript.entries:
        if isinstance(entry, Gap):
            out.append(Writer(gaps_in_words=True).gap(Gap(entry.count), None))
        elif isinstance(entry, Line):
            sender, moment = next(senders).sender, next(moments)
            kind = "" if entry.kind is None else f"[{entry.kind}] "
            text = entry.text.replace("[..]", "[shortened]") if entry.shortened else entry.text
            out.append(f"[{moment.day} {moment.time}] {sender.name if sender else '?'}: {kind}{text}\n")
    return "".join(out)


def as_json(window: Window) -> str:
    """The API's own messages, minified."""
    return api_json(spoken(window.messages)) + "\n"


def _moments(window: Window) -> Iterator[Moment]:
    return (_CALENDAR.at(message.sent_at_ms or 0) for message in window.shown)


def described(form: Format, grammar: str = GRAMMAR) -> Format:
    """With what the tool's description says of the form above it."""
    return lambda window: f"{grammar}\n\n{form(window)}"


COLON_GRAMMAR = (
    GRAMMAR.replace('participants (">", "<" or letters; "(me)"', 'participants (by first name; "(me)"')
    .replace('"< to answer": < owes', '"Jane to answer": Jane owes')
    .replace('"09:00 > text"', '"09:00 Jane: text"')
    .replace('">~" is cut', '"~" is cut')
)
SPELLED_OUT = Writer(named=True, gaps_in_words=True, cuts_in_words=True)

marks = with_marks()
first_names = labelled(names)

FORMATS: dict[str, Format] = {
    "marks": marks,
    "names": first_names,
    "plain": plain,
    "names, no colon": labelled(names, Writer(repeat=True, colon=False)),
    "letters": labelled(letters),
    "marks, described": described(marks),
    "names, described": described(first_names, COLON_GRAMMAR),
    "names at times": names_at_times,
    "initials": labelled(initials),
    "json": as_json,
    "default": default(),
    "default, described": described(default(), NAMES_GRAMMAR),
    "gaps left out": default(Writer(named=True, gaps_left_out=True)),
    "gaps in words": default(Writer(named=True, gaps_in_words=True)),
    "cuts in words": default(Writer(named=True, cuts_in_words=True)),
    "times on every line": default(times=True),
    "spelled out": default(SPELLED_OUT, times=True),
    "labels repeated": with_marks(Writer(repeat=True)),
}
"""By name. `default` is what the product prints, but for the order of a group's legend, and `marks` what
CONVERSATION_SPEAKERS=marks prints: in groups it has letters, and `-` repeats a sender."""


def on_day(window: Window, line: int) -> date:
    """The day of a line's message."""
    return _CALENDAR.at(window.shown[line].sent_at_ms or 0).day


def at_hour(window: Window, line: int) -> str:
    """The hour, two digits, of a line's message."""
    return _CALENDAR.at(window.shown[line].sent_at_ms or 0).time[:2]
