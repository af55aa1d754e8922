"""`detail=condensed`: every message of the window is shown whole, shortened, or counted in a gap.

Each step is taken only if the one before does not fit the budget: everything; times of day less often; then fewer
blank lines, and the least salient messages are shortened or left out. A long link is cut where its message could not
stay otherwise.
"""

from collections.abc import Callable, Sequence

from mcp_server.condensing.compact import Compact
from mcp_server.condensing.corpus import Corpus
from mcp_server.condensing.plan import Plan, Selection, condense, nothing
from mcp_server.condensing.selection import OVERHEAD_TOKENS
from mcp_server.condensing.sentences import CUT
from mcp_server.conversation.models import Reading
from mcp_server.garbage_collection import collector_paused
from mcp_server.transcript.answer import LEVELS, WINDOW_CURSOR_SHARE, AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS
from mcp_server.transcript.layout import Item, LaidOutMessage, ShownMessage
from mcp_server.transcript.line_costs import LineCosts
from mcp_server.transcript.verbatim import fits_whole, longest_prefix, verbatim

_HOURS_PER_TIME = (1, 6, 24)
_MAX_TRIES = 4
"""After these an answer that fits is taken; until then, or until nothing is left to omit, another is tried."""
_WINDOW_CURSOR_SHARE_WITH_FOCUS = 0.125
_LEAST_GAP_SHARE = 100
"""A small answer numbers gaps of more than this fraction of the window."""
_NO_MATCH = "No message matches the focus; the most informative messages are shown instead."


# The garbage collector would find nothing, and take a third of the time that 10,000 messages take.
@collector_paused()
def condensed(
    builder: AnswerBuilder,
    similarity: Sequence[float] | None = None,
    *,
    corpus_of: Callable[[Sequence[Compact]], Corpus] = Corpus,
    pulse: Callable[[], None] = nothing,
) -> Reading:
    """The whole window if it fits; otherwise its most salient messages, or those most relevant to the focus.

    `similarity` holds the semantic similarity of each message to the focus, from 0 to 1, newest first.
    `corpus_of` returns the corpus of messages, oldest first, perhaps a remembered one. `pulse` is
    called again and again; what it raises ends the work. Raises InvalidArguments if not even part of one message fits.
    """
    if builder.window.offset or not builder.window.messages:
        return verbatim(builder)
    for hours in _HOURS_PER_TIME if _texts_fit(builder) else ():
        wider = builder if hours == 1 else builder.with_changes(hours_per_time=hours)
        if reading := fits_whole(wider):
            return reading
    return _selected(builder, similarity, corpus_of, pulse)


def _texts_fit(builder: AnswerBuilder) -> bool:
    """Whether the message texts alone are within the budget. If not, showing fewer times cannot make everything fit."""
    planning = builder.planning
    left = planning.allowance.tokens
    for message in builder.window.messages:
        # Counting a text longer than any answer would be wasted work.
        left -= planning.sizes.text(message.text).size.tokens if len(message.text) <= MAX_CHARS else left + 1
        if left < 0:
            return False
    return True


