"""What an answer may cost, and that each piece of it is counted once."""

import pytest

from mcp_server.transcript.budget import MAX_CHARS, NOTHING, Allowance, Meter, Size, escape, total
from mcp_server.transcript.render import render_text
from tests.support.answers import CharacterCounter
from tests.support.conversations import counter

MILLION = 1_000_000


def test_sizes_are_added_and_taken_away_figure_by_figure() -> None:
    """Tokens and characters, as text and as JSON, each on its own."""
    one, other = Size(1, 20, 300, 4000), Size(5, 60, 700, 8000)
    assert one + other == Size(6, 80, 1000, 12_000)
    assert one + other - one == other
    assert total([one, other, NOTHING]) == one + other
    assert total([]) == NOTHING


@pytest.mark.parametrize(
    ("size", "structured", "expected"),
    [
        (Size(100, 900, 100, 900), True, True),
        (Size(101, 900, 100, 900), True, False),
        (Size(100, 900, 101, 900), True, False),
        (Size(100, 900, 101, 900), False, True),
        (Size(100, MAX_CHARS, 100, MAX_CHARS), True, True),
        (Size(100, MAX_CHARS + 1, 100, 900), True, False),
        (Size(100, 900, 100, MAX_CHARS + 1), True, False),
        (Size(100, 900, 100, MAX_CHARS + 1), False, True),
    ],
)
def test_an_answer_fits_when_every_channel_that_is_sent_fits(size: Size, structured: bool, expected: bool) -> None:
    """In tokens and, whatever the budget, in characters; what is not sent need not fit."""
    assert Allowance(100, structured=structured).holds(size) is expected


@pytest.mark.parametrize(("scale", "expected"), [(1.0, 4000), (1.5, 2666), (3.0, 1333), (0.5, 8000)])
def test_a_token_scale_reduces_the_counted_tokens_that_fit(scale: float, expected: int) -> None:
    """For a model that sees half as many tokens again in a text, the budget holds two thirds of it."""
    allowance = Allowance(4000, token_scale=scale)
    assert allowance.tokens == expected
    assert allowance.holds(Size(expected, 1, expected, 1))
    assert not allowance.holds(Size(expected + 1, 1, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "Ende gut!",
        "why?!",
        "so ...",
        'she said "no"',
        "a\\b",
        "C:\\",
        "two\nlines",
        "tab\there",
        "12:30",
        "«так»",
        "かな。",
        "👍",
        "👍\n",
        "snake_",
        "e\u0301",
        "trailing ",
        "?",
        "日本語",
        "[..]",
        "\x7f",
    ],
)
def test_a_text_is_measured_as_it_stands_in_both_channels(text: str) -> None:
    """Whether by the short cut for plain text or by counting it escaped."""
    piece = render_text(text)
    in_json = escape(piece)
    assert Meter(counter()).size(piece) == (
        counter().count(piece),
        len(piece),
        counter().count(in_json),
        len(in_json),
    )


def test_what_does_not_end_a_line_is_the_same_in_json() -> None:
    """Prefixes hold nothing that JSON writes otherwise."""
    assert Meter(CharacterCounter()).size("09:00 >") == (7, 7, 7, 7)


def test_plain_text_is_not_encoded_again_for_json() -> None:
    """Only the punctuation that its newline merges with."""
    tokens = CharacterCounter()
    Meter(tokens).size(" a long and plain text, isn't it?\n")
    assert tokens.counted == [" a long and plain text, isn't it?\n", " a?\\n", " a?\n"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [('"', '\\"'), ("\\n", "\\\\n"), ("\n", "\\n"), ("\t", "\\t"), ("é", "é"), ("\u2028", "\u2028")],
)
def test_json_escapes_what_it_must_and_no_more(text: str, expected: str) -> None:
    """Letters of any script stay what they are, at the price they have as text."""
    assert escape(text) == expected


def test_ends_of_lines_that_are_remembered_are_bounded() -> None:
    """Letters of every script come last in some text."""
    tokens = CharacterCounter()
    meter = Meter(tokens)
    for number in range(0x4E00, 0x4E00 + 5_001):
        meter.size(f" {chr(number)}\n")
    counted = len(tokens.counted)
    meter.size(f" {chr(0x4E00 + 5_000)}\n")
    assert len(tokens.counted) == counted + 1
    meter.size(f" {chr(0x4E00)}\n")
    assert len(tokens.counted) == counted + 4


@pytest.mark.parametrize("text", ["to the power of ²", "½", "Ⅷ!"])
def test_numbers_that_are_no_digits_are_counted_escaped(text: str) -> None:
    """What follows them merges with them in some vocabularies."""
    tokens = CharacterCounter()
    Meter(tokens).size(f" {text}\n")
    assert tokens.counted == [f" {text}\n", f" {text}\\n"]
