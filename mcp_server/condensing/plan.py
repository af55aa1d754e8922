"""Which messages of a conversation to keep in a budget: whole, shortened to some sentences, or not at all.

One order is made whatever the budget: step by step what tells most for its tokens, beside the newest messages and the
opening, which are kept whole. A budget takes the steps in order as far as they fit, and fills what is left with smaller
ones. So a larger budget takes all that a smaller one took in order, and tells no less, unless what takes the place of
smaller steps is kept for its place: the next of the newest messages, or the opening.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mcp_server.condensing.relevance import relevance
from mcp_server.condensing.salience import Salience, score_salience
from mcp_server.condensing.selection import Costs, GreedySelection, Step
from mcp_server.condensing.sentences import shorten
from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Message
from mcp_server.garbage_collection import collector_paused


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown: `whole` messages, and `shortened` ones with what is left of their text; the rest is left out.

    Messages are numbered from 0, oldest first. `cost` is that of all of it, in tokens, its marks included.
    """

    whole: frozenset[int]
    shortened: dict[int, str]
    cost: int


FILLER = 0.3
"""What fills the rest of a budget tells, for a token, at least this share of what the first step beyond it tells."""

_MOST_PASSED = 40
"""So many steps that do not fit are passed over in search of smaller ones that do."""


class Plan:
    """The order in which messages are kept. `focused`: a focus was given, and something bears on it."""

    def __init__(self, told: Salience, steps: Sequence[Step], *, focused: bool) -> None:
        self.focused = focused
        self._told = told.messages
        self._steps = tuple(steps)

    def within(self, tokens: int) -> Selection:
        """What fits into `tokens`: the steps in order, and behind the first that does not fit, smaller ones that do.

        Those tell less for a token than the step they stand in for, so more tokens never hold less. Nothing where the
        newest message is too long.
        """
        kept: dict[int, set[int]] = {}
        whole: set[int] = set()
        cost = reached = passed = 0
        waiting: set[int] = set()
        least = 0.0
        for step in self._steps:
            added, reached = step.cost - reached, step.cost
            # A message whose next sentence did not fit gets none that come after it, and what would be the next of the
            # newest is not, where a newer one did not fit.
            newest = step.rate == math.inf and step.number > 0
            held_up = step.number in waiting or (newest and step.number + 1 in waiting)
            if held_up or step.rate < least or cost + max(0, added) > tokens:
                # What fills the rest must be worth its line: the last scraps of a budget buy an "Ouch" and a thumb.
                least = least or FILLER * step.rate if step.rate < math.inf else least
                waiting.add(step.number)
                passed += 1
                if not kept or passed > _MOST_PASSED:
                    break
                continue
            kept.setdefault(step.number, set()).update(step.sentences)
            if step.whole:
                whole.add(step.number)
            cost += added
        return Selection(
            whole=frozenset(whole),
            shortened={
                # Cleaned again: a cut can part what belongs together, such as two marks of direction.
                number: clean(shorten(self._told[number].text, self._told[number].spans, sentences))
                for number, sentences in kept.items()
                if number not in whole
            },
            cost=cost,
        )


# The collector would find nothing, and take a third of the time that 10,000 messages take.
@collector_paused()
def condense(
    messages: Sequence[Message],
    costs: Costs,
    *,
    most: int,
    opening: bool = True,
    focus: str | None = None,
    days: Sequence[date | None] | None = None,
    similarity: Sequence[float] | None = None,
) -> Plan:
    """The plan for `messages` (oldest first) in budgets of up to `most` tokens, counted as `costs` does.

    `opening`: the first of them is the conversation's first, and worth keeping for that.
    `focus` is a question or a topic: what bears on it comes first. `days` are those of the messages, as a reader knows
    them; `similarity` says how near each message is to it by another judge, from 0 to 1. Where nothing bears on it, the
    plan is the one without.

    The same input gives the same plan. Takes about n log n time for n messages, less for a smaller `most`.
    """
    told = score_salience(messages, [costs.whole(number) for number in range(len(messages))])
    found = None if focus is None else relevance(messages, told, focus, days=days, similarity=similarity)
    steps: list[Step] = []
    passed = 0
    for step in GreedySelection(told, costs, found, opening=opening).steps():
        steps.append(step)
        passed += step.cost > most
        if passed > _MOST_PASSED:
            break
    return Plan(told, steps, focused=found is not None)
