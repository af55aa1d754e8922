"""`detail=verbatim`: whole messages, newest first, until the budget is full; a message too long alone goes in parts."""

from collections.abc import Callable, Iterator

import regex

from mcp_server.conversation.budget import MAX_CHARS, NOTHING, Size
from mcp_server.conversation.compose import FULL, LEVELS, Composer
from mcp_server.conversation.layout import Shown
from mcp_server.conversation.models import Reading
from mcp_server.conversation.transcript import Part
from mcp_server.errors import InvalidArguments

_MIN_PART_CHARS = 120
"""A part shorter than this is not worth its answer while the legend can still give way."""

_MAX_GRAPHEME_CHARS = 100
"""Pictographs can be joined without end; the longest that people use have some ten characters."""

_GRAPHEME = regex.compile(r"\X")


def verbatim(composer: Composer) -> Reading:
    """The newest messages of the window that fit whole; if not even one does, the part of it that fits.

    Raises InvalidArguments where the budget does not even hold one character beside what an answer says of itself.
    """
    if not composer.placed:
        reading = next((r for level in LEVELS if (r := composer.answer([], covered=0, level=level))), None)
        return reading or _refuse()
    for level in LEVELS:
        if reading := whole_messages(composer, level):
            return reading
    for level in LEVELS:
        least = _MIN_PART_CHARS if level != LEVELS[-1] else 1
        if reading := part_of_first(composer, level, least=least):
            return reading
    return _refuse()


def fits_whole(composer: Composer) -> Reading | None:
    """The answer that holds every message of the window whole, or None."""
    count = len(composer.placed)
    if len(line_sizes(composer)) < count:
        return None
    return composer.answer(first_items(composer, count), covered=count)


def whole_messages(composer: Composer, level: int = FULL) -> Reading | None:
    """The answer with as many of the newest messages as fit whole, or None when not one does."""
    # What an answer says of itself grows and shrinks by a token or two with its figures: so from the most that can
    # be on, one less each time, until it really fits.
    for count in range(len(line_sizes(composer)), 0, -1):
        if reading := composer.answer(first_items(composer, count), covered=count, level=level):
            return reading
    return None


def line_sizes(composer: Composer) -> list[Size]:
    """Sizes of the lines of the newest one, two, three ... messages, as far as they can fit at all."""
    scale, allowance = composer.scale, composer.allowance
    sizes: list[Size] = []
    lines, newer, newer_alone = NOTHING, None, NOTHING
    for index, placed in enumerate(composer.placed):
        item = _first(composer, placed.text) if index == 0 else Shown(placed, placed.text)
        if len(item.text) > MAX_CHARS:
            break
        alone = scale.join(None, item)
        lines = lines - newer_alone + alone + scale.text(item.text)
        if newer is not None:
            lines += scale.join(placed, newer)
        if not allowance.holds(lines):
            break
        sizes.append(lines)
        newer, newer_alone = item, alone
    return sizes


def first_items(composer: Composer, count: int) -> list[Shown]:
    """The `count` newest messages of the window, oldest first."""
    items = [Shown(placed, placed.text) for placed in composer.placed[1:count]]
    if count:
        items.insert(0, _first(composer, composer.placed[0].text))
    return items[::-1]


def part_of_first(composer: Composer, level: int, *, least: int) -> Reading | None:
    """The answer with the longest part of the window's first message that fits, from `least` characters on."""
    placed, offset = composer.placed[0], composer.window.offset
    rest = placed.text[offset:]

    def attempt(length: int) -> Reading | None:
        part = Part(offset + 1, offset + length, len(placed.text))
        item = Shown(placed, rest[:length], part=part)
        return composer.answer([item], covered=0, offset=offset + length, level=level)

    return longest(rest, attempt, least=least, tokens=composer.allowance.tokens)


def longest(text: str, attempt: Callable[[int], Reading | None], *, least: int, tokens: int) -> Reading | None:
    """What `attempt` makes of about the longest beginning of `text` it accepts, cut between graphemes.

    `attempt` gets a length shorter than the text. `tokens` says how many might fit: where the search begins.
    """
    ends = [end for end in _cuts(text[: MAX_CHARS + 1]) if end < len(text)]
    low, high, best = -1, len(ends), None
    at = min(len(ends) - 1, 3 * tokens)
    while high - low > 1 + max(low, 0) // 50:
        if reading := attempt(ends[at]):
            low, best = at, reading
        else:
            high = at
        at = min((low + high) // 2 if high < len(ends) else 2 * low + 1, high - 1)
    if best is None or ends[low] < least:
        return None
    # A word is not torn where one ends nearby.
    word_end = max((text.rfind(space, 0, ends[low]) for space in " \n"), default=-1)
    if word_end > ends[low] - 40 and word_end + 1 in ends[max(0, low - 40) : low]:
        best = attempt(word_end + 1) or best
    return best


def _cuts(text: str) -> Iterator[int]:
    """Where a text may be cut: between graphemes, and anywhere in one so long that it would block the way."""
    for found in _GRAPHEME.finditer(text):
        if found.end() - found.start() > _MAX_GRAPHEME_CHARS:
            yield from range(found.start() + 1, found.end())
        yield found.end()


def _first(composer: Composer, text: str) -> Shown:
    offset = composer.window.offset
    part = Part(offset + 1, len(text), len(text)) if offset else None
    return Shown(composer.placed[0], text[offset:], part=part)


def _refuse() -> Reading:
    raise InvalidArguments("max_tokens is too small for this conversation.", advice="Call again with a larger one.")
