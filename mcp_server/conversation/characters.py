"""The part of cleaning that needs Unicode properties: which characters untrusted text may contain, and where.

The properties (script, Indic syllable, emoji ...) come from the `regex` library. Compiling the patterns takes about
5 ms, so `cleaning` imports this module at the first text that is not plain ASCII. Every pattern runs in linear time:
its repeats are possessive, and each position is tried from a bounded number of starting points.
"""

import regex

from mcp_server.conversation.directions import DIRECTION_CONTROLS, settle_directions
from mcp_server.conversation.registered import is_joined_emoji, is_variant

# Invisible and useless in text that a person writes: they hide words from readers and show them to models. Includes
# the rest of the default-ignorable block of plane 14.
_INVISIBLE = (
    r"\u00AD\u034F\u115F-\u1160\u17B4-\u17B5\u200B\u202A-\u202E\u2060-\u2065\u206A-\u206F\u3164\uFEFF\uFFA0"
    r"\uFFF0-\uFFFB\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\p{Noncharacter_Code_Point}\p{Private_Use}"
    r"\U000E0000-\U000E00FF\U000E01F0-\U000E0FFF"
)
# A black flag, the region in tag letters (England, Scotland, Wales), the tag that ends it.
_SUBDIVISION_FLAG = (
    r"\U0001F3F4\U000E0067\U000E0062"
    r"(?:\U000E0065\U000E006E\U000E0067|\U000E0073\U000E0063\U000E0074|\U000E0077\U000E006C\U000E0073)\U000E007F"
)
_JOINERS = r"\u200C\u200D"
_MARK = r"[\p{M}--\p{Variation_Selector}]"
# Characters that may occur between two marks without starting a new character.
_BETWEEN_MARKS = rf"[\p{{Variation_Selector}}{_JOINERS}{DIRECTION_CONTROLS}]*+"

# Emoji that later versions of Unicode may define keep what belongs to them.
_FUTURE_EMOJI = r"[\p{Extended_Pictographic}&&\p{Unassigned}]"
_CONJOINED = r"\P{Indic_Syllabic_Category=Other}--[\p{Thai}\p{Lao}\p{Tibetan}\p{Tai_Le}\p{Tai_Viet}]"
# A Brahmic letter with its signs, and what may follow: a letter, or the sign of a vowel or of no vowel.
_SYLLABLE = rf"[\p{{L}}&&{_CONJOINED}]\p{{M}}{{0,8}}"
_SYLLABLE_GOES_ON = rf"[[\p{{L}}\p{{M}}]&&{_CONJOINED}]"
_NO_VOWEL = r"[\p{InSC=Virama}\p{InSC=Invisible_Stacker}\p{InSC=Pure_Killer}]"
# Letters that change their shape beside another one, and the three signs that lengthen a line between letters.
_JOINING = r"[\p{Joining_Type=D}\p{Joining_Type=R}\p{Joining_Type=L}\u0640\u07FA\u180A]"
_PICTOGRAPH = r"\p{Extended_Pictographic}"

# Signs that are written before or around digits and letters of their script.
_ARABIC_SIGN = r"[\u0600-\u0605\u06DD\u0890\u0891\u08E2]"
_ARABIC = r"[\p{Script_Extensions=Arabic}&&[\p{L}\p{N}]]"
_SYRIAC = r"[\p{Syriac}&&\p{L}]"
_KAITHI = r"[\p{Script_Extensions=Kaithi}&&[\p{L}\p{N}]]"
_MONGOLIAN = r"[\p{Mongolian}&&\p{L}]"
_HIEROGLYPH = r"[\p{Egyptian_Hieroglyphs}&&\p{L}]"
_HIEROGLYPH_CONTROL = r"[\U00013430-\U0001343F]"


def _pattern(expression: str) -> regex.Pattern[str]:
    return regex.compile("(?V1)" + expression)


_SUSPECT = _pattern(r"[[\p{C}\p{Default_Ignorable_Code_Point}]--[\t\n]]|\p{M}{9}")
"""Matches every text that the steps below would change, and some that they would not."""

