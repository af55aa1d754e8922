"""`detail=condensed`: every message of the window is covered: whole, shortened, or left out under a mark.

Step by step, each only as far as the budget asks: all of it; times of day less often; long addresses and blank runs
shorter; then what tells least is shortened and left out.
"""

from collections.abc import Sequence
from dataclasses import replace

from mcp_server.condensing.plan import Plan, Selection, condense
from mcp_server.condensing.selection import OVERHEAD_TOKENS
from mcp_server.condensing.sentences import CUT
from mcp_server.conversation.models import Message, Reading
from mcp_server.transcript.answer import LEVELS, AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS
from mcp_server.transcript.layout import Item, Shown
from mcp_server.transcript.line_costs import LineCosts
from mcp_server.transcript.short_links import tidy
from mcp_server.transcript.verbatim import fits_whole, longest, verbatim

_SPANS_HOURS = (1, 6, 24)
_MOST_TRIES = 4
_NO_MATCH = "Nothing here bears on the focus; what tells most is shown."


def condensed(builder: AnswerBuilder, similarity: Sequence[float] | None = None) -> Reading:
    """The whole window when it fits; else what tells most in it, or bears most on the focus.

    `similarity`, where known, says from 0 to 1 how near each message is to the focus, newest first. Raises
    InvalidArguments where not even a piece of one message fits.
    """
    if builder.window.offset or not builder.window.messages:
        return verbatim(builder)
    for hours in _SPANS_HOURS if _texts_fit(builder) else ():
        wider = builder if hours == 1 else builder.again(span_hours=hours)
        if reading := fits_whole(wider):
            return reading
    return _chosen(builder, similarity)


def _texts_fit(builder: AnswerBuilder) -> bool:
    """Whether the bare texts are within the budget; where they are not, no width of marks makes everything fit."""
    left = builder.allowance.tokens
    for message in builder.window.messages:
        # A text longer than any answer is not even counted.
        left -= builder.scale.text(message.text).size.tokens if len(message.text) <= MAX_CHARS else left + 1
        if left < 0:
            return False
    return True


def _chosen(builder: AnswerBuilder, similarity: Sequence[float] | None) -> Reading:
    builder = builder.again(span_hours=_SPANS_HOURS[-1])
    messages = [_tidied(message) for message in builder.window.messages[::-1]]
    costs = _costs(builder, messages)
    found = condense(
        messages,
        costs,
        most=builder.allowance.tokens,
        opening=builder.window.resume_at(len(messages), 0) is None,
        focus=builder.focus,
        days=[placed.day for placed in builder.placed[::-1]],
        similarity=None if similarity is None else similarity[::-1],
    )
    if builder.focus is not None and not found.focused:
        builder = builder.again(notes=(_NO_MATCH,), span_hours=_SPANS_HOURS[-1])
    for level in LEVELS:
        if reading := _within_budget(builder, costs, found, level):
            return reading
    for level in LEVELS:
        if reading := _newest_cut(builder, costs, level):
            return reading
    return verbatim(builder)


def _within_budget(builder: AnswerBuilder, costs: LineCosts, found: Plan, level: int) -> Reading | None:
    """The answer with as much of the plan as fits beside what the answer says of itself.

    That changes with what is shown, by a few tokens: so what was over or left the last time corrects the next one.
    """
    allowance, best, most = builder.allowance, None, 0
    tokens, tried = allowance.tokens - OVERHEAD_TOKENS, set[int]()
    if not found.within(tokens).whole:  # a newest message that leaves little beside it
        tokens = allowance.tokens
    for _ in range(_MOST_TRIES):
        selection = found.within(tokens)
        if not selection.whole or selection.cost in tried:
            break
        tried.add(selection.cost)
        items = _items(builder, costs, selection)
        size, reading = builder.draft(items, covered=len(builder.placed), level=level)
        if tokens > most and allowance.holds(size):
            best, most = reading, tokens
        tokens = selection.cost + allowance.tokens - allowance.weight(size)
    return best


def _items(builder: AnswerBuilder, costs: LineCosts, selection: Selection) -> list[Item]:
    """The entries of a selection, oldest first, with a mark for every stretch left out; the newest is always shown."""
    items: list[Item] = []
    done = 0
    for number, placed in enumerate(builder.placed[::-1]):
        text = tidy(placed.text) if number in selection.whole else selection.shortened.get(number)
        if text is None:
            continue
        if number > done:
            items.append(costs.gap_between(done, number))
        items.append(Shown(placed, text, shortened=text != placed.text))
        done = number + 1
    return items


def _newest_cut(builder: AnswerBuilder, costs: LineCosts, level: int) -> Reading | None:
    """The answer with the beginning of the newest message, when that one alone is too long."""
    newest, count = builder.placed[0], len(builder.placed)
    before: list[Item] = [costs.gap_between(0, count - 1)] if count > 1 else []

    def attempt(length: int) -> Reading | None:
        shown = Shown(newest, f"{newest.text[:length].rstrip()} {CUT}", shortened=True)
        return builder.answer([*before, shown], covered=count, level=level)

    return longest(newest.text, attempt, least=1, tokens=builder.allowance.tokens)


def _tidied(message: Message) -> Message:
    text = tidy(message.text)
    return message if text == message.text else replace(message, text=text)


def _costs(builder: AnswerBuilder, messages: Sequence[Message]) -> LineCosts:
    """What these messages cost, which are those of the window, oldest first, with texts of their own."""
    placed = [
        at if at.text == message.text else at._replace(text=message.text)
        for at, message in zip(builder.placed[::-1], messages, strict=True)
    ]
    numbered = builder.window_cursor is not None
    return LineCosts(placed, builder.scale, builder.allowance, numbered=numbered)
