"""Dates that questions name, in many spellings, and what only looks like one."""

from datetime import date

import pytest

from mcp_server.condensing.dates import PartialDate, find_dates

MARCH_5 = PartialDate(None, 3, 5)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did we write on 5 March?", MARCH_5),
        ("what happened March 5th", MARCH_5),
        ("Was schrieb sie am 5. März?", MARCH_5),
        ("Was kam am 5.3.?", MARCH_5),
        ("Qu'a-t-elle dit le 5 mars ?", MARCH_5),
        ("¿Qué dijo el 5 de marzo?", MARCH_5),
        ("le 1er avril", PartialDate(None, 4, 1)),
        ("2026-03-05", PartialDate(2026, 3, 5)),
        ("in 2026-03", PartialDate(2026, 3, None)),
        ("on 5 March 2026", PartialDate(2026, 3, 5)),
        ("am 05.03.26", PartialDate(2026, 3, 5)),
        ("3月5日に何を", MARCH_5),
        ("2026年3月", PartialDate(2026, 3, None)),
        ("3월 5일에", MARCH_5),
        ("messages of August 19", PartialDate(None, 8, 19)),
        ("in October", PartialDate(None, 10, None)),
        ("im Dezember", PartialDate(None, 12, None)),
        ("March 2026", PartialDate(2026, 3, None)),
    ],
)
def test_a_date_is_read_in_many_spellings(question: str, expected: PartialDate) -> None:
    """With or without a year, by name or by number, in several languages."""
    assert find_dates(question) == (expected,)


def test_numbers_with_a_stroke_are_read_both_ways() -> None:
    """Day first in most countries, month first in one; what can be no date is none."""
    assert find_dates("on 3/5") == (PartialDate(None, 5, 3), PartialDate(None, 3, 5))
    assert find_dates("on 3/25/2026") == (PartialDate(2026, 3, 25),)


def test_a_day_named_twice_is_one() -> None:
    """However it is spelt."""
    assert find_dates("5 March, that is 5.3., what then?") == (MARCH_5,)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "May I ask what it costs?",
        "the march of progress",
        "marketing in decline",
        "What set them apart? Let it out.",
        "version 3.11.7 and 10.0.0.1",
        "40 of 55",
        "on 32 March",
        "costs 1.250,00 or 19.99",
        "13/45",
    ],
)
def test_what_only_looks_like_a_date_is_none(question: str) -> None:
    """Words of other meanings need a number beside them; numbers must be possible."""
    assert find_dates(question) == ()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (MARCH_5, True),
        (PartialDate(2026, 3, 5), True),
        (PartialDate(2025, 3, 5), False),
        (PartialDate(None, 3, None), True),
        (PartialDate(None, 3, 6), False),
        (PartialDate(None, 4, 5), False),
    ],
)
def test_a_day_is_of_what_was_named(named: PartialDate, expected: bool) -> None:
    """What was not named may be anything."""
    assert named.includes(date(2026, 3, 5)) is expected
