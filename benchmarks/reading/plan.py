"""The work in the order in which it is done: what decides comes first, so that an interruption costs the least."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks.reading.formats import FORMATS
from benchmarks.reading.questions import (
    Question,
    condensed_questions,
    hour_questions,
    repeated_questions,
    verbatim_questions,
)
from benchmarks.reading.windows import Window, condensed_windows, crowded_windows, verbatim_windows

MAIN = ("marks", "names", "plain")
SHORTER = ("names, no colon",)
SECOND = ("marks, described", "names, described")
THIRD = ("names at times", "letters")
FOURTH = ("initials",)
FIRST_WINDOWS = 12
"""The first of every conversation. Only they are asked about in all forms, and of every kind."""

JSON_WINDOWS = 6
"""JSON takes five times as many tokens, so it is asked about a part."""

EVERYWHERE = ("who", "last", "turn")
Ask = Callable[[Window], list[Question]]


class Work(NamedTuple):
    """Questions about one window in one format."""

    group: str
    format: str
    window: Window
    questions: list[Question]

    @property
    def name(self) -> str:
        return f"{self.group}/{self.format}/{self.window.name}"

    def prepared(self) -> dict[str, Any]:
        """As `model.py` reads it."""
        return {
            "name": self.name,
            "text": FORMATS[self.format](self.window),
            "questions": [
                {"stem": one.stem, "askings": [list(each) for each in one.askings]} for one in self.questions
            ],
        }


def plan() -> Iterator[Work]:
    """Everything that is asked."""
    windows = verbatim_windows()
    first, further = windows[:FIRST_WINDOWS], windows[FIRST_WINDOWS:]
    yield from _works("main", MAIN, first, verbatim_questions)
    yield from _works("main", MAIN, further, _only(verbatim_questions, *EVERYWHERE))
    yield from _works("main", SECOND, first, verbatim_questions)
    yield from _works("main", SHORTER, first, verbatim_questions)
    yield from _works("main", SHORTER, further, _only(verbatim_questions, *EVERYWHERE))
    condensed = condensed_windows()
    yield from _works("condensed", ("marks", "gaps in words"), condensed, _only(condensed_questions, "omitted"))
    yield from _works("hours", ("marks", "times on every line"), first, hour_questions)
    yield from _works("main", THIRD, first, verbatim_questions)
    yield from _works("repeated", ("marks", "labels repeated"), crowded_windows(), _enough(repeated_questions))
    yield from _works("cut", ("marks", "cuts in words"), condensed, _only(condensed_questions, "cut"))
    yield from _works("condensed", ("plain",), condensed, _only(condensed_questions, "omitted"))
    yield from _works("main", FOURTH, first, verbatim_questions)
    yield from _works("main", ("json",), first[:JSON_WINDOWS], _only(verbatim_questions, *EVERYWHERE))


def _enough(ask: Ask) -> Ask:
    """Windows with one or two questions take as long to read as others."""
    return lambda window: questions if len(questions := ask(window)) > 2 else []


def _only(ask: Ask, *kinds: str) -> Ask:
    return lambda window: [question for question in ask(window) if question.kind in kinds]


def _works(group: str, formats: Sequence[str], windows: Sequence[Window], ask: Ask) -> Iterator[Work]:
    for window in windows:
        if questions := ask(window):
            yield from (Work(group, form, window, questions) for form in formats)
