"""Dates in a question: what `focus` says of when something was written.

Names of months are a closed set, so they are the one list of words that is kept here: in full and cut short, in seven
languages. Numbers are read in every order in which they can be a date.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from mcp_server.condensing.terms import Folds

_NAMES = (
    "january jan januar janvier enero ene gennaio gen janeiro januari",
    "february feb februar fevrier febrero febbraio fevereiro fev februari",
    "march mar marz mars marzo marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout agosto ago augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dec dezember dez decembre diciembre dic dicembre dezembro",
)
_MONTHS = {name: month for month, names in enumerate(_NAMES, 1) for name in names.split()}
_AMBIGUOUS = (
    "may",
    "mar",
    "mars",
    "march",
    "marco",
    "set",
    "out",
    "gen",
    "mag",
    "ago",
    "mai",
    "dic",
    "sept",
    "ene",
    "sep",
    "jan",
    "dec",
)
"""These are months only beside a number: they mean other things as well, or are names."""

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})(?:-(\d{1,2}))?\b")
_EAST_ASIAN = re.compile(r"(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日號号일])?")
_DOTS = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(\d{4}|\d{2})?(?!\d|\.\d)")
_STROKES = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_YEARS = range(1990, 2100)


class Named(NamedTuple):
    """A date as it was named; what was not, is None."""

    year: int | None
    month: int
    day: int | None

    def is_of(self, day: date) -> bool:
        """Whether that day is, or is in, what was named."""
        return self.month == day.month and self.day in (None, day.day) and self.year in (None, day.year)


def dates_named(question: str) -> tuple[Named, ...]:
    """The days and months that a question names, each once."""
    return tuple(
        dict.fromkeys(named for named in _named(question) if named.month in range(1, 13) and _is_day(named.day))
    )


def _named(question: str) -> Iterator[Named]:
    for year, month, day in (*_ISO.findall(question), *_EAST_ASIAN.findall(question)):
        yield Named(_number(year), int(month), _number(day))
    for day, month, year in _DOTS.findall(question):
        yield Named(_year(year), int(month), int(day))
    for first, second, year in _STROKES.findall(question):
        # Day first in most countries, month first in one.
        yield Named(_year(year), int(second), int(first))
        yield Named(_year(year), int(first), int(second))
    yield from _in_words(question)


def _in_words(question: str) -> Iterator[Named]:
    """Months by name, with the numbers beside them: `5 March 2026`, `March 5th`, `le 1er mars`, `5 de marzo`."""
    folds = Folds()
    words = [folds[word] for word in _WORD.findall(_ORDINAL.sub(" ", question))]
    for at, word in enumerate(words):
        month = _MONTHS.get(word)
        if month is None:
            continue
        before = [one for one in words[max(0, at - 2) : at] if one != "de"][-1:]
        beside = [int(one) for one in (*before, *words[at + 1 : at + 3]) if one.isdigit()]
        day = next((number for number in beside if _is_day(number)), None)
        year = next((number for number in beside if number in _YEARS), None)
        if day is not None or year is not None or word not in _AMBIGUOUS:
            yield Named(year, month, day)


def _is_day(number: int | None) -> bool:
    return number is None or 1 <= number <= 31


def _number(digits: str) -> int | None:
    return int(digits) if digits else None


def _year(digits: str) -> int | None:
    return _number(digits if len(digits) != 2 else f"20{digits}")
