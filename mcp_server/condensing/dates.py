"""Finds dates in a question.

Month names are a closed set, so they are the only word list kept here: full and abbreviated, in seven languages.
Numbers are read in every order in which they can be a date.
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
"""Months only if next to a number: these words also have other meanings, or are names."""

_ISO = re.compile(r"\b(\d{4})-(\d{1,2})(?:-(\d{1,2}))?\b")
_EAST_ASIAN = re.compile(r"(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(?:(\d{1,2})\s?[日號号일])?")
_DOTS = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(\d{4}|\d{2})?(?!\d|\.\d)")
_STROKES = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|º|ª)\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_YEARS = range(1990, 2100)


class PartialDate(NamedTuple):
    """A day, or a whole month if `day` is None; of any year if `year` is None."""

    year: int | None
    month: int
    day: int | None

    def includes(self, day: date) -> bool:
        """Whether `day` matches every known part."""
        return self.month == day.month and self.day in (None, day.day) and self.year in (None, day.year)


def find_dates(question: str) -> tuple[PartialDate, ...]:
    """The days and months in a question, without duplicates."""
    return tuple(
        dict.fromkeys(found for found in _candidates(question) if found.month in range(1, 13) and _is_day(found.day))
    )


def _candidates(question: str) -> Iterator[PartialDate]:
    for year, month, day in (*_ISO.findall(question), *_EAST_ASIAN.findall(question)):
        yield PartialDate(_number(year), int(month), _number(day))
    for day, month, year in _DOTS.findall(question):
        yield PartialDate(_year(year), int(month), int(day))
    for first, second, year in _STROKES.findall(question):
        # Day first in most countries, month first in one.
        yield PartialDate(_year(year), int(second), int(first))
        yield PartialDate(_year(year), int(first), int(second))
    yield from _with_month_names(question)


def _with_month_names(question: str) -> Iterator[PartialDate]:
    """Month names with adjacent numbers: `5 March 2026`, `March 5th`, `le 1er mars`, `5 de marzo`."""
    folds = Folds()
    words = [folds[word] for word in _WORD.findall(_ORDINAL.sub(" ", question))]
    for at, word in enumerate(words):
        month = _MONTHS.get(word)
        if month is None:
            continue
        before = [one for one in words[max(0, at - 2) : at] if one != "de"][-1:]
        adjacent = [int(one) for one in (*before, *words[at + 1 : at + 3]) if one.isdigit()]
        day = next((number for number in adjacent if _is_day(number)), None)
        year = next((number for number in adjacent if number in _YEARS), None)
        if day is not None or year is not None or word not in _AMBIGUOUS:
            yield PartialDate(year, month, day)


def _is_day(number: int | None) -> bool:
    return number is None or 1 <= number <= 31


def _number(digits: str) -> int | None:
    return int(digits) if digits else None


def _year(digits: str) -> int | None:
    return _number(digits if len(digits) != 2 else f"20{digits}")
