"""The work in the order in which it is done: what decides comes first, so that an interruption costs the least."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks.reading.formats import FORMATS
from benchmarks.reading.questions import (
    Question,
    condensed_questions,
    cut_questions,
    open_questions,
    quoted_questions,
    repeated_questions,
    verbatim_questions,
)
from benchmarks.reading.windows import Window, condensed_windows, crowded_windows, cut_windows, verbatim_windows

MAIN = ("marks", "names", "plain")
SHORTER = ("names, no colon",)
DESCRIBED = ("marks, described", "names, described")
SHIPPED = ("default, described",)
OTHER_LABELS = ("letters", "initials", "names at times")
CONVENTIONS = ("default", "spelled out")
OPEN = ("marks", "default", "plain")
GAPS = ("gaps left out",)
FIRST_WINDOWS = 12
"""The first of every conversation. Only they are asked about of every kind."""

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
        asked = {
            "text": FORMATS[self.format](self.window),
            "questions": [
                {"stem": one.stem, "askings": [list(each) for each in one.askings]} for one in self.questions
            ],
        }
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return {"name": self.name, "digest": digest[:12], **asked}


def plan() -> Iterator[Work]:
    """Everything that is asked."""
    windows = verbatim_windows()
    first, further = windows[:FIRST_WINDOWS], windows[FIRST_WINDOWS:]
    everywhere = _only(verbatim_questions, *EVERYWHERE)
    yield from _works("main", MAIN, first, verbatim_questions)
    yield from _works("main", MAIN, further, everywhere)
    yield from _works("main", DESCRIBED, first, verbatim_questions)
    yield from _works("main", SHORTER, first, verbatim_questions)
    yield from _works("main", SHORTER, further, everywhere)
    yield from _works("main", SHIPPED, first, _only(verbatim_questions, "who"))
    for window in condensed_windows():
        yield from _works("condensed", CONVENTIONS, [window], condensed_questions)
        yield from _works("condensed", GAPS, [window], _only(condensed_questions, "omitted"))
    yield from _works("open", OPEN, first[:-1], open_questions)
    yield from _works("quoted", OPEN[:2], first[:-1], quoted_questions)
    for one, other, cut in itertools.zip_longest(first, further, cut_windows()):
        yield from _works("open", OPEN, [other], _only(open_questions, "who", "next"))
        if one is not None:
            yield from _works("open", OTHER_LABELS, [one], _only(open_questions, "who"))
            yield from _works("cut", CONVENTIONS, [cut], cut_questions)
    yield from _works("open", OPEN, first[-1:], open_questions)
    for form in (*SHIPPED, *DESCRIBED[:1], "json"):
        yield from _works("open", (form,), first, _only(open_questions, "who"))
    yield from _works("repeated", ("marks", "labels repeated"), crowded_windows(), _enough(repeated_questions))


def _enough(ask: Ask) -> Ask:
    """Windows with one or two questions take as long to read as others."""
    return lambda window: questions if len(questions := ask(window)) > 2 else []


def _only(ask: Ask, *kinds: str) -> Ask:
    return lambda window: [question for question in ask(window) if question.kind in kinds]


def _works(group: str, formats: Sequence[str], windows: Sequence[Window], ask: Ask) -> Iterator[Work]:
    for window in windows:
        if questions := ask(window):
            yield from (Work(group, form, window, questions) for form in formats)
