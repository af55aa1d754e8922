"""What the cleaner takes out, what it leaves, and what it counts."""

import subprocess
import sys

import pytest

from mcp_server.conversation.cleaning import Cleaned, clean, clean_counted, clean_name

ACUTE = "\u0301"
ZWJ = "\u200d"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\ud83d\ude00", "😀"),
        ("a\ud83d", "a\ufffd"),
        ("\ude00\ud83db", "\ufffd\ufffdb"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
    ],
)
def test_surrogates_are_joined_or_replaced(raw: str, expected: str) -> None:
    """Pairs become the character they encode, lone halves U+FFFD, and neither counts as removed."""
    assert clean_counted(raw) == Cleaned(expected, 0)


@pytest.mark.parametrize("line_break", ["\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_break_becomes_a_line_feed(line_break: str) -> None:
    """One break for one break, and none of it counts as removed."""
    assert clean_counted(f"a{line_break}b{line_break}{line_break}c") == Cleaned("a\nb\n\nc", 0)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r\n", "\u3000\u00a0"])
def test_blank_text_becomes_empty(text: str) -> None:
    """Whitespace of any width is no text."""
    assert clean(text) == ""


@pytest.mark.parametrize("text", ["\u200f", "\u200e \u061c\u200f", "\u200b\ufeff", "\u2067 \u2069", f"{ZWJ}\ufe0f"])
def test_text_without_anything_to_see_becomes_empty(text: str) -> None:
    """So that an invisible message can be distinguished from one with text."""
    assert clean(text) == ""


def test_whitespace_goes_at_the_ends_and_stays_inside() -> None:
    """A tab between words is layout; around the text it is not."""
    assert clean_counted("\t\n a\tb\n\n  c \u3000\n") == Cleaned("a\tb\n\n  c", 0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b[?25lhidden\x1b[ !q", "hidden"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil.test\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1bPq#0;2\x1b\\text", "text"),
        ("\x90q\x9cte\x98s\x9cxt", "text"),
        ("\x9dtitle\x9cte\x9ep\x07xt\x9fa\x9c", "text"),
        ("\x1b_secret\x9ctext", "text"),
    ],
)
def test_terminal_sequences_go_whole(raw: str, expected: str) -> None:
    """A colour, a title, a link or a picture for a terminal leaves none of its letters, and all are counted."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("\x1b]0;never ends", "]0;never ends"),
        ("\x1b]" + "x" * 5000 + "\x07", "]" + "x" * 5000),
        ("\x1b[" + "1" * 100 + "m", "[" + "1" * 100 + "m"),
        ("\x1b", ""),
        ("pressed \x1bhello", "pressed hello"),
        ("Please\x07 stop", "Please stop"),
        ("\x1b]a\0b\x07", "]ab"),
        ("\x9da\x1bb\x9c", "ab"),
        ("\x99a\x9c", "a"),
    ],
)
def test_a_sequence_that_does_not_end_swallows_no_text(raw: str, expected: str) -> None:
    """Only the controls go: words cannot be hidden behind the beginning of a sequence."""
    assert clean(raw) == expected


def test_letters_misread_as_controls_swallow_no_text() -> None:
    """Russian in UTF-8, read as Latin-1, holds C1 characters that begin and end strings; its letters stay."""
    misread = "Анна и Марина".encode().decode("latin-1")
    assert clean(misread) == "".join(character for character in misread if character >= "\xa0" or character < "\x7f")


def test_controls_are_dropped() -> None:
    """All of C0 and C1 but TAB and LF, and DEL."""
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\v\f\r\x85"]
    assert {control for control in controls if clean(f"a{control}é") != "aé"} == set()
    assert {control for control in controls if clean(f"a{control}") != "a"} == set()
    assert clean_counted("é" + "é".join(controls) + "é") == Cleaned("é" * (len(controls) + 1), len(controls))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("![x](https://e.test/?q=1)", "! [x](https://e.test/?q=1)"),
        ("!![x][ref]", "!! [x][ref]"),
        ("<img src=https://e.test/a.png>", "< img src=https://e.test/a.png>"),
        ("<IMG/src=x><Image src=x>", "< IMG/src=x>< Image src=x>"),
        ("<svg><image href=x></svg>", "< svg>< image href=x></svg>"),
        ("<picture><source srcset=x><input type=image src=x>", "< picture>< source srcset=x>< input type=image src=x>"),
        ("<Video poster=x><object data=x><embed src=x>", "< Video poster=x>< object data=x>< embed src=x>"),
        (
            "<iframe src=x><link rel=icon href=x><style>a{background:url(x)}",
            "< iframe src=x>< link rel=icon href=x>< style>a{background:url(x)}",
        ),
        (
            "<table id=1 background=x><div style='background:url(x)'><script/src=x>",
            "< table id=1 background=x>< div style='background:url(x)'>< script/src=x>",
        ),
        ("a<b, in style; <p>src=1</p> <a href=x>", "a<b, in style; <p>src=1</p> <a href=x>"),
        ("!\u200b[x](y) <\x01img", "! [x](y) < img"),
        ("é ![x](y)", "é ! [x](y)"),
        ("wow! [1] <i>mg</i> [link](https://e.test)", "wow! [1] <i>mg</i> [link](https://e.test)"),
    ],
)
def test_pictures_lose_their_power_and_keep_their_address(raw: str, expected: str) -> None:
    """Nothing is fetched for having been shown, and the reader still sees where it pointed."""
    assert clean(raw) == expected


def test_look_alikes_and_compatibility_forms_are_not_touched() -> None:
    """No folding: the text is the sender's."""
    text = "раураl ﬁne ① Ⅳ ｘ ² K"
    assert clean(text) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" Jane\tDoe\n", "Jane Doe"),
        ("Jane \r\n\n Doe", "Jane Doe"),
        ("山田　太郎", "山田　太郎"),
        ("山田　　太郎", "山田 太郎"),
        ("Jane\u2028> Eve", "Jane > Eve"),
        ("\u200b\u200f", ""),
        ("Jane\x1b[2J\u202e Doe", "Jane Doe"),
    ],
)
def test_a_name_is_one_line(raw: str, expected: str) -> None:
    """Breaks, tabs and rows of spaces become one space; one wide space is how a name is spelt."""
    assert clean_name(raw) == expected


