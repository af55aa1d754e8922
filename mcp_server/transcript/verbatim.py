"""`detail=verbatim`: whole messages, newest first, until the budget is full; one that never fits comes in parts."""

from collections.abc import Callable, Iterator

import regex

from mcp_server.conversation.models import Reading
from mcp_server.errors import InvalidArguments
from mcp_server.transcript.answer import FULL, LEVELS, AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS, Size
from mcp_server.transcript.grammar import Part
from mcp_server.transcript.layout import ShownMessage

_MIN_PART_CHARS = 120
"""A shorter part is accepted only at the last level of the preamble."""

_MAX_USUAL_ENVELOPE = Size(1000, 3000, 1000, 3000)
"""Larger than preamble and footer of any answer, except in very large groups."""

_MAX_GRAPHEME_CHARS = 100
"""Emoji can be joined without limit; the longest in use have about ten characters."""

_GRAPHEME = regex.compile(r"\X")


def verbatim(builder: AnswerBuilder) -> Reading:
    """The newest messages of the window that fit whole; if not even one does, the part of it that fits.

    Raises InvalidArguments if the budget does not hold the preamble, the footer and one character.
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
    """The answer with every message of the window whole, or None if it is over the budget."""
    count = len(builder.window.messages)
    if builder.layout.count_fitting(count, builder.allowance) < count:
        return None
    if not count:
        return builder.answer([], covered=0)
    return builder.whole(count, builder.envelope_of_newest(count))


def is_full(builder: AnswerBuilder) -> bool:
    """Whether the window already fills the budget, so that another page could not be shown.

    The exact preamble and footer are only computed when the result depends on them.
    """
    count, allowance = len(builder.window.messages), builder.allowance
    if builder.layout.count_fitting(count, allowance) < count:
        return True
    if allowance.holds(builder.layout.size(count) + _MAX_USUAL_ENVELOPE):
        return False
    return not allowance.holds(builder.envelope_of_newest(count).size)


def whole_messages(builder: AnswerBuilder, level: int = FULL) -> Reading | None:
    """The answer with as many of the newest messages as fit whole, or None if not even one does."""
    layout, allowance = builder.layout, builder.allowance
    count = layout.count_fitting(len(builder.window.messages), allowance)
    over = count + 1
    if not count:
        return None
    # Preamble and footer change by a token or two with the count: go down until it fits, then up again.
    envelope = builder.envelope_of_newest(count, level=level)
    while not allowance.holds(envelope.size):
        over, count = count, min(count - 1, layout.count_fitting(count, allowance, envelope.size - envelope.body_size))
        if not count:
            return None
        envelope = builder.envelope_of_newest(count, level=level)
    while count < over - 1 and allowance.holds((wider := builder.envelope_of_newest(count + 1, level=level)).size):
        envelope, count = wider, count + 1
    fitting = (builder.whole(fewer, envelope, level=level) for fewer in range(count, 0, -1))
    return next((reading for reading in fitting if reading), None)


def part_of_first(builder: AnswerBuilder, level: int, *, least: int) -> Reading | None:
    """The answer with the longest fitting part of the window's first message, or None below `least` characters."""
    laid_out, offset = builder.laid_out[0], builder.window.offset
    rest = laid_out.text[offset:]

    def attempt(length: int) -> Reading | None:
        part = Part(offset + 1, offset + length, len(laid_out.text))
        item = ShownMessage(laid_out, rest[:length], part=part)
        return builder.answer([item], covered=0, offset=offset + length, level=level)

    return longest_prefix(rest, attempt, least=least, tokens=builder.planning.allowance.tokens)


def longest_prefix(text: str, attempt: Callable[[int], Reading | None], *, least: int, tokens: int) -> Reading | None:
    """The result of `attempt` for about the longest beginning of `text` that it accepts, cut between graphemes.

    `attempt` receives a length shorter than the text. The search starts at about `tokens` tokens.
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
    # Cut at the end of a word if there is one nearby.
    word_end = max((text.rfind(space, 0, ends[low]) for space in " \n"), default=-1)
    if word_end > ends[low] - 40 and word_end + 1 in ends[max(0, low - 40) : low]:
        best = attempt(word_end + 1) or best
    return best


def _cuts(text: str) -> Iterator[int]:
    """Where a text may be cut: between graphemes, and inside a grapheme that is too long."""
    for found in _GRAPHEME.finditer(text):
        if found.end() - found.start() > _MAX_GRAPHEME_CHARS:
            yield from range(found.start() + 1, found.end())
        yield found.end()


def _refuse() -> Reading:
    raise InvalidArguments("max_tokens is too small for this conversation.", advice="Call again with a larger one.")
