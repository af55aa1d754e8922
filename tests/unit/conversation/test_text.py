"""What the cleaner takes out, what it leaves, and what it counts."""

import subprocess
import sys

import pytest

from mcp_server.conversation.text import Cleaned, clean, clean_counted, clean_name
from tests.support.hostile_text import ALWAYS_DROPPED, SUBDIVISION_FLAGS, TAGS

ACUTE = "\u0301"
ZWNJ = "\u200c"
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
    """So that a message nobody can see is told apart from a message that says something."""
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


def test_each_invisible_character_is_dropped() -> None:
    """One by one, in a word: nobody who reads the word could know of it."""
    assert {code for code in ALWAYS_DROPPED if clean(f"pay{chr(code)}pal") != "paypal"} == set()


def test_tags_are_dropped_but_for_three_flags() -> None:
    """Tags can spell a whole hidden instruction; England, Scotland and Wales are what they are for."""
    flags = "".join(SUBDIVISION_FLAGS)
    assert clean(flags) == flags
    assert clean("a" + "".join(map(chr, TAGS)) + "b") == "ab"
    texas = "🏴\U000e0075\U000e0073\U000e0074\U000e0078\U000e007f"
    assert clean_counted(texas) == Cleaned("🏴", 5)
    assert clean(flags[0] + "\ufe0f" + flags[1:7]) == "🏴\ufe0f"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("❤\ufe0f ❤\ufe0e 1\ufe0f\u20e3", "❤\ufe0f ❤\ufe0e 1\ufe0f\u20e3"),
        ("❤\ufe0f\ufe0f\ufe0e", "❤\ufe0f"),
        ("\U0001faff\ufe0f", "\U0001faff\ufe0f"),  # reserved for an emoji to come
        ("a\ufe0f \ufe0eb", "a b"),
        ("漢\ufe00 က\ufe00 \U00010ac5\ufe00 ∩\ufe00 ℋ\ufe01", "漢\ufe00 က\ufe00 \U00010ac5\ufe00 ∩\ufe00 ℋ\ufe01"),
        ("a\ufe00 ❤\ufe01", "a ❤"),
        ("葛\U000e0100 葛\U000e01ef", "葛\U000e0100 葛\U000e01ef"),
        ("葛\U000e0100\U000e0101 a\U000e0100", "葛\U000e0100 a"),
        ("ᠮ\u180b ᠮ\u180f\u180c a\u180b", "ᠮ\u180b ᠮ\u180f a"),
    ],
)
def test_a_variation_selector_stays_where_its_base_can_vary(raw: str, expected: str) -> None:
    """One for each base, of the kind the base knows."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


def test_every_base_of_a_standardized_variant_keeps_its_selector() -> None:
    """One base of each script and block in StandardizedVariants.txt, and each of its punctuation marks."""
    bases = "0０‘’“”、。！，．：；？∅⨼ℬℳ𝒜𝒵漢䀹ကꩠ\ua856\U00010ac5\U00013091"
    assert [base for base in bases if clean(f"{base}\ufe00") != f"{base}\ufe00"] == []


@pytest.mark.parametrize(
    "letter",
    [
        "ب",
        "ـ",
        "ܒ",
        "ߊ",
        "ࡁ",
        "ᠮ",
        "ꡁ",
        "\U00010ac1",
        "\U00010b81",
        "\U00010f30",
        "\U00010d01",
        "\U00010fb1",
        "\U00010f70",
        "𞤀",
    ],
)
def test_joiners_stay_on_either_side_of_every_joining_script(letter: str) -> None:
    """The large ones, the small ones and the tatweel they share: a joiner shapes a letter that stands alone."""
    text = f"7{ZWJ}{letter}{ZWNJ}7"
    assert clean_counted(text) == Cleaned(text, 0)


@pytest.mark.parametrize(
    "text",
    [
        f"👩{ZWJ}💻",
        f"👩🏽{ZWJ}🚀",
        f"🏳\ufe0f{ZWJ}🌈",
        f"👁\ufe0f{ZWJ}🗨\ufe0f",
        f"می{ZWNJ}خواهم",
        f"PDF{ZWNJ}ها",
        f"ه{ZWJ} .",
        f"क्{ZWJ}ष क्{ZWNJ}ष",
        f"র{ZWJ}্য",
        f"\ua98f\ua9c0{ZWJ}\ua98f",  # a virama that is a spacing mark
        f"ܫ{ZWNJ}ܠ ߊ{ZWJ} 𞤀{ZWNJ}𞤁 ᠮ{ZWJ}",
        f"q{ACUTE}{ZWNJ}q",
    ],
)
def test_joiners_stay_where_a_script_uses_them(text: str) -> None:
    """Between pictographs, after Brahmic letters and viramas, beside joining letters, after a non-spacing mark."""
    assert clean_counted(text) == Cleaned(text, 0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"pass{ZWJ}word", "password"),
        (f"pass{ZWNJ}word", "password"),
        (f"👩{ZWNJ}💻", "👩💻"),
        (f"👩{ZWJ}a 7{ZWJ}💻", "👩a 7💻"),
        (f"👩{ZWJ}{ZWJ}💻", f"👩{ZWJ}💻"),
        (f"می{ZWNJ}{ZWJ}{ZWNJ}خواهم", f"می{ZWNJ}خواهم"),
        (f"ب{ZWNJ}\u2069{ZWJ}ب", f"ب{ZWNJ}ب"),
        (f"漢{ZWJ}字 한{ZWNJ}글{ZWJ}", "漢字 한글"),
    ],
)
def test_joiners_go_where_no_script_uses_them(raw: str, expected: str) -> None:
    """And never two together, whatever stood between them."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


