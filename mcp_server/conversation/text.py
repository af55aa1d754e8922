"""Makes text from strangers safe to show, and leaves honest text as it was."""

import re

import regex

NAME_GRAPHEMES = 80

_NEWLINE = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_SPACE = re.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")


def clean(text: str) -> str:
    """Safe text: encodes to UTF-8, breaks lines with LF alone, holds no control character but TAB, and neither
    begins nor ends with whitespace.
    """
    repaired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROL.sub("", _NEWLINE.sub("\n", repaired)).strip()


def clean_name(name: str) -> str:
    """`clean`, on one line and of at most 80 graphemes."""
    line = _LINE_SPACE.sub(" ", clean(name))
    graphemes = (match.end() for _, match in zip(range(NAME_GRAPHEMES), _GRAPHEME.finditer(line), strict=False))
    return line[: max(graphemes, default=0)].strip()
