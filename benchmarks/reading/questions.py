"""Questions about a window whose right answers follow from how it was made, each with two answers to compare.

Some offer the two answers and are asked twice, in both orders, after the same stem. The others are open: they are
asked once and offer none, which this model answers better.
"""

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.reading.formats import at_hour, names, on_day
from benchmarks.reading.windows import Window, first_name
from mcp_server.transcript.grammar import Day, Gap, Line

WHO_PER_PERSON = 4
WHO_IN_GROUPS = 8
DAYS_OF_A_WINDOW = 2
NUMBER_ONLY = "Answer with the number only."
NAME_ONLY = "Answer with the first name only."
QUOTE_WORDS, QUOTE_CHARS = 5, 28

VERBATIM_KINDS = ("who", "last", "turn", "day", "first")


class Asking(NamedTuple):
    """One order of the answers: what follows the stem, and the answers to compare, the right one first."""

    ending: str
    right: str
    wrong: str


class Question(NamedTuple):
    """`truth` names the right answer, so that a preference of the model for it can be taken out."""

    name: str
    kind: str
    truth: str
    stem: str
    askings: tuple[Asking, ...]


def verbatim_questions(window: Window) -> list[Question]:
    """Who wrote it, who wrote last, whose turn it is, on which day, and which came first."""
    draw = random.Random(window.name)
    made = [*_who(window, draw), *_last(window, draw), *_turn(window), *_day(window, draw), *_first(window, draw)]
    return _numbered(window, made)


def open_questions(window: Window) -> list[Question]:
    """Who wrote each message and on which day, how the next one begins, who wrote last, and whose turn it is."""
    draw = random.Random(window.name)
    people = (*(_ask_who(window, at, draw) for at in _quotable(window)), *_last(window, draw), *_turn(window))
    named = (one._replace(stem=f"{one.stem} {NAME_ONLY}") for one in people)
    return _numbered(window, list(_opened([*named, *_each_day(window, draw), *_next(window, draw)])))


def quoted_questions(window: Window) -> list[Question]:
    """How the message after one begins, with the answer begun by a quotation mark: a name cannot come first."""
    draw = random.Random(window.name)
    asked = _opened(_next(window, draw))
    quoted = (
        one._replace(
            askings=tuple(each._replace(right=f"“{each.right}", wrong=f"“{each.wrong}") for each in one.askings)
        )
        for one in asked
    )
    return _numbered(window, list(quoted))


def _each_day(window: Window, draw: random.Random) -> Iterator[Question]:
    days = {str(on_day(window, at).day) for at in range(len(window.lines))}
    for at in _quotable(window):
        stem = f"On which day of the month was “{quote(window.lines[at].text)}” sent? {NUMBER_ONLY}"
        yield from _against("day", stem, str(on_day(window, at).day), days, draw)


def _next(window: Window, draw: random.Random) -> Iterator[Question]:
    lines = _quotable(window)
    for at in lines:
        others = [other for other in lines if abs(other - at) > 1]
        if at + 1 in lines and others:
            right, wrong = (quote(window.lines[one].text) for one in (at + 1, draw.choice(others)))
            if right[0] != wrong[0]:
                stem = f"How does the message after “{quote(window.lines[at].text)}” begin?"
                yield _between("next", f"{stem} Answer with its first words only.", right, wrong)


def condensed_questions(window: Window) -> list[Question]:
    """How many messages are left out beside one, and in which hour a message was sent whose line has no time."""
    draw = random.Random(window.name)
    return _numbered(window, [*_omitted(window, draw), *_hour(window, draw)])


def cut_questions(window: Window) -> list[Question]:
    """Whether a message is shown in full."""
    return _numbered(window, list(_cut(window)))


def repeated_questions(window: Window) -> list[Question]:
    """Who wrote a message that follows one of the same sender."""
    draw = random.Random(window.name)
    lines = [at for at in _quotable(window) if at and window.lines[at].mark == window.lines[at - 1].mark]
    return _numbered(window, [_ask_who(window, at, draw) for at in lines])


def _numbered(window: Window, made: Sequence[Question]) -> list[Question]:
    return [one._replace(name=f"{window.name}/{number}-{one.kind}") for number, one in enumerate(made)]


def _who(window: Window, draw: random.Random) -> Iterator[Question]:
    lines = _quotable(window)
    draw.shuffle(lines)
    if window.is_group:
        chosen = lines[:WHO_IN_GROUPS]
    else:
        by_sender = {mark: [at for at in lines if window.lines[at].mark == mark] for mark in "><"}
        number = min(WHO_PER_PERSON, *(len(found) for found in by_sender.values()))
        chosen = [at for found in by_sender.values() for at in found[:number]]
    for at in chosen:
        yield _ask_who(window, at, draw)


def _ask_who(window: Window, at: int, draw: random.Random) -> Question:
    stem = f"Who wrote “{quote(window.lines[at].text)}”?"
    return _between("who", stem, first_name(window.shown[at].sender), _somebody_else(window, at, draw))


def _last(window: Window, draw: random.Random) -> Iterator[Question]:
    at = len(window.lines) - 1
    right = first_name(window.shown[at].sender)
    yield _between("last", "Who wrote the newest message?", right, _somebody_else(window, at, draw))


