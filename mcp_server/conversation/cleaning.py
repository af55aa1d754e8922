"""Makes untrusted text safe to display and leaves honest text unchanged.

Cleaned text encodes to UTF-8, breaks lines with LF only, contains no invisible characters except where a script needs
them, no escape sequences, no text direction that reaches beyond its line, and no picture that a viewer would load. The
words are not changed.

Each step is one pass, and no step creates work for an earlier one, so cleaning is idempotent.
"""

import re
from dataclasses import dataclass

NAME_GRAPHEMES = 80
_NAME_CHARACTERS = 12 * NAME_GRAPHEMES
"""Graphemes have no maximum length (emoji can be joined without limit); the longest in use have about ten."""

_SUSPECT_ASCII = re.compile(r"[\0-\x08\x0b-\x1f\x7f]|!\[|<[a-z]", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEWLINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# CSI; then OSC, DCS, SOS, PM and APC strings. Of an unterminated or longer string only the introducer is removed.
# After a C1 introducer only ASCII is matched: in UTF-8 misread as Latin-1, such characters are halves of letters.
_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,64}+[ -/]{0,8}+[@-~]"
    r"|(?:\x1b[P\]X^_][^\0-\x08\x0e-\x1f\x7f-\x9f]{0,4096}+|[\x90\x98\x9d-\x9f][\t\n -~]{0,4096}+)(?:\x07|\x1b\\|\x9c)"
)
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]+")
# Elements that load something when they are shown, by themselves or by an attribute. `<image>` is `<img>` to browsers.
_PICTURE_TAG = re.compile(
    r"<(?=img|image|picture|source|svg|video|audio|track|embed|object|iframe|frame|input|link|style"
    r"|[a-z][^<>]*[\s/\"'](?:background|style|src|poster)\s*=)",
    re.IGNORECASE | re.ASCII,
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Cleaned text, and the number of characters removed.

    Not counted: line breaks converted to LF, white space at the ends, surrogates (replaced by U+FFFD).
    """

    text: str
    removed: int


def clean(text: str) -> str:
    """The cleaned text without white space at the ends; empty if nothing visible is left."""
    return clean_counted(text).text


def clean_counted(text: str) -> Cleaned:
    """The result of `clean` with the number of removed characters."""
    if text.isascii() and _SUSPECT_ASCII.search(text) is None:
        return Cleaned(text.strip(), 0)
    whole = _NEWLINE.sub("\n", _repair_surrogates(text))
    kept = _CONTROL.sub("", _ESCAPE_SEQUENCE.sub("", whole))
    if not kept.isascii():
        from mcp_server.conversation.characters import filter_characters  # imported late: it compiles patterns

        kept = filter_characters(kept)
    inert = _PICTURE_TAG.sub("< ", kept.replace("![", "! ["))
    return Cleaned(inert.strip(), len(whole) - len(kept))


def clean_name(name: str) -> str:
    """The cleaned text on one line of at most NAME_GRAPHEMES graphemes."""
    line = _one_line(clean(name))
    if len(line) <= NAME_GRAPHEMES:
        return line
    from mcp_server.conversation.characters import first_graphemes  # imported late: it compiles patterns

    # Cleaned again: a cut can separate an isolate from its end, or a joiner from its letter.
    return _one_line(clean(first_graphemes(line[:_NAME_CHARACTERS], NAME_GRAPHEMES)))


def _one_line(text: str) -> str:
    """Collapses white space, but keeps a single space of any width (U+3000 in Japanese names)."""
    return _SPACES.sub(lambda spaces: " " if len(spaces[0]) > 1 or spaces[0] in "\t\n" else spaces[0], text)


def _repair_surrogates(text: str) -> str:
    """Joins surrogate pairs; replaces lone surrogates by U+FFFD."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