def test_a_name_is_cut_between_graphemes() -> None:
    """Eighty of what a reader sees as characters, however many code points each has."""
    family = f"👨{ZWJ}👩{ZWJ}👧{ZWJ}👦"
    assert clean_name(family * 100) == family * 80
    assert clean_name("x" * 79 + " yz") == "x" * 79
    assert clean_name("x" * 80) == "x" * 80
    assert clean_name(f"e{ACUTE}" * 81) == f"e{ACUTE}" * 80


def test_a_name_that_was_cut_is_clean_again() -> None:
    """An isolate that lost its end goes, and the text on both sides is examined again."""
    assert clean_name("ב" * 78 + "\u2067yy\u2069") == "ב" * 78 + "y"
    assert clean_name("ב \u2067 " + "x" * 90 + "\u2069") == "ב " + "x" * 76
    assert clean_name("x\u200f." * 30 + "ב") == "x." * 26 + "x"


def test_a_grapheme_without_end_is_cut_too() -> None:
    """Pictographs can be joined for ever into what counts as one character."""
    assert len(clean_name(f"👩{ZWJ}" * 10_000)) < 1000


def test_plain_text_needs_no_unicode_tables() -> None:
    """The library that carries them takes longer to load than all of a short conversation to clean."""
    program = (
        "import sys; from mcp_server.conversation.cleaning import clean; "
        "clean('a\\r\\n![b'); print('regex' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