def _turn(window: Window) -> Iterator[Question]:
    last = window.transcript.header.latest
    if last is not None and last.awaited is not None:
        known = names(window)
        stem = "Who has to answer now?"
        yield _between("turn", stem, known[last.awaited], known[last.mark])


def _day(window: Window, draw: random.Random) -> Iterator[Question]:
    lines = _quotable(window)
    draw.shuffle(lines)
    days = {str(on_day(window, at).day) for at in range(len(window.lines))}
    for at in lines[:DAYS_OF_A_WINDOW]:
        stem = f"On which day of the month was “{quote(window.lines[at].text)}” sent?"
        yield from _against("day", stem, str(on_day(window, at).day), days, draw)


def _first(window: Window, draw: random.Random) -> Iterator[Question]:
    lines = _quotable(window)
    draw.shuffle(lines)
    pairs = [(one, other) for one, other in zip(lines[::2], lines[1::2], strict=False) if abs(one - other) > 1]
    for one, other in pairs[:2]:
        earlier, later = quote(window.lines[min(one, other)].text), quote(window.lines[max(one, other)].text)
        ask = "Which was sent earlier, A or B?"
        yield Question(
            "", "first", "", ask,
            (
                Asking(f" A: “{earlier}” B: “{later}”", "A", "B"),
                Asking(f" A: “{later}” B: “{earlier}”", "B", "A"),
            ),
        )  # fmt: skip


def _omitted(window: Window, draw: random.Random) -> Iterator[Question]:
    """How many messages are not shown on one side of a message. Worded like neither form of a gap."""
    counts = {str(entry.count) for entry in window.transcript.entries if isinstance(entry, Gap)}
    entries = [entry for entry in window.transcript.entries if not isinstance(entry, Day)]
    quotable = {window.lines[at].text for at in _quotable(window)}
    for one, other in itertools.pairwise(entries):
        for gap, line, side in ((one, other, "before"), (other, one, "after")):
            if isinstance(gap, Gap) and isinstance(line, Line) and line.text in quotable:
                stem = f"How many messages are not shown just {side} “{quote(line.text)}”? {NUMBER_ONLY}"
                yield from _opened(_against("omitted", stem, str(gap.count), counts, draw))


def _hour(window: Window, draw: random.Random) -> Iterator[Question]:
    """Of lines without a time. Where times are further apart than an hour, the answer cannot be read: another kind."""
    hours = {at_hour(window, at) for at in range(len(window.lines))}
    shown = ""
    for at, line in enumerate(window.lines):
        shown = shown if line.time is None else line.time[:2]
        if line.time is None and at in _quotable(window):
            stem = f"In which hour of the day was “{quote(line.text)}” sent? {NUMBER_ONLY}"
            right = at_hour(window, at)
            kind = "hour" if right == shown else "hour unsaid"
            yield from _opened(_against(kind, stem, right, hours, draw))


def _cut(window: Window) -> Iterator[Question]:
    """Worded like neither form of a cut."""
    texts = [message.text for message in window.messages]
    for line in window.lines:
        begun = quote(line.text.split("[..]")[0])
        if len(begun) >= 8 and sum(begun in text for text in texts) == 1:
            right, wrong = ("No", "Yes") if line.shortened else ("Yes", "No")
            yield from _opened([_between("cut", f"Is the message “{begun}” shown in full? Yes or no?", right, wrong)])


def _against(kind: str, stem: str, right: str, known: Iterable[str], draw: random.Random) -> Iterator[Question]:
    """The question with another of the known answers that can be told from the right one at its first token."""
    others = [one for one in sorted(known) if not one.startswith(right) and not right.startswith(one)]
    if others:
        yield _between(kind, stem, right, draw.choice(others))


def _between(kind: str, stem: str, right: str, wrong: str) -> Question:
    return Question(
        "", kind, right, stem,
        (
            Asking(f" {right} or {wrong}?", right, wrong),
            Asking(f" {wrong} or {right}?", right, wrong),
        ),
    )  # fmt: skip


def _opened(questions: Iterable[Question]) -> Iterator[Question]:
    """The same, asked once without offering the answers."""
    for one in questions:
        yield one._replace(askings=(one.askings[0]._replace(ending=""),))


def _somebody_else(window: Window, at: int, draw: random.Random) -> str:
    right = first_name(window.shown[at].sender)
    return draw.choice(sorted(set(names(window).values()) - {right}))


def _quotable(window: Window) -> list[int]:
    """The lines whose beginning is in no other line and names nobody who takes part."""
    texts = [message.text for message in window.messages]
    people = set(names(window).values())
    return [
        at
        for at, line in enumerate(window.lines)
        if not line.shortened
        and len(begun := quote(line.text)) >= 8
        and sum(begun in text for text in texts) == 1
        and not any(person in begun for person in people)
    ]


def quote(text: str) -> str:
    """The first words of a text, on one line."""
    words = re.split(r"\s+", text.strip())
    begun = " ".join(words[:QUOTE_WORDS])
    if len(begun) > QUOTE_CHARS:
        begun = begun[:QUOTE_CHARS].rpartition(" ")[0] or begun[: QUOTE_CHARS // 2]
    return begun.rstrip(" ,.;:")
