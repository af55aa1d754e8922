"""Whether Unicode has registered a sequence with a variation selector, or with a joiner between two emoji."""

from functools import cache

from mcp_server.conversation.sequences import EMOJI_VARIANTS, JOINED_EMOJI, STANDARDIZED_VARIANTS

_JOINER = "\u200d"
_KEYCAP = "\u20e3"
_KEYCAP_BASES = "0123456789#*"
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_EMOJI_SELECTOR = "\ufe0f"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_QUOTATION_MARKS = "\u2018\u2019\u201c\u201d"
"""They have had two variants since Unicode 16, which is later than the table."""


def is_variant(text: str, at: int) -> bool:
    """Whether the selector at this place makes a registered variant of the character before it.

    Digits, `#` and `*` have emoji variants only within keycaps: elsewhere nobody can see them.
    """
    if at == 0:
        return False
    selector, base = text[at], text[at - 1]
    if selector in _EMOJI_SELECTORS:
        if base in _KEYCAP_BASES:
            return text[at + 1 : at + 2] == _KEYCAP
        return base in _members(EMOJI_VARIANTS)
    if base in _QUOTATION_MARKS:
        return selector in "\ufe00\ufe01"
    return selector in STANDARDIZED_VARIANTS and base in _members(STANDARDIZED_VARIANTS[selector])


def is_joined_emoji(text: str, at: int) -> bool:
    """Whether the joiner at this place is within a registered emoji."""
    if text[at] != _JOINER:
        return False
    before = text[max(at - 3, 0) : at].removesuffix(_EMOJI_SELECTOR).rstrip(_SKIN_TONES)[-1:]
    return before in _before_joiner().get(text[at + 1 : at + 2], frozenset())


@cache
def _members(ranges: str) -> frozenset[str]:
    """The characters that a string with ranges means."""
    members: list[str] = []
    pieces = iter(ranges)
    for piece in pieces:
        if piece == "-":
            members += map(chr, range(ord(members[-1]) + 1, ord(next(pieces)) + 1))
        else:
            members.append(piece)
    return frozenset(members)


@cache
def _before_joiner() -> dict[str, frozenset[str]]:
    """What may precede a joiner, by what follows it."""
    return {follower: _members(before) for before, after in JOINED_EMOJI for follower in _members(after)}