def test_direction_marks_and_balanced_isolates_stay() -> None:
    """Writers of Hebrew and Arabic need them."""
    text = "250\u200f ש״ח \u2068a \u2067ב\u2069\u2069 \u061c٪"
    assert clean_counted(text) == Cleaned(text, 0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\u202eb\u202cc", "abc"),
        ("a\u2067b", "ab"),
        ("a\u2069b", "ab"),
        ("\u2066a\u2069\u2069", "\u2066a\u2069"),
        ("\u2066\u2067a\u2069", "\u2067a\u2069"),
        ("\u2067a\nb\u2069", "a\nb"),
    ],
)
def test_no_direction_reaches_beyond_its_line(raw: str, expected: str) -> None:
    """Overrides always go, isolates without a partner on their own line too."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


def test_marks_are_cut_to_eight_on_one_base() -> None:
    """Heaps of marks climb over neighbouring lines; the languages that use most need about five."""
    assert clean_counted("e" + ACUTE * 8 + "f") == Cleaned("e" + ACUTE * 8 + "f", 0)
    assert clean_counted("e" + ACUTE * 9) == Cleaned("e" + ACUTE * 8, 1)
    assert clean_counted("e" + ACUTE * 50 + "f" + ACUTE) == Cleaned("e" + ACUTE * 8 + "f" + ACUTE, 42)


@pytest.mark.parametrize("between", [ZWJ, ZWNJ, "\u200e", "\u200f", "\u061c", "\u2066", "\ufe0f", "\u200b", "\x01"])
def test_marks_are_counted_across_what_cannot_be_seen(between: str) -> None:
    """An invisible character between marks gives them no new base."""
    cleaned = clean(f"e{ACUTE * 8}{between}{ACUTE * 8}f")
    assert cleaned.count(ACUTE) == 8


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("![x](https://e.test/?q=1)", "! [x](https://e.test/?q=1)"),
        ("!![x][ref]", "!! [x][ref]"),
        ("<img src=https://e.test/a.png>", "< img src=https://e.test/a.png>"),
        ("<IMG/src=x><Image src=x>", "< IMG/src=x>< Image src=x>"),
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
    """An isolate that lost its end goes, and what it kept apart is looked at anew."""
    assert clean_name("x" * 78 + "\u2067yy\u2069") == "x" * 78 + "y"
    assert clean_name("a \u2067 " + "x" * 90 + "\u2069") == "a " + "x" * 76


def test_a_grapheme_without_end_is_cut_too() -> None:
    """Pictographs can be joined for ever into what counts as one character."""
    assert len(clean_name(f"👩{ZWJ}" * 10_000)) < 1000


def test_plain_text_needs_no_unicode_tables() -> None:
    """The library that carries them takes longer to load than all of a short conversation to clean."""
    program = (
        "import sys; from mcp_server.conversation.text import clean; clean('a\\r\\n![b'); print('regex' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
