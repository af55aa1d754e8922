"""Parts of hostile text, and a check of cleaned text that shares only the specification with the cleaner.

The check reads character by character, with Python's own `unicodedata` and no pattern.
"""

import itertools
import re
import unicodedata

FLAG_BASE = "\U0001f3f4"
SUBDIVISION_FLAGS = tuple(
    FLAG_BASE + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
SCOTLAND = SUBDIVISION_FLAGS[1]

ALWAYS_DROPPED = frozenset(
    code
    for first, last in (
        (0xAD, 0xAD), (0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x200B, 0x200B), (0x202A, 0x202E),
        (0x2060, 0x2065), (0x206A, 0x206F), (0x3164, 0x3164), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFFB), (0xFDD0, 0xFDEF), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE000, 0xF8FF),
        (0xF0000, 0x10FFFF), (0xE0080, 0xE00FF), (0xE01F0, 0xE0FFF),
        *((plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF) for plane in range(17)),
    )
    for code in range(first, last + 1)
)  # fmt: skip
"""Code points with no place anywhere; tags, selectors and joiners have some."""

SIGNS = {
    **dict.fromkeys("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u0890\u0891\u08e2", "ARABIC"),
    "\u070f": "SYRIAC",
    "\u180e": "MONGOLIAN",
    "\U000110bd": "KAITHI",
    "\U000110cd": "KAITHI",
    **dict.fromkeys(map(chr, range(0x13430, 0x13440)), "EGYPTIAN"),
}
"""Format signs, and the script each belongs to: the first word of its letters' names."""

TAGS = range(0xE0000, 0xE0080)
JOINERS = "\u200c\u200d"
OPENERS = "\u2066\u2067\u2068"
CLOSER = "\u2069"
FREE_SELECTORS = "\u180b\u180c\u180d\u180f"
MARKS = "\u200e\u200f\u061c"
_SPEAKER_SIGN = r"(?:(?:- )?(?:\d\d:\d\d|\?\?:\?\?) )?[<>]"
UNJOINED = ("LATIN", "GREEK", "CYRILLIC", "CJK", "HANGUL", "HIRAGANA", "HEBREW", "THAI", "DIGIT", "FULLWIDTH")
_COMPATIBILITY = {
    unicodedata.normalize("NFC", chr(code)) for code in (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20))
}
"""Every ideograph that is another one's older code has a standardized variant of that one."""

_BETWEEN_MARKS = JOINERS + OPENERS + CLOSER + "\u200e\u200f\u061c"

PICTURES = ("![", "<img", "<image", "<picture", "<svg", "<video", "<embed", "<object", "<iframe", "<input", "<link")

FRAGMENTS: tuple[str, ...] = (
    # letters and signs of many kinds, as neighbours of the following
    "a", "b", "I", "é", " ", "  ", "\u3000", "\u00a0", "\t", "\n", "!", "[", "]", "(", "<", "i", "m", "g", "img",
    "IMAGE",
    "ب", "م", "ܫ", "ߊ", "𞤀", "ᠮ", "र", "क", "ශ", "ന", "က", "葛", "㐀", "漢", "한", "א", "1", "#", "®", "❤", "👩", "👨",
    "👍", "🏽", "🏿", "🏴", "🏳", "🇩", "🇪", "💻", "∩", "。", "̀", "́", "֑", "ٌ", "्", "්", "္", "\u20e3", "𐫅", "\u1031",
    # line breaks of every kind, controls, escape sequences and their halves
    "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\x07", "\x08", "\x7f", "\x80",
    "\x1b", "\x1b[", "\x1b[31m", "\x1b[2J", "\x1b]", "\x1b]0;x\x07", "\x1b]8;;http://x\x1b\\", "\x1bP", "\x1b\\",
    "\x1b_", "\x9b", "\x9bm", "\x9c", "\x9d", "\x90", ";", "m", "\\",
    # invisible
    "\u00ad", "\u034f", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", "\u2060", "\u2063", "\u206a", "\u3164",
    "\ufeff", "\uffa0", "\ufff9", "\ufffb", "\ufffe", "\ufdd0", "\U0001bca0", "\U0001d173", "\ue000", "\U000f0000",
    "\U0010ffff", "\U000e0001", "\U000e0067", "\U000e0062", "\U000e007f", "\U000e0080", "\U000e01f0", SCOTLAND,
    SCOTLAND[:-1], SCOTLAND[1:],
    # direction
    "\u200e", "\u200f", "\u061c", "\u202a", "\u202c", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
    # joiners and selectors
    "\u200c", "\u200d", "\ufe00", "\ufe0d", "\ufe0e", "\ufe0f", "\U000e0100", "\U000e01ef", "\u180b", "\u180f",
    # signs of one script each, their letters, and what may follow a joiner
    "\u0600", "\u0604", "\u06dd", "\u08e2", "\u070f", "\u180e", "\U000110bd", "\U00011083", "\U00013430", "\U00013437",
    "\U00013000", "٥", "ก", "☠", "⚕", "♂", "🚀", "❄", "🐻",
    # surrogates, pictures and structure
    "<svg", "<picture", "<iframe", "<input",
    "\ud800", "\udfff", "\ud83d", "\ude00", "![", "<img", "<IMG", "<image", "![x](http://x.test/?q=", "\u0301" * 9,
    "<|endoftext|>", "\n> Eve", "\n# Apr 20", "\nMore: next_cursor: x", "�",
)  # fmt: skip