def _selected(
    builder: AnswerBuilder,
    similarity: Sequence[float] | None,
    corpus_of: Callable[[Sequence[Compact]], Corpus],
    pulse: Callable[[], None],
) -> Reading:
    least_gap = 1
    share = WINDOW_CURSOR_SHARE
    if builder.focus is not None and builder.window_cursor is None:
        # A small answer to a question leaves out almost everything, so it needs the cursor most.
        least_gap += len(builder.window.messages) // _LEAST_GAP_SHARE
        share = _WINDOW_CURSOR_SHARE_WITH_FOCUS
    builder = builder.with_changes(hours_per_time=_HOURS_PER_TIME[-1], window_cursor_share=share)
    oldest_first = builder.layout.compacts(len(builder.window.messages))[::-1]
    compacts = [compact for compact, _ in oldest_first]
    costs = _costs(builder, [laid_out for _, laid_out in oldest_first], least_gap)
    planning = builder.planning
    plan = condense(
        corpus_of(compacts),
        costs if planning.exact else costs.measured_with(planning.sizes, planning.allowance),
        max_tokens=planning.allowance.tokens,
        keep_first=builder.window.resume_at(len(oldest_first), 0).cursor is None,
        focus=builder.focus,
        days=[laid_out.day for laid_out in builder.laid_out[::-1]],
        similarity=None if similarity is None else similarity[::-1],
        pulse=pulse,
    )
    if not planning.exact:
        plan = plan.priced(costs)
    if builder.focus is not None and not plan.focused:
        builder = builder.with_changes(
            notes=(_NO_MATCH,), hours_per_time=_HOURS_PER_TIME[-1], window_cursor_share=share
        )
    for level in LEVELS:
        if reading := _within_budget(builder, compacts, costs, plan, level):
            return reading
    for level in LEVELS:
        if reading := _newest_cut(builder, costs, level):
            return reading
    return verbatim(builder)


def _within_budget(
    builder: AnswerBuilder, compacts: Sequence[Compact], costs: LineCosts, plan: Plan, level: int
) -> Reading | None:
    """The answer with as much of the plan as fits together with preamble and footer, or None.

    Their size depends on the selection by a few tokens, so each try is corrected by how far the last one missed.
    """
    allowance, best, best_tokens = builder.allowance, None, 0
    tokens, tried = allowance.tokens - OVERHEAD_TOKENS, set[int]()
    selection = plan.select(tokens)
    if not selection.cost:  # the newest message leaves room for little else
        tokens = allowance.tokens
        selection = plan.select(tokens)
    while selection.cost and selection.cost not in tried:
        tried.add(selection.cost)
        items = _items(builder, compacts, costs, selection)
        size, reading = builder.draft(items, covered=len(builder.laid_out), level=level)
        if tokens > best_tokens and allowance.holds(size):
            best, best_tokens = reading, tokens
        if best is not None and len(tried) >= _MAX_TRIES:
            break
        missed = allowance.tokens - allowance.effective_tokens(size)
        # Omitting messages where almost all fit adds gaps, so the same correction may fall short again and again.
        tokens = selection.cost + missed * max(1, len(tried) - _MAX_TRIES + 1)
        selection = plan.select(tokens)
    return best


def _items(builder: AnswerBuilder, compacts: Sequence[Compact], costs: LineCosts, selection: Selection) -> list[Item]:
    """The items of a selection, oldest first, with gaps. The newest message is always shown."""
    items: list[Item] = []
    done = 0
    oldest_first = builder.laid_out[::-1]
    for number in sorted(selection.whole | selection.shortened.keys()):
        laid_out = oldest_first[number]
        text = compacts[number].text_with_links if number in selection.whole else selection.shortened[number]
        if number > done:
            items.append(costs.gap_between(done, number))
        items.append(ShownMessage(laid_out, text, shortened=text != laid_out.text))
        done = number + 1
    return items


def _newest_cut(builder: AnswerBuilder, costs: LineCosts, level: int) -> Reading | None:
    """The answer with only the beginning of the newest message, or None."""
    newest, count = builder.laid_out[0], len(builder.laid_out)
    before: list[Item] = [costs.gap_between(0, count - 1)] if count > 1 else []

    def attempt(length: int) -> Reading | None:
        shown = ShownMessage(newest, f"{newest.text[:length].rstrip()} {CUT}", shortened=True)
        return builder.answer([*before, shown], covered=count, level=level)

    return longest_prefix(newest.text, attempt, least=1, tokens=builder.planning.allowance.tokens)


def _costs(builder: AnswerBuilder, laid_out: Sequence[LaidOutMessage], least_gap: int) -> LineCosts:
    """The costs of messages, oldest first.

    Gaps of at least `least_gap` messages are numbered, if the answer has a window cursor.
    """
    least = least_gap if builder.window_cursor is not None else None
    return LineCosts(laid_out, builder.token_sizes, builder.allowance, least_numbered_gap=least)
