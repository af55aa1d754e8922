"""Which controls of direction the cleaner keeps."""

import pytest

from mcp_server.conversation.cleaning import Cleaned, clean, clean_counted

LRM, RLM, ALM = "\u200e", "\u200f", "\u061c"
LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"


@pytest.mark.parametrize(
    "text",
    [
        f"250{RLM} ש״ח (C++{LRM}) ב",
        f"{FSI}a {RLI}ב{PDI}{PDI} {ALM}٪",
        f"{RLM}Hello, world. שלום",
        f"مصر {ALM}٥٠٪، {LRI}+20 (2) 555{PDI}",
        f"שלום{LRM}\nHello",
    ],
)
def test_direction_controls_stay_on_lines_of_right_to_left_letters(text: str) -> None:
    """Writers of Hebrew and Arabic need them beside figures, signs and words of other scripts."""
    assert clean_counted(text) == Cleaned(text, 0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"{RLM}Hello", "Hello"),
        (f"{RLM}Hello\n{RLM}ב.\n{ALM}3", f"Hello\n{RLM}ב.\n3"),
        (f"{FSI}report.pdf{PDI} {LRM}1{LRM}", "report.pdf 1"),
        (f"{ALM}٥", "٥"),
        (f"漢{RLM}字 a{LRM}b", "漢字 ab"),
    ],
)
def test_they_go_where_no_letter_of_the_line_is_written_right_to_left(raw: str, expected: str) -> None:
    """Otherwise one mark in front of an English message makes a viewer mirror the sign of its speaker."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"ב.{RLM}{RLM}{LRM}{ALM}.", f"ב.{RLM}."),
        (f"ב.{RLM}\u200d{RLM}.", f"ב.{RLM}."),
        (f"שלו{RLM}ם a{LRM}b ב{LRM}a", "שלום ab בa"),
        (f"שלו\u200d{RLM}ם", "שלום"),
        (f"ב.{RLM}{FSI}{RLM}a{PDI}", f"ב.{RLM}{FSI}a{PDI}"),
        (f"ב {FSI}{FSI}{RLI}a{PDI}{PDI}{PDI}", f"ב {FSI}a{PDI}"),
        (f"ב {FSI}{PDI}{FSI}{RLM}{PDI}.", f"ב {RLM}."),
    ],
)
def test_they_go_where_they_change_nothing(raw: str, expected: str) -> None:
    """One in each place is enough, none between two letters, no isolate around nothing: so they hide few bytes."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("ב\u202ea\u202c.", "בa."),
        (f"ב {RLI}b", "ב b"),
        (f"ב{PDI}b", "בb"),
        (f"ב {LRI}a{PDI}{PDI}", f"ב {LRI}a{PDI}"),
        (f"ב {LRI}{RLI}a{PDI}", f"ב {RLI}a{PDI}"),
        (f"ב {RLI}a\nb{PDI} ב", "ב a\nb ב"),
    ],
)
def test_no_direction_reaches_beyond_its_line(raw: str, expected: str) -> None:
    """Overrides always go, isolates without a partner on their own line too."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


def test_a_thousand_marks_hide_nothing() -> None:
    """Two kinds of mark are two binary digits, wherever they are put."""
    assert clean("ב" + (LRM + RLM) * 500 + " " + RLI * 500 + "a" + PDI * 500) == f"ב{LRM} {RLI}a{PDI}"