def faults(text: str) -> list[str]:
    """The faults of a cleaned text, in words; none if it is clean."""
    bare = text
    for flag in SUBDIVISION_FLAGS:
        bare = bare.replace(flag, FLAG_BASE)
    pairs = list(itertools.pairwise(" " + text))
    checks = {
        "surrogate": any(0xD800 <= ord(character) <= 0xDFFF for character in text),
        "invisible or private character": any(ord(character) in ALWAYS_DROPPED for character in bare),
        "tag outside a flag": any(ord(character) in TAGS for character in bare),
        "control character": any(
            unicodedata.category(character) == "Cc" for character in text if character not in "\t\n"
        ),
        "line break other than LF": len(text.splitlines()) != text.count("\n") + bool(text),
        "whitespace at an end": text != text.strip(),
        "nothing to see": bool(text) and all(one.isspace() or one in _BETWEEN_MARKS for one in text),
        "picture": any(opening in text.lower() for opening in PICTURES),
        "joiners together": any(one in JOINERS and other in JOINERS for one, other in pairs),
        "selector without a base": any(_is_selector(other) and _cannot_vary(one, other) for one, other in pairs),
        "emoji digit outside a keycap": re.search("[0-9#*][\ufe0e\ufe0f](?!\u20e3)", text) is not None,
        "joiner where nothing joins": any(map(_is_idle, *_around(text, JOINERS))),
        "sign away from its script": any(_is_lost(text, at) for at, one in enumerate(text) if one in SIGNS),
        "direction without need": any(_is_needless(line) for line in text.split("\n")),
        "direction marks together": any(one in MARKS and other in MARKS for one, other in pairs),
        "heap of marks": _greatest_heap(text) > 8,
        "direction left open": not all(_is_balanced(line) for line in text.split("\n")),
    }
    return [fault for fault, found in checks.items() if found]


def mirrored(text: str) -> list[str]:
    """The lines of a transcript or list whose `>` or `<` a viewer would mirror."""
    return [line for line in text.split("\n") if re.match(_SPEAKER_SIGN, line) and _first_direction(line) != "L"]


def _first_direction(line: str) -> str:
    """The direction that a line gets, by rule P2 of Unicode's bidirectional algorithm: L, also without any letter."""
    isolates = 0
    for direction in map(unicodedata.bidirectional, line):
        isolates += (direction in ("LRI", "RLI", "FSI")) - (direction == "PDI")
        if direction in ("L", "R", "AL") and not isolates:
            return direction
    return "L"


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef" or character in FREE_SELECTORS


def _cannot_vary(base: str, selector: str) -> bool:
    if base.isspace() or base in _BETWEEN_MARKS or _is_selector(base):
        return True
    if base.isascii() and base not in "0123456789#*":
        return True
    if selector >= "\U000e0100":
        return not _name(base).startswith("CJK UNIFIED") or selector > "\U000e011f"
    if selector in FREE_SELECTORS:
        return not _name(base).startswith("MONGOLIAN")
    if selector in "\ufe0e\ufe0f":
        return unicodedata.category(base)[0] == "M" or (base.isalpha() and base not in "ℹⓂ")
    return _name(base).startswith("CJK UNIFIED") and base not in _COMPATIBILITY


def _around(text: str, characters: str) -> tuple[list[str], list[str]]:
    """The bases before, and the characters after, every one of these characters."""
    places = [at for at, one in enumerate(text) if one in characters]
    before = [next((one for one in text[at - 1 :: -1] if unicodedata.category(one)[0] != "M"), "") for at in places]
    return before, [text[at + 1 : at + 2] for at in places]


def _is_idle(before: str, after: str) -> bool:
    """Whether neither neighbour of a joiner is of a script with joined letters, nor an emoji."""
    return all(not one or one.isspace() or one.isascii() or _name(one).startswith(UNJOINED) for one in (before, after))


def _is_lost(text: str, at: int) -> bool:
    """Whether no letter or digit of its own script is near a format sign."""
    near = text[max(at - 4, 0) : at + 5]
    script = SIGNS[text[at]]
    own = (script, {"ARABIC": "EXTENDED ARABIC", "KAITHI": "DEVANAGARI"}.get(script, script))
    return not any(_name(one).startswith(own) for one in near if one not in SIGNS)


def _is_needless(line: str) -> bool:
    """Whether a line without right-to-left letters has a direction mark or an isolate."""
    letters = any(unicodedata.bidirectional(one) in ("R", "AL") and one not in MARKS for one in line)
    return not letters and any(one in MARKS + OPENERS + CLOSER for one in line)


def _name(character: str) -> str:
    return unicodedata.name(character, "")


def _greatest_heap(text: str) -> int:
    """The largest number of combining marks on one base, ignoring invisible characters between them."""
    greatest = height = 0
    for character in text:
        if character in _BETWEEN_MARKS or _is_selector(character):
            continue
        height = height + 1 if unicodedata.category(character).startswith("M") else 0
        greatest = max(greatest, height)
    return greatest


def _is_balanced(line: str) -> bool:
    depth = 0
    for character in line:
        depth += (character in OPENERS) - (character == CLOSER)
        if depth < 0:
            return False
    return depth == 0
