"""Makes text from strangers safe to show, and leaves honest text as it was.

Safe: it encodes to UTF-8, breaks lines with LF alone, shows what it says (nothing invisible but what some script
needs, where it needs it), moves no cursor, turns no direction beyond its own line, and loads no picture. What it says
in words stays: cleaning makes text show its true shape; it does not make it true.

The steps run in an order in which none feeds an earlier one, so cleaning twice is cleaning once; each is one pass.
"""

import re
from dataclasses import dataclass

NAME_GRAPHEMES = 80
_NAME_CHARACTERS = 12 * NAME_GRAPHEMES
"""A grapheme has no greatest length (joined pictographs go on for ever); the longest honest ones have ten."""

_SUSPECT_ASCII = re.compile(r"[\0-\x08\x0b-\x1f\x7f]|!\[|<im", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# CSI; then OSC, DCS, SOS, PM and APC strings. A string that never ends, or is longer, loses only what makes it one.
# Begun by a C1 character they hold ASCII only: in UTF-8 misread as Latin-1 such characters are halves of letters.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}+[ -/]{0,8}+[@-~]"
    r"|(?:\x1b[P\]X^_][^\0-\x08\x0e-\x1f\x7f-\x9f]{0,4096}+|[\x90\x98\x9d-\x9f][\t\n -~]{0,4096}+)(?:\x07|\x1b\\|\x9c)"
)
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]+")
# Browsers read `<image>` as `<img>`.
_PICTURE_TAG = re.compile(r"<(?=img|image)", re.IGNORECASE | re.ASCII)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Safe text, and how many characters were removed to make it so.

    Not counted: newlines brought to LF, whitespace at the ends, surrogates (those are replaced by U+FFFD).
    """

    text: str
    removed: int


def clean(text: str) -> str:
    """Safe text, with no whitespace at either end; empty when nothing of it can be seen."""
    return clean_counted(text).text


def clean_counted(text: str) -> Cleaned:
    """`clean`, and what it cost."""
    if text.isascii() and _SUSPECT_ASCII.search(text) is None:
        return Cleaned(text.strip(), 0)
    whole = _NEWLINE.sub("\n", _repair_surrogates(text))
    kept = _CONTROL.sub("", _ESCAPE_SEQUENCE.sub("", whole))
    if not kept.isascii():
        from mcp_server.conversation.characters import filter_characters  # here, as it compiles: see there

        kept = filter_characters(kept)
    inert = _PICTURE_TAG.sub("< ", kept.replace("![", "! ["))
    return Cleaned(inert.strip(), len(whole) - len(kept))


def clean_name(name: str) -> str:
    """Safe text on one line, of at most 80 graphemes."""
    line = _one_line(clean(name))
    if len(line) <= NAME_GRAPHEMES:
        return line
    from mcp_server.conversation.characters import first_graphemes  # here, as it compiles: see there

    # Cleaned again, because a cut can part what belongs together: an isolate from its end, a joiner from its letter.
    return _one_line(clean(first_graphemes(line[:_NAME_CHARACTERS], NAME_GRAPHEMES)))


def _one_line(text: str) -> str:
    """One space of any width is how a name is spelt (U+3000 in a Japanese one); a tab, a break or more is not."""
    return _SPACES.sub(lambda spaces: " " if len(spaces[0]) > 1 or spaces[0] in "\t\n" else spaces[0], text)


def _repair_surrogates(text: str) -> str:
    """Pairs joined, lone ones U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
