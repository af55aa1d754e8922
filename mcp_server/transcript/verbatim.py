"""`detail=verbatim`: whole messages, newest first, until the budget is full; a message too long alone goes in parts."""

from collections.abc import Callable, Iterator

import regex

from mcp_server.conversation.models import Reading
from mcp_server.errors import InvalidArguments
from mcp_server.transcript.answer import FULL, LEVELS, AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS, Size
from mcp_server.transcript.grammar import Part
from mcp_server.transcript.layout import Shown

_MIN_PART_CHARS = 120
"""A part shorter than this is not worth its answer while the legend can still give way."""

_ROOM = Size(1000, 3000, 1000, 3000)
"""More than an answer says of itself, unless it introduces a crowd."""

_MAX_GRAPHEME_CHARS = 100
"""Pictographs can be joined without end; the longest that people use have some ten characters."""

_GRAPHEME = regex.compile(r"\X")


def verbatim(builder: AnswerBuilder) -> Reading:
    """The newest messages of the window that fit whole; if not even one does, the part of it that fits.

    Raises InvalidArguments where the budget does not even hold one character beside what an answer says of itself.
    """
    if not builder.window.messages:
        reading = next((r for level in LEVELS if (r := builder.answer([], covered=0, level=level))), None)
        return reading or _refuse()
    for level in LEVELS:
        if reading := whole_messages(builder, level):
            return reading
    for level in LEVELS:
        least = _MIN_PART_CHARS if level != LEVELS[-1] else 1
        if reading := part_of_first(builder, level, least=least):
            return reading
    return _refuse()


def fits_whole(builder: AnswerBuilder) -> Reading | None:
    """The answer that holds every message of the window whole, or None."""
    count = len(builder.window.messages)
    if builder.sheet.reach(count, builder.allowance) < count:
        return None
    if not count:
        return builder.answer([], covered=0)
    return builder.whole(count, builder.around_whole(count))


def is_full(builder: AnswerBuilder) -> bool:
    """Whether the messages of the window do not all fit whole: to read on would be to pay for what cannot be shown.

    While there is room enough, what an answer says of itself beside them is not worked out.
    """
    count, allowance = len(builder.window.messages), builder.allowance
    if builder.sheet.reach(count, allowance) < count:
        return True
    if allowance.holds(builder.sheet.size(count) + _ROOM):
        return False
    return not allowance.holds(builder.around_whole(count).size)


def whole_messages(builder: AnswerBuilder, level: int = FULL) -> Reading | None:
    """The answer with as many of the newest messages as fit whole, or None when not one does."""
    sheet, allowance = builder.sheet, builder.allowance
    count = sheet.reach(len(builder.window.messages), allowance)
    over = count + 1
    if not count:
        return None
    # What an answer says of itself changes by a token or two with its figures: so down until it fits, and up again.
    around = builder.around_whole(count, level=level)
    while not allowance.holds(around.size):
        over, count = count, min(count - 1, sheet.reach(count, allowance, around.size - around.body))
        if not count:
            return None
        around = builder.around_whole(count, level=level)
    while count < over - 1 and allowance.holds((wider := builder.around_whole(count + 1, level=level)).size):
        around, count = wider, count + 1
    fitting = (builder.whole(fewer, around, level=level) for fewer in range(count, 0, -1))
    return next((reading for reading in fitting if reading), None)


def part_of_first(builder: AnswerBuilder, level: int, *, least: int) -> Reading | None:
    """The answer with the longest part of the window's first message that fits, from `least` characters on."""
    placed, offset = builder.placed[0], builder.window.offset
    rest = placed.text[offset:]

    def attempt(length: int) -> Reading | None:
        part = Part(offset + 1, offset + length, len(placed.text))
        item = Shown(placed, rest[:length], part=part)
        return builder.answer([item], covered=0, offset=offset + length, level=level)

    return longest(rest, attempt, least=least, tokens=builder.allowance.tokens)


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


def _refuse() -> Reading:
    raise InvalidArguments("max_tokens is too small for this conversation.", advice="Call again with a larger one.")
