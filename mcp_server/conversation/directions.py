"""Which controls of text direction a line may contain: those that a line with right-to-left letters can need.

Direction marks are dropped where no right-to-left letter is on the line, where they have no effect (between two
letters), and where another one is in the same place. Isolates need right-to-left letters too, something to isolate, and
a partner on their own line, so that no direction reaches into the next line. So a reader's program cannot be made to
mirror a line of left-to-right text, and what is kept hides few bytes.
"""

import unicodedata

import regex

DIRECTION_CONTROLS = r"\u061C\u200E\u200F\u2066-\u2069"
"""The controls as the inside of a character class. Embeddings and overrides are dropped earlier."""

_MARKS = "\u061c\u200e\u200f"
_CLOSER = "\u2069"
_JOINERS = "\u200c\u200d"
_CONTROL = regex.compile(f"([{DIRECTION_CONTROLS}])")
_RIGHT_TO_LEFT_LETTER = regex.compile(r"(?V1)[[\p{Bidi_Class=R}\p{Bidi_Class=AL}]&&\p{L}]")


def settle_directions(text: str) -> str:
    """Text without the direction controls that its lines do not need. Idempotent; joiners are passed over."""
    if _CONTROL.search(text) is None:
        return text
    return "\n".join([_settled(line) for line in text.split("\n")])


def _settled(line: str) -> str:
    pieces: list[str] = _CONTROL.split(line)
    if len(pieces) == 1:
        return line
    if _RIGHT_TO_LEFT_LETTER.search(line) is None:
        return "".join(pieces[::2])
    _drop_marks(pieces)
    _drop_isolates(pieces)
    return "".join(pieces)


def _drop_marks(pieces: list[str]) -> None:
    """Empties the marks between two letters, and those after another mark in the same place."""
    next_characters = _next_characters(pieces)
    before, has_mark = "", False
    for place in range(1, len(pieces), 2):
        if visible := pieces[place - 1].strip(_JOINERS):
            before, has_mark = visible[-1], False
        if pieces[place] in _MARKS:
            if has_mark or (_is_letter(before) and _is_letter(next_characters[place])):
                pieces[place] = ""
            has_mark = True


def _drop_isolates(pieces: list[str]) -> None:
    """Empties the isolates without a partner, without content, and those after another opener in the same place."""
    partners = _partners(pieces)
    seen, has_opener = 0, False
    kept: dict[int, int] = {}  # the openers kept so far, with the number of pieces before them that have content
    for place in range(1, len(pieces), 2):
        if pieces[place - 1].strip(_JOINERS):
            seen, has_opener = seen + 1, False
        if pieces[place] in _MARKS:
            continue
        if place not in partners:
            pieces[place] = ""
        elif pieces[place] != _CLOSER:
            if not has_opener:
                kept[place] = seen
            has_opener = True
        elif kept.get(partners[place], seen) == seen:
            pieces[place] = pieces[partners[place]] = ""


def _partners(pieces: list[str]) -> dict[int, int]:
    """The places of isolates that have a partner: the opener of each closer, and the closer of each opener."""
    opened: list[int] = []
    partners: dict[int, int] = {}
    for place in range(1, len(pieces), 2):
        if pieces[place] == _CLOSER:
            if opened:
                opener = opened.pop()
                partners[opener], partners[place] = place, opener
        elif pieces[place] not in ("", *_MARKS):
            opened.append(place)
    return partners


def _next_characters(pieces: list[str]) -> dict[int, str]:
    """The visible character that follows each control, empty at the end of the line."""
    following, result = "", {}
    for place in range(len(pieces) - 2, 0, -2):
        visible = pieces[place + 1].strip(_JOINERS)
        following = visible[0] if visible else following
        result[place] = following
    return result


def _is_letter(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LM"
