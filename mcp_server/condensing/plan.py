"""Selects which messages of a conversation to keep in a budget: whole, shortened to some sentences, or left out.

One order of steps serves every budget: the newest messages and the first one are kept whole, and the other steps follow
by value per token. A budget takes the steps in order while they fit, then fills the rest with smaller steps. So a
larger budget keeps at least as much value, except where the next of the newest messages, or the first one, displaces
smaller steps because of its position.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mcp_server.condensing.compact import restore
from mcp_server.condensing.corpus import Corpus
from mcp_server.condensing.relevance import relevance
from mcp_server.condensing.salience import Salience
from mcp_server.condensing.selection import GreedySelection, Step
from mcp_server.condensing.sentences import shorten
from mcp_server.condensing.shown_costs import ShownCosts, TokenCosts
from mcp_server.conversation.cleaning import clean


@dataclass(frozen=True, slots=True)
class Selection:
    """The messages to show: `whole` ones, and `shortened` ones with their remaining text.

    A message with a cut link is a shortened one. Messages are numbered from 0, oldest first. `cost` is the total in
    tokens, including gaps; 0 if nothing is shown.
    """

    whole: frozenset[int]
    shortened: dict[int, str]
    cost: int


MIN_FILLER_VALUE = 0.3
"""Steps that fill the rest of a budget have at least this share of the value per token of the first step skipped."""

_MAX_SKIPPED = 40
"""The search for smaller steps ends after skipping this many."""

_PULSE_EVERY = 8
"""So many steps take less than a millisecond, as a rule."""


class _Remembered:
    """The steps of an iterator, which takes each only once; to be iterated again, but by one loop at a time."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._rest = steps
        self._taken: list[Step] = []

    def __iter__(self) -> Iterator[Step]:
        yield from self._taken
        for step in self._rest:
            self._taken.append(step)
            yield step


class Plan:
    """The order in which messages are kept. `focused` means that some message is relevant to the given focus."""

    def __init__(self, salience: Salience, steps: Iterable[Step], *, focused: bool) -> None:
        """`steps` can be iterated any number of times."""
        self.focused = focused
        self._salience = salience
        self._messages = salience.messages
        self._steps = steps

    def priced(self, costs: TokenCosts) -> "Plan":
        """The same order at other costs, which are asked for only as far as `select` comes."""

        def steps() -> Iterator[Step]:
            shown = ShownCosts(self._messages, costs)
            for step in self._steps:
                if step.link is None:
                    shown.show(step.number, step.sentences)
                else:
                    shown.show_link(step.number, step.link)
                yield step._replace(cost=shown.total)

        return Plan(self._salience, _Remembered(steps()), focused=self.focused)

    def select(self, tokens: int) -> Selection:
        """The selection for a budget of `tokens`: empty if the newest message alone does not fit.

        Smaller steps that fill the rest have less value per token than the step they replace, so that more tokens never
        keep less value.
        """
        kept: dict[int, set[int]] = {}
        links: dict[int, set[int]] = {}
        complete: set[int] = set()
        cost = planned_cost = skipped_count = 0
        skipped: set[int] = set()
        min_value = 0.0
        for step in self._steps:
            step_cost, planned_cost = step.cost - planned_cost, step.cost
            number, is_link = step.number, step.link is not None
            # Once a sentence of a message is skipped, its later ones are too; once one of the newest messages is
            # skipped, older ones are no longer kept for being the newest.
            by_position = step.value_per_token == math.inf and number > 0
            if is_link and kept.get(number, set()).isdisjoint(step.sentences):
                continue
            blocked = not is_link and (number in skipped or (by_position and number + 1 in skipped))
            if blocked or step.value_per_token < min_value or cost + max(0, step_cost) > tokens:
                skipped_count += 1
                if not is_link:
                    skipped.add(number)
                    # Without a minimum, the last tokens would go to an "Ouch" or an emoji.
                    if step.value_per_token < math.inf:
                        min_value = min_value or MIN_FILLER_VALUE * step.value_per_token
                if not kept or skipped_count > _MAX_SKIPPED:
                    break
                continue
            if step.link is not None:
                links.setdefault(number, set()).add(step.link)
            else:
                kept.setdefault(number, set()).update(step.sentences)
            if step.whole:
                complete.add(number)
            cost += step_cost
        whole = frozenset(
            number for number in complete if len(links.get(number, ())) == len(self._messages[number].links)
        )
        return Selection(
            whole=whole,
            shortened={
                number: self._text(number, sentences, links.get(number, ()))
                for number, sentences in kept.items()
                if number not in whole
            },
            cost=cost,
        )

    def _text(self, number: int, sentences: Collection[int], links: Collection[int]) -> str:
        """The text of a message with only these sentences, and only these links whole."""
        message = self._messages[number]
        text, spans = restore(message.text, message.spans, [message.links[at] for at in sorted(links)])
        # Cleaned again: a cut can separate characters that belong together, such as a pair of direction marks.
        return clean(shorten(text, spans, sentences))


def nothing() -> None:
    """Does nothing."""


def condense(
    corpus: Corpus,
    costs: TokenCosts,
    *,
    max_tokens: int,
    keep_first: bool = True,
    focus: str | None = None,
    days: Sequence[date | None] | None = None,
    similarity: Sequence[float] | None = None,
    pulse: Callable[[], None] = nothing,
) -> Plan:
    """The plan for the messages of `corpus` in budgets of up to `max_tokens`, counted by `costs`.

    `keep_first` means that the first message begins the conversation and is kept for that. `focus` is a question or a
    topic whose relevant messages come first; without any, the plan is that without a focus. `days` are the days of the
    messages in the reader's timezone, None for undated ones. `similarity` is the semantic similarity of each message to
    the focus, from 0 to 1. `costs` are those of the texts with cut links, so that a long link does not count against
    its message. `pulse` is called again and again; what it raises ends the work.

    Deterministic. Takes about n log n time for n messages, less for a smaller `max_tokens`.
    """
    corpus.analyse(pulse)
    salience = corpus.salience(costs.all_whole(pulse))
    found = None if focus is None else relevance(corpus, salience, focus, days=days, similarity=similarity)
    steps: list[Step] = []
    over_budget = 0
    for step in GreedySelection(salience, costs, found, keep_first=keep_first).steps():
        if not len(steps) % _PULSE_EVERY:
            pulse()
        steps.append(step)
        over_budget += step.cost > max_tokens
        if over_budget > _MAX_SKIPPED:
            break
    return Plan(salience, steps, focused=found is not None)