_NEVER = _pattern(rf"{_SUBDIVISION_FLAG}(*SKIP)(*FAIL)|[{_INVISIBLE}]++")
"""Runs of characters that are always removed; tags of the three subdivision flags are skipped."""

_EXCESS_MARKS = _pattern(rf"({_MARK}(?:{_BETWEEN_MARKS}{_MARK}){{7}})(?:{_BETWEEN_MARKS}{_MARK})++")
"""A run of more than eight combining marks on one base; the group is the part to keep."""

_VARIATION_SELECTOR = _pattern(
    rf"\p{{Variation_Selector}}(?<!\p{{Unified_Ideograph}}[\U000E0100-\U000E011F]|{_HIEROGLYPH}[\uFE00-\uFE06]"
    rf"|{_MONGOLIAN}[\u180B-\u180D\u180F]|{_FUTURE_EMOJI}[\uFE0E\uFE0F])"
)
"""A variation selector that needs a registered base: not one of the scripts where any letter can have variants.

No ideograph has more than 32 ideographic variants; how many a certain one has is not looked up.
"""

_STRAY_SIGN = _pattern(
    rf"{_ARABIC_SIGN}(?!{_ARABIC})(?<!{_ARABIC}\p{{Mn}}{{0,8}}\ ?{_ARABIC_SIGN})"
    rf"|\u070F(?!{_SYRIAC})(?<!{_SYRIAC}\p{{Mn}}{{0,8}}\u070F)"
    rf"|[\U000110BD\U000110CD](?!{_KAITHI})"
    rf"|\u180E(?:(?!{_MONGOLIAN})|(?<!{_MONGOLIAN}[\u180B-\u180D\u180F]?\u180E))"
    rf"|{_HIEROGLYPH_CONTROL}(?!{_HIEROGLYPH_CONTROL}{{0,2}}{_HIEROGLYPH})"
    rf"(?<!{_HIEROGLYPH}[\uFE00-\uFE06]?{_HIEROGLYPH_CONTROL}{{1,3}})"
)
"""A format sign of a script that is not beside a letter or digit of that script."""

_JOINER_RUN = _pattern(rf"([{_JOINERS}])[{_JOINERS}]++")
"""Two or more adjacent joiners; the group is the first."""

_IDLE_JOINER = _pattern(
    rf"[{_JOINERS}](?!{_JOINING}|(?<={_SYLLABLE}[{_JOINERS}]){_SYLLABLE_GOES_ON})"
    rf"(?!(?<={_FUTURE_EMOJI}\u200D){_PICTOGRAPH}|(?<={_PICTOGRAPH}\uFE0F?\u200D){_FUTURE_EMOJI})"
    rf"(?<!{_JOINING}\p{{Mn}}{{0,9}}[{_JOINERS}]|{_SYLLABLE}{_NO_VOWEL}\p{{Mn}}?[{_JOINERS}])"
)
"""A joiner beside which no letter joins. Expects no adjacent joiners."""

_VISIBLE = _pattern(rf"[^\s{DIRECTION_CONTROLS}]")
"""A visible character."""

_GRAPHEME = _pattern(r"\X")


def filter_characters(text: str) -> str:
    """Text without invisible characters, excess marks, and selectors, signs, directions and joiners out of place.

    Returns an empty string if nothing visible is left. Expects no control characters except TAB and LF, and no
    surrogates. Signs are removed before marks, marks before variation selectors, and directions before joiners, because
    the latter are judged by their final neighbours. The filter is idempotent.
    """
    if _SUSPECT.search(text) is None:
        return text
    text = _NEVER.sub("", text)
    text = _STRAY_SIGN.sub("", text)
    text = _EXCESS_MARKS.sub(r"\1", text)
    text = _VARIATION_SELECTOR.sub(lambda found: found[0] if is_variant(text, found.start()) else "", text)
    text = settle_directions(text)
    text = _JOINER_RUN.sub(r"\1", text)
    text = _IDLE_JOINER.sub(lambda found: found[0] if is_joined_emoji(text, found.start()) else "", text)
    return text if _VISIBLE.search(text) else ""


def first_graphemes(text: str, limit: int) -> str:
    """The first `limit` graphemes of `text`."""
    return "".join(_GRAPHEME.findall(text)[:limit])
