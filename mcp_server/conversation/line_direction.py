"""Which way a viewer reads a line that we begin and a stranger ends.

Viewers take a line's direction from its first letter. `>` and `<` are no letters, so in front of Hebrew or Arabic they
are read from right to left, and drawn as each other. A left-to-right mark after them keeps them as they are.
"""

import unicodedata

LEFT_TO_RIGHT = "\u200e"

_RIGHT_TO_LEFT = ("R", "AL")
_OPENERS = ("LRI", "RLI", "FSI")
_MAX_CHARS = 200
"""A line that begins with more characters without a direction is taken to be read from right to left."""


def marked(mark: str, text: str) -> str:
    """`mark`, fixed where it would be mirrored in front of this text."""
    return mark + LEFT_TO_RIGHT if is_mirrored(mark, text) else mark


def is_mirrored(mark: str, text: str) -> bool:
    """Whether this mark would be mirrored in front of the text."""
    return not text.isascii() and mark in (">", "<") and _begins_right_to_left(text)


def _begins_right_to_left(text: str) -> bool:
    start = text[:_MAX_CHARS]
    line = start.partition("\n")[0]
    isolates = 0
    for character in line:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT:
            return True
        if direction == "L" and not isolates:
            return False
        isolates += (direction in _OPENERS) - (direction == "PDI")
    return len(line) == _MAX_CHARS
