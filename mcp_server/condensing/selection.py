"""Greedy selection with diminishing returns: each step shows the message or sentence with the most value per token.

Showing a message changes the costs of its neighbours only, so the values of all others only fall. A heap of upper
bounds is therefore enough: the top entry is re-evaluated before it is used (lazy greedy).
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mcp_server.condensing.relevance import Focus
from mcp_server.condensing.salience import Salience
from mcp_server.condensing.sentences import MAX_SENTENCES
from mcp_server.condensing.shown_costs import ShownCosts, TokenCosts

NEWEST_SHARE = 0.25
"""The share of the selection that is the newest messages, whole."""

NEWEST_WITH_FOCUS = 2
NEWEST_SHARE_WITH_FOCUS = 0.1
"""With a focus, only this many messages are kept for being the newest, in this share of the selection."""

FIRST_MESSAGE_SHARE = 0.25
"""The first message is kept whole if it is at most this share of the selection."""

REPEATED_TERM = 0.5
"""A term's weight is multiplied by this each time it is shown."""

FOCUS_SHARPNESS = 8
"""The power of the relevance: a message half as relevant counts 256 times less."""

CLOSE_MATCH = 0.5
"""Messages that are this relevant, and their links, come before those that are kept for their position."""

SALIENCE_WITH_FOCUS = 1e-10
"""The weight of salience relative to relevance: it decides where relevance is below about a tenth of the highest."""

SENTENCE_FOCUS = 2.0
"""Logarithmic bonus of a sentence with all words of the focus."""

OVERHEAD_TOKENS = 100
"""Approximate size of preamble and footer, for computing shares of an answer."""

CUT_TOKENS = 6
"""Approximate cost of a cut: its mark, the mark of the line, and lost token merges."""


class Step(NamedTuple):
    """Shows further `sentences` of message `number`; `cost` is that of everything shown after this step.

    `whole` means that no sentence of the message is missing any more. `value_per_token` is infinite for messages shown
    because of their position. With a `link`, the step shows nothing but this link of the message whole, in one of the
    `sentences` that were shown by earlier steps.
    """

    number: int
    sentences: tuple[int, ...]
    whole: bool
    cost: int
    value_per_token: float = math.inf
    link: int | None = None


_Candidate = tuple[float, tuple[int, ...]]
"""The value per token of the sentences of a message that could be shown next, and their numbers."""

_NO_BOOSTS = (0.0,) * MAX_SENTENCES

_ALL = tuple([tuple(range(count)) for count in range(MAX_SENTENCES + 1)])
"""The numbers of all sentences of a message, by how many it has."""


