"""The part of cleaning that needs Unicode properties: which characters untrusted text may contain, and where.

The properties (script, Indic syllable, emoji ...) come from the `regex` library. Compiling the patterns takes about
5 ms, so `cleaning` imports this module at the first text that is not plain ASCII. Every pattern runs in linear time:
its repeats are possessive, and each position is tried from a bounded number of starting points.
"""

import regex

# Invisible and useless in text that a person writes: they hide words from readers and show them to models. Includes
# the rest of the default-ignorable block of plane 14.
_INVISIBLE = (
    r"\u00AD\u034F\u115F-\u1160\u17B4-\u17B5\u180E\u200B\u202A-\u202E\u2060-\u2065\u206A-\u206F\u3164\uFEFF\uFFA0"
    r"\uFFF0-\uFFFB\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\p{Noncharacter_Code_Point}\p{Private_Use}"
    r"\U000E0000-\U000E00FF\U000E01F0-\U000E0FFF"
)
# A black flag, the region in tag letters (England, Scotland, Wales), the tag that ends it.
_SUBDIVISION_FLAG = (
    r"\U0001F3F4\U000E0067\U000E0062"
    r"(?:\U000E0065\U000E006E\U000E0067|\U000E0073\U000E0063\U000E0074|\U000E0077\U000E006C\U000E0073)\U000E007F"
)
_JOINERS = r"\u200C\u200D"
_ISOLATES = r"\u2066-\u2069"
_BIDI = r"\u061C\u200E\u200F" + _ISOLATES
_MARK = r"[\p{M}--\p{Variation_Selector}]"
# Characters that may occur between two marks without starting a new character.
_BETWEEN_MARKS = rf"[\p{{Variation_Selector}}{_JOINERS}{_BIDI}]*+"

_EMOJI = r"[\p{Emoji}\p{Extended_Pictographic}]"
# Bases of sequences with FE00 to FE0D in StandardizedVariants: whole scripts and a few symbols.
_HAS_STANDARDIZED_VARIANTS = (
    r"[\p{Han}\p{Myanmar}\p{Phags_Pa}\p{Manichaean}\p{Egyptian_Hieroglyphs}"
    r"0\uFF10\u2018\u2019\u201C\u201D\u3001\u3002\uFF01\uFF0C\uFF0E\uFF1A\uFF1B\uFF1F"
    r"\u210B-\u2133\u2200-\u22FF\u2A00-\u2AFF\U0001D49C-\U0001D4B5]"
)

_BRAHMIC = r"[[\p{L}\p{M}]&&\P{Indic_Syllabic_Category=Other}]"
# Every script with a joining letter (Joining_Type D, R or L), and their shared tatweel. The Arabic letter mark is of
# that script but not a letter: a joiner next to it would be invisible text.
_JOINING = (
    r"[[\p{Arabic}\p{Syriac}\p{Nko}\p{Mandaic}\p{Mongolian}\p{Phags_Pa}\p{Manichaean}\p{Psalter_Pahlavi}"
    r"\p{Sogdian}\p{Hanifi_Rohingya}\p{Chorasmian}\p{Old_Uyghur}\p{Adlam}\u0640]--\u061C]"
)
_PICTOGRAPH = r"\p{Extended_Pictographic}"
_JOINED_PICTOGRAPH = rf"[{_PICTOGRAPH}\p{{Emoji_Modifier}}]"


def _pattern(expression: str) -> regex.Pattern[str]:
    return regex.compile("(?V1)" + expression)


_SUSPECT = _pattern(r"[[\p{C}\p{Default_Ignorable_Code_Point}]--[\t\n]]|\p{M}{9}")
"""Matches every text that the steps below would change, and some that they would not."""

_NEVER = _pattern(rf"{_SUBDIVISION_FLAG}(*SKIP)(*FAIL)|[{_INVISIBLE}]++")
"""Runs of characters that are always removed; tags of the three subdivision flags are skipped."""

_EXCESS_MARKS = _pattern(rf"({_MARK}(?:{_BETWEEN_MARKS}{_MARK}){{7}})(?:{_BETWEEN_MARKS}{_MARK})++")
"""A run of more than eight combining marks on one base; the group is the part to keep."""

_STRAY_VARIATION_SELECTOR = _pattern(
    rf"\p{{Variation_Selector}}(?<!{_EMOJI}[\uFE0E\uFE0F]|{_HAS_STANDARDIZED_VARIANTS}[\uFE00-\uFE0D]"
    r"|\p{Han}[\U000E0100-\U000E01EF]|[\p{Mongolian}&&\p{L}][\u180B-\u180D\u180F])"
)
"""A variation selector that does not follow a base it can vary."""

_ISOLATE = _pattern(rf"([{_ISOLATES}\n])")
"""An isolate opener or closer, or the line break that ends every isolate."""

_JOINER_RUN = _pattern(rf"([{_JOINERS}])[{_JOINERS}]++")
"""Two or more adjacent joiners; the group is the first."""

_STRAY_JOINER = _pattern(
    rf"[{_JOINERS}](?<![\p{{Mn}}{_BRAHMIC}{_JOINING}][{_JOINERS}])(?!{_JOINING})"
    rf"(?!(?<={_JOINED_PICTOGRAPH}\uFE0F?\u200D){_PICTOGRAPH})"
)
"""A joiner where no writing system has one. Expects no adjacent joiners."""

_VISIBLE = _pattern(rf"[^\s{_BIDI}]")
"""A visible character."""

_GRAPHEME = _pattern(r"\X")


def filter_characters(text: str) -> str:
    """Text without invisible characters, misplaced joiners and selectors, excess marks and unclosed directions.

    Returns an empty string if nothing visible is left. Expects no control characters except TAB and LF, and no
    surrogates. Marks are removed before variation selectors, and isolates before joiners, because the latter are judged
    by their final neighbours. The filter is idempotent.
    """
    if _SUSPECT.search(text) is None:
        return text
    text = _NEVER.sub("", text)
    text = _EXCESS_MARKS.sub(r"\1", text)
    text = _STRAY_VARIATION_SELECTOR.sub("", text)
    text = _close_isolates(text)
    text = _JOINER_RUN.sub(r"\1", text)
    text = _STRAY_JOINER.sub("", text)
    return text if _VISIBLE.search(text) else ""


def first_graphemes(text: str, limit: int) -> str:
    """The first `limit` graphemes of `text`."""
    return "".join(_GRAPHEME.findall(text)[:limit])


def _close_isolates(text: str) -> str:
    """Removes every isolate that has no partner on its own line, so that no direction reaches into the next line."""
    pieces: list[str] = _ISOLATE.split(text)
    opened: list[int] = []
    for place in range(1, len(pieces), 2):
        mark = pieces[place]
        if mark == "\n":
            _blank(pieces, opened)
            opened = []
        elif mark != "\u2069":
            opened.append(place)
        elif opened:
            opened.pop()
        else:
            pieces[place] = ""
    _blank(pieces, opened)
    return "".join(pieces)


def _blank(pieces: list[str], places: list[int]) -> None:
    for place in places:
        pieces[place] = ""
