"""Which characters a stranger's text may hold, and where: the part of cleaning that needs Unicode's properties.

The properties (script, Indic syllable, emoji ...) are Unicode's own, as the `regex` library carries them. Compiling
the patterns takes some 5 ms, so `text` imports this module at the first text that is not plain ASCII. Every pattern is
linear: its repeats are possessive, and each place is tried from a bounded number of starting points.
"""

import regex

# Invisible, and of no use to any text a person writes: they hide words from a reader and show them to a model.
# Beyond the list of the specification, the rest of plane 14's default-ignorable block goes too.
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
# What may stand between two marks without beginning a new character.
_BETWEEN_MARKS = rf"[\p{{Variation_Selector}}{_JOINERS}{_BIDI}]*+"

_EMOJI = r"[\p{Emoji}\p{Extended_Pictographic}]"
# Those with a sequence FE00 to FE0D in StandardizedVariants: whole scripts, and the few signs beside them.
_HAS_STANDARDIZED_VARIANTS = (
    r"[\p{Han}\p{Myanmar}\p{Phags_Pa}\p{Manichaean}\p{Egyptian_Hieroglyphs}"
    r"0\uFF10\u2018\u2019\u201C\u201D\u3001\u3002\uFF01\uFF0C\uFF0E\uFF1A\uFF1B\uFF1F"
    r"\u210B-\u2133\u2200-\u22FF\u2A00-\u2AFF\U0001D49C-\U0001D4B5]"
)

_BRAHMIC = r"[[\p{L}\p{M}]&&\P{Indic_Syllabic_Category=Other}]"
# Every script with a letter that joins (Joining_Type D, R or L), and the tatweel that they share. The Arabic letter
# mark is of that script and no letter: a joiner beside it would be text that nobody sees.
_JOINING = (
    r"[[\p{Arabic}\p{Syriac}\p{Nko}\p{Mandaic}\p{Mongolian}\p{Phags_Pa}\p{Manichaean}\p{Psalter_Pahlavi}"
    r"\p{Sogdian}\p{Hanifi_Rohingya}\p{Chorasmian}\p{Old_Uyghur}\p{Adlam}\u0640]--\u061C]"
)
_PICTOGRAPH = r"\p{Extended_Pictographic}"
_JOINED_PICTOGRAPH = rf"[{_PICTOGRAPH}\p{{Emoji_Modifier}}]"


def _pattern(expression: str) -> regex.Pattern[str]:
    return regex.compile("(?V1)" + expression)


_SUSPECT = _pattern(r"[[\p{C}\p{Default_Ignorable_Code_Point}]--[\t\n]]|\p{M}{9}")
"""Found in every text that the steps below would change, and in some that they would not."""

_NEVER = _pattern(rf"{_SUBDIVISION_FLAG}(*SKIP)(*FAIL)|[{_INVISIBLE}]++")
"""Runs of characters that are always dropped; the tags of the three flags are passed over."""

_EXCESS_MARKS = _pattern(rf"({_MARK}(?:{_BETWEEN_MARKS}{_MARK}){{7}})(?:{_BETWEEN_MARKS}{_MARK})++")
"""A run of more than eight combining marks on one base; the group is what stays."""

_STRAY_VARIATION_SELECTOR = _pattern(
    rf"\p{{Variation_Selector}}(?<!{_EMOJI}[\uFE0E\uFE0F]|{_HAS_STANDARDIZED_VARIANTS}[\uFE00-\uFE0D]"
    r"|\p{Han}[\U000E0100-\U000E01EF]|[\p{Mongolian}&&\p{L}][\u180B-\u180D\u180F])"
)
"""A variation selector that does not follow a base it can vary; a second one follows the first, not a base."""

_ISOLATE = _pattern(rf"([{_ISOLATES}\n])")
"""What opens or closes a stretch of its own direction, and the line break that ends it in any case."""

_JOINER_RUN = _pattern(rf"([{_JOINERS}])[{_JOINERS}]++")
"""Two joiners or more together; the group is the first."""

_STRAY_JOINER = _pattern(
    rf"[{_JOINERS}](?<![\p{{Mn}}{_BRAHMIC}{_JOINING}][{_JOINERS}])(?!{_JOINING})"
    rf"(?!(?<={_JOINED_PICTOGRAPH}\uFE0F?\u200D){_PICTOGRAPH})"
)
"""A joiner where no writing system has one. Expects no two together."""

_VISIBLE = _pattern(rf"[^\s{_BIDI}]")
"""Something to see; no selector or joiner is left without it."""

_GRAPHEME = _pattern(r"\X")


def filter_characters(text: str) -> str:
    """Text without what hides: invisible characters, joiners and selectors out of place, heaps of marks, directions
    left open. Empty when nothing is left to see. Expects no control character but TAB and LF, and no surrogate.

    Marks go before variation selectors, and isolates before joiners, because the later ones are judged by their
    neighbours, and those must be the final ones: so a second filtering finds nothing.
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
    """At most `limit` of the characters a reader sees, from the beginning."""
    return "".join(_GRAPHEME.findall(text)[:limit])


def _close_isolates(text: str) -> str:
    """Drops each isolate that has no partner on its own line: no direction reaches into the next one."""
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