class GreedySelection:
    """The selection for one conversation; its state is what has been shown so far."""

    def __init__(self, salience: Salience, costs: TokenCosts, focus: Focus | None, *, keep_first: bool = True) -> None:
        """With `keep_first`, the first message is kept for being the first (see FIRST_MESSAGE_SHARE)."""
        self._salience = salience
        self._messages = salience.messages
        self._weights = dict(salience.weights)
        self._shown = ShownCosts(salience.messages, costs)
        self._has_focus = focus is not None
        self._salience_weight = 1.0 if focus is None else SALIENCE_WITH_FOCUS
        self._boosts = [_NO_BOOSTS] * len(salience.messages) if focus is None else _boosts(focus)
        self._keep_first = keep_first
        self._least_before_position = math.inf if focus is None else CLOSE_MATCH**FOCUS_SHARPNESS
        self._cut_links: list[tuple[float, int, int]] = []
        """A heap of the cut links of shown sentences: a link is worth as much per token as its message."""
        self._whole: set[int] = set()
        # Candidates computed since the last message was shown: until the next one they stay the same.
        self._candidates: dict[int, _Candidate] = {}

    def steps(self) -> Iterator[Step]:
        """The steps until every message is whole. The first step shows the newest message."""
        newest, first_pending = len(self._messages) - 1, self._keep_first
        newest_cost = 0
        heap = [(-bound, number) for number, bound in enumerate(self._upper_bounds())]
        heapq.heapify(heap)
        while heap or self._cut_links:
            if newest < len(self._messages) - 1 and self._comes_before_position(heap):
                step = self._show_best_or_link(heap)
            elif self._newest_is_due(newest, newest_cost):
                newest_cost += self._messages[newest].tokens
                step = self._show_rest(newest)
                newest -= 1
            elif first_pending and self._first_is_affordable():
                first_pending = False
                step = self._show_rest(0)
            else:
                step = self._show_best_or_link(heap)
                while step is None and (heap or self._cut_links):  # nothing else becomes due before something is shown
                    step = self._show_best_or_link(heap)
            if step is not None:
                yield step

    def _comes_before_position(self, heap: list[tuple[float, int]]) -> bool:
        """Whether the next step is to come before messages that are kept for their position.

        With a focus, these are the first step of a close match, and links in close matches. Without, these are links in
        messages that were kept for their position themselves.
        """
        if self._cut_links and -self._cut_links[0][0] >= self._least_before_position:
            return True
        while heap and heap[0][1] in self._whole:
            heapq.heappop(heap)
        return bool(heap) and -heap[0][0] >= self._least_before_position and heap[0][1] not in self._shown.kept

    def _newest_is_due(self, newest: int, newest_cost: int) -> bool:
        """Whether the next of the newest messages must be shown now."""
        if newest == len(self._messages) - 1 or newest < 0:
            return newest >= 0
        share = NEWEST_SHARE_WITH_FOCUS if self._has_focus else NEWEST_SHARE
        if self._has_focus and newest < len(self._messages) - NEWEST_WITH_FOCUS:
            return False
        # Rounded: a message that would be mostly beyond the share waits until more is kept.
        return newest_cost + self._messages[newest].tokens / 2 <= share * (self._shown.total + OVERHEAD_TOKENS)

    def _first_is_affordable(self) -> bool:
        tokens = self._messages[0].tokens
        return tokens <= FIRST_MESSAGE_SHARE * (self._shown.total + OVERHEAD_TOKENS + tokens)

    def _show_rest(self, number: int) -> Step | None:
        kept = self._shown.kept.get(number, ())
        rest = tuple([at for at in range(len(self._messages[number].spans)) if at not in kept])
        if not rest:
            return None
        value = math.inf
        if self._has_focus:
            tokens = self._messages[number].tokens - self._shown.text(number)
            value = sum(self._values(number, rest)) / max(1, self._shown.join(number) + tokens)
        return self._show(number, rest, math.inf, value_of_links=value)

    def _show_best_or_link(self, heap: list[tuple[float, int]]) -> Step | None:
        if self._cut_links and not (heap and heap[0][0] < self._cut_links[0][0]):
            value, number, link = heapq.heappop(self._cut_links)
            self._shown.show_link(number, link)
            sentence = self._messages[number].sentence_of(link)
            return Step(number, (sentence,), whole=False, cost=self._shown.total, value_per_token=-value, link=link)
        return self._show_best(heap) if heap else None

    def _show_best(self, heap: list[tuple[float, int]]) -> Step | None:
        """Shows the top of the heap if it still has the highest value per token; otherwise puts it back."""
        number = heapq.heappop(heap)[1]
        candidate = self._candidate(number)
        if candidate is None:
            return None
        value_per_token, sentences = candidate
        if heap and -value_per_token > heap[0][0]:
            heapq.heappush(heap, (-value_per_token, number))
            return None
        step = self._show(number, sentences, value_per_token, value_of_links=value_per_token)
        for near in range(max(0, number - 1), min(number + 2, len(self._messages))):
            if updated := self._candidate(near):
                heapq.heappush(heap, (-updated[0], near))
        return step

    def _show(self, number: int, sentences: tuple[int, ...], value_per_token: float, *, value_of_links: float) -> Step:
        """The step that shows these sentences. Their links are worth `value_of_links` per token."""
        whole = self._shown.show(number, sentences)
        if whole:
            self._whole.add(number)
        self._candidates.clear()
        message = self._messages[number]
        for at in range(len(message.links)):
            if message.sentence_of(at) in sentences:
                heapq.heappush(self._cut_links, (-value_of_links, number, at))
        for term in {term for at in sentences for term in message.terms[at]}:
            self._weights[term] *= REPEATED_TERM
        return Step(number, sentences, whole, self._shown.total, value_per_token)

    def _candidate(self, number: int) -> _Candidate | None:
        """The best next addition from a message: one sentence, or all that is missing. None if it is whole."""
        if number in self._whole:
            return None
        found = self._candidates.get(number)
        if found is None:
            found = self._candidates[number] = self._best_addition(number)
        return found

    def _best_addition(self, number: int) -> _Candidate:
        message, shown = self._messages[number], self._shown
        count, kept = len(message.spans), shown.kept.get(number)
        if kept is None:
            rest, join_cost, missing_tokens = _ALL[count], shown.join(number), message.tokens
        else:
            rest = tuple([at for at in range(count) if at not in kept])
            join_cost, missing_tokens = 0, message.tokens - shown.text(number)
        values = self._values(number, rest)
        best, best_rest = sum(values) / max(1, join_cost + missing_tokens), rest
        if len(rest) == 1:
            return best, rest
        sizes = message.sentence_tokens
        if kept is None and max(values) / max(1.0, join_cost + min(sizes) + CUT_TOKENS) <= best:
            return best, rest  # with at least one cut, no sentence is worth as much
        for at, value in zip(rest, values, strict=True):
            if kept is None:
                new_cuts = 1 if at == 0 or at + 1 == count else 2
            else:
                new_cuts = (at > 0 and at - 1 not in kept) + (at + 1 < count and at + 1 not in kept) - 1
            value_per_token = value / max(1.0, join_cost + sizes[at] + CUT_TOKENS * new_cuts)
            if value_per_token > best:
                best, best_rest = value_per_token, (at,)
        return best, best_rest

    def _upper_bounds(self) -> list[float]:
        """For each message, a value per token that no candidate exceeds while its neighbours are not shown."""
        weight = self._salience_weight
        # Multiplied and divided, so that it is rounded as the values of candidates are.
        return [
            (weight * values[0] + boosts[0]) * message.sentence_tokens[0] / message.sentence_tokens[0]
            if len(values) == 1
            else max(
                [
                    (weight * value + boost) * tokens / tokens
                    for value, boost, tokens in zip(values, boosts, message.sentence_tokens, strict=False)
                ]
            )
            for values, boosts, message in zip(self._salience.values_alone, self._boosts, self._messages, strict=True)
        ]

    def _values(self, number: int, sentences: Sequence[int]) -> list[float]:
        """The current value of each sentence."""
        message, boosts, weight = self._messages[number], self._boosts[number], self._salience_weight
        sizes = message.sentence_tokens
        values = message.values(self._weights, sentences, answered=number + 1 in self._shown.kept)
        if len(values) == 1:
            at = sentences[0]
            return [(weight * values[0] + boosts[at]) * sizes[at]]
        return [(weight * value + boosts[at]) * sizes[at] for value, at in zip(values, sentences, strict=True)]


def _boosts(focus: Focus) -> list[Sequence[float]]:
    """For each message, what its relevance to the focus adds to the value per token of each of its sentences."""
    return [
        [of_message * math.exp(SENTENCE_FOCUS * share) if share else of_message for share in shares]
        if any(shares)
        else (of_message,) * len(shares)
        for of_message, shares in zip(
            [relevance**FOCUS_SHARPNESS for relevance in focus.messages], focus.sentences, strict=True
        )
    ]
