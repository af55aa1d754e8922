"""Which characters the cleaner lets stand, and where."""

import pytest

from mcp_server.conversation.cleaning import Cleaned, clean, clean_counted
from tests.support.hostile_text import ALWAYS_DROPPED, SIGNS, SUBDIVISION_FLAGS, TAGS

ACUTE = "\u0301"
ZWNJ = "\u200c"
ZWJ = "\u200d"


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
    assert clean(flags[0] + "\ufe0f" + flags[1:7]) == "🏴"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("❤\ufe0f ❤\ufe0e 1\ufe0f\u20e3", "❤\ufe0f ❤\ufe0e 1\ufe0f\u20e3"),
        ("❤\ufe0f\ufe0f\ufe0e", "❤\ufe0f"),
        ("\U0001faff\ufe0f", "\U0001faff\ufe0f"),  # reserved for an emoji to come
        ("a\ufe0f \ufe0eb", "a b"),
        ("漢\ufe00 က\ufe00 \U00010ac5\ufe00 ∩\ufe00 ℋ\ufe01", "漢\ufe00 က\ufe00 \U00010ac5\ufe00 ∩\ufe00 ℋ\ufe01"),
        ("a\ufe00 ❤\ufe01", "a ❤"),
        ("葛\U000e0100 葛\U000e011f 葛\U000e0120", "葛\U000e0100 葛\U000e011f 葛"),
        ("々\U000e0100 の\U000e0100", "々 の"),
        ("語\ufe00 漢\ufe00 漢\ufe02 7\ufe00 0\ufe00", "語 漢\ufe00 漢 7 0\ufe00"),
        ("1\ufe0f 12\ufe0e 5\ufe0f\u20e3 #\ufe0f", "1 12 5\ufe0f\u20e3 #"),
        ("🎉\ufe0f 👩\ufe0e ☎\ufe0e ⭐\ufe0f", "🎉 👩 ☎\ufe0e ⭐\ufe0f"),
        ("\ufe00\u3002 \u201c\ufe00\u201d\ufe01\u2019\ufe02", "\u3002 \u201c\ufe00\u201d\ufe01\u2019"),
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
        "\U00010fb0",
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
        f"ब{ACUTE}\u094d{ZWNJ}ब بِ{ZWNJ}ب",
        f"🐻{ZWJ}❄\ufe0f 👩🏽{ZWJ}🤝{ZWJ}👨🏿 \U0001faff{ZWJ}🔥",
    ],
)
def test_joiners_stay_where_a_script_uses_them(text: str) -> None:
    """Within registered emoji, in Brahmic syllables, after a sign of no vowel, beside joining letters."""
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
        (f"\u061c{ZWNJ}\u061c", ""),
        (f"q{ACUTE}{ZWNJ}q cafe{ACUTE}{ZWJ} e{ACUTE}{ZWJ}\u0301", f"q{ACUTE}q cafe{ACUTE} e{ACUTE}\u0301"),
        (f"😀{ZWJ}😀 👩{ZWJ}🍕 💻{ZWJ}👩", "😀😀 👩🍕 💻👩"),
        (f"ก{ZWJ}ข ຂ{ZWNJ}ຄ ཀ{ZWNJ}ཀ", "กข ຂຄ ཀཀ"),
        (f"क{ZWJ}a क{ZWJ} ٥{ZWJ}٥ ء{ZWNJ}ء", "कa क ٥٥ ءء"),
        (f"a\u094d{ZWJ}b", "a\u094db"),
    ],
)
def test_joiners_go_where_no_script_uses_them(raw: str, expected: str) -> None:
    """And never two together, whatever stood between them."""
    assert clean_counted(raw) == Cleaned(expected, len(raw) - len(expected))


@pytest.mark.parametrize(
    "text",
    [
        "عدد \u0600١٢ و\u06dd٣ \u0601 ١٤",
        "ܫ \u070fܐܒ ܐ\u070f",
        "\U000110bd१ \U00011083\U000110cd\U00011084",
        "ᠬᠠᠭᠠᠨ\u180eᠠ ᠬ\u180b\u180eᠠ",
        "\U00013437\U00013000\U00013430\U00013001\U00013438 \U00013000\ufe00\U00013431\U00013001",
    ],
)
def test_format_signs_stay_beside_letters_and_digits_of_their_script(text: str) -> None:
    """Number signs, an abbreviation, the separator of a Mongolian vowel, the layout of hieroglyphs."""
    assert clean_counted(text) == Cleaned(text, 0)


@pytest.mark.parametrize("sign", sorted(SIGNS))
def test_a_format_sign_goes_where_its_script_is_not_written(sign: str) -> None:
    """Between Latin letters, and however many of them there are beside one letter of the script."""
    assert clean_counted(f"pay{sign}pal {sign}7{sign}") == Cleaned("paypal 7", 3)
    assert clean(f"ب{sign * 99}").count(sign) <= 3
    assert clean(f"a{sign * 99}b") == "ab"


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
