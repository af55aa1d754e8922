"""Greedy selection with diminishing returns: each step shows the message or sentence with the most value per token.

Showing a message changes the costs of its neighbours only, so the values of all others only fall. A heap of upper
bounds is therefore enough: the top entry is re-evaluated before it is used (lazy greedy).
"""

import heapq
import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from mcp_server.condensing.relevance import Focus
from mcp_server.condensing.salience import QUESTION, RARITY, Salience
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

SENTENCE_SHARE = 0.4
"""The weight of a sentence's own rare words; the rest is that of its whole message's."""

ANSWERED_QUESTION = 0.9
"""Logarithmic bonus of a question whose answer is shown, because it makes the answer understandable."""

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

_MAX_LOG_VALUE = 50.0
"""Far above the value of any text; keeps exponentials finite."""


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


class _Candidate(NamedTuple):
    """The sentences of a message that could be shown next."""

    value_per_token: float
    sentences: tuple[int, ...]


class GreedySelection:
    """The selection for one conversation; its state is what has been shown so far."""

    def __init__(self, salience: Salience, costs: TokenCosts, focus: Focus | None, *, keep_first: bool = True) -> None:
        """With `keep_first`, the first message is kept for being the first (see FIRST_MESSAGE_SHARE)."""
        self._messages = salience.messages
        self._weights = dict(salience.weights)
        self._shown = ShownCosts(salience.messages, costs)
        self._focus = focus
        self._keep_first = keep_first
        self._cut_links: list[tuple[float, int, int]] = []
        """A heap of the cut links of shown sentences: a link is worth as much per token as its message."""

    def steps(self) -> Iterator[Step]:
        """The steps until every message is whole. The first step shows the newest message."""
        newest, first_pending = len(self._messages) - 1, self._keep_first
        newest_cost = 0
        heap = [(-self._upper_bound(number), number) for number in range(len(self._messages))]
        heapq.heapify(heap)
        while heap or self._cut_links:
            if newest < len(self._messages) - 1 and self._comes_before_position(heap):
                yield from self._show_best_or_link(heap)
            elif self._newest_is_due(newest, newest_cost):
                newest_cost += self._messages[newest].tokens
                yield from self._show_rest(newest)
                newest -= 1
            elif first_pending and self._first_is_affordable():
                first_pending = False
                yield from self._show_rest(0)
            else:
                yield from self._show_best_or_link(heap)

    def _comes_before_position(self, heap: list[tuple[float, int]]) -> bool:
        """Whether the next step is to come before messages that are kept for their position.

        With a focus, these are the first step of a close match, and links in close matches. Without, these are links in
        messages that were kept for their position themselves.
        """
        least = math.inf if self._focus is None else CLOSE_MATCH**FOCUS_SHARPNESS
        if self._cut_links and -self._cut_links[0][0] >= least:
            return True
        while heap and self._shown.is_complete(heap[0][1]):
            heapq.heappop(heap)
        return bool(heap) and -heap[0][0] >= least and heap[0][1] not in self._shown.kept

    def _newest_is_due(self, newest: int, newest_cost: int) -> bool:
        """Whether the next of the newest messages must be shown now."""
        if newest == len(self._messages) - 1 or newest < 0:
            return newest >= 0
        share = NEWEST_SHARE if self._focus is None else NEWEST_SHARE_WITH_FOCUS
        if self._focus is not None and newest < len(self._messages) - NEWEST_WITH_FOCUS:
            return False
        # Rounded: a message that would be mostly beyond the share waits until more is kept.
        return newest_cost + self._messages[newest].tokens / 2 <= share * (self._shown.total + OVERHEAD_TOKENS)

    def _first_is_affordable(self) -> bool:
        tokens = self._messages[0].tokens
        return tokens <= FIRST_MESSAGE_SHARE * (self._shown.total + OVERHEAD_TOKENS + tokens)

    def _show_rest(self, number: int) -> Iterator[Step]:
        kept = self._shown.kept.get(number, ())
        rest = tuple(at for at in range(len(self._messages[number].spans)) if at not in kept)
        if not rest:
            return
        value = math.inf
        if self._focus is not None:
            tokens = self._messages[number].tokens - self._shown.text(number)
            value = sum(self._values(number, rest)) / max(1, self._shown.join(number) + tokens)
        yield self._show(number, rest, value)

    def _show_best_or_link(self, heap: list[tuple[float, int]]) -> Iterator[Step]:
        if self._cut_links and not (heap and heap[0][0] < self._cut_links[0][0]):
            value, number, link = heapq.heappop(self._cut_links)
            self._shown.show_link(number, link)
            sentence = self._messages[number].sentence_of(link)
            yield Step(number, (sentence,), whole=False, cost=self._shown.total, value_per_token=-value, link=link)
        elif heap:
            yield from self._show_best(heap)

    def _show_best(self, heap: list[tuple[float, int]]) -> Iterator[Step]:
        """Shows the top of the heap if it still has the highest value per token; otherwise puts it back."""
        number = heapq.heappop(heap)[1]
        candidate = self._candidate(number)
        if candidate is None:
            return
        if heap and -candidate.value_per_token > heap[0][0]:
            heapq.heappush(heap, (-candidate.value_per_token, number))
            return
        value_per_token = candidate.value_per_token
        yield self._show(number, candidate.sentences, value_per_token)._replace(value_per_token=value_per_token)
        for near in range(max(0, number - 1), min(number + 2, len(self._messages))):
            if updated := self._candidate(near):
                heapq.heappush(heap, (-updated.value_per_token, near))

    def _show(self, number: int, sentences: tuple[int, ...], value_per_token: float) -> Step:
        """The step that shows these sentences. Their links are worth `value_per_token`."""
        whole = self._shown.show(number, sentences)
        message = self._messages[number]
        for at in range(len(message.links)):
            if message.sentence_of(at) in sentences:
                heapq.heappush(self._cut_links, (-value_per_token, number, at))
        for term in frozenset().union(*(message.terms[at] for at in sentences)):
            self._weights[term] *= REPEATED_TERM
        return Step(number, sentences, whole, self._shown.total)

    def _candidate(self, number: int) -> _Candidate | None:
        """The best next addition from a message: one sentence, or all that is missing. None if it is whole."""
        message = self._messages[number]
        count = len(message.spans)
        kept = self._shown.kept.get(number)
        rest = tuple(range(count)) if kept is None else tuple(at for at in range(count) if at not in kept)
        if not rest:
            return None
        values = self._values(number, rest)
        if kept is None:
            join_cost, cuts = self._shown.join(number), 0
        else:
            join_cost, cuts = 0, 1
        missing_tokens = message.tokens - self._shown.text(number)
        best = _Candidate(sum(values) / max(1, join_cost + missing_tokens), rest)
        if len(rest) == 1:
            return best
        for at, value in zip(rest, values, strict=True):
            new_cuts = (at > 0 and not _has(kept, at - 1)) + (at + 1 < count and not _has(kept, at + 1))
            tokens = join_cost + message.sentence_tokens[at] + CUT_TOKENS * (new_cuts - cuts)
            value_per_token = value / max(1.0, tokens)
            if value_per_token > best.value_per_token:
                best = _Candidate(value_per_token, (at,))
        return best

    def _upper_bound(self, number: int) -> float:
        """A value per token that no candidate of a message exceeds while its neighbours are not shown."""
        message = self._messages[number]
        return max(
            value / tokens
            for value, tokens in zip(
                self._values(number, range(len(message.spans))), message.sentence_tokens, strict=True
            )
        )

    def _values(self, number: int, sentences: Sequence[int]) -> list[float]:
        """The current value of each sentence."""
        message, weight_of = self._messages[number], self._weights.__getitem__
        rarity = math.fsum(map(weight_of, message.all_terms))
        bonus = message.bonus + RARITY * (1 - SENTENCE_SHARE) * rarity / message.tokens
        values = []
        for at in sentences:
            tokens = message.sentence_tokens[at]
            own = math.fsum(map(weight_of, message.terms[at])) if len(message.terms) > 1 else rarity
            log_value = bonus + RARITY * SENTENCE_SHARE * own / tokens
            if message.is_question[at]:
                log_value += QUESTION + (ANSWERED_QUESTION if number + 1 in self._shown.kept else 0)
            value = math.exp(min(log_value, _MAX_LOG_VALUE))
            if self._focus is not None:
                relevance = self._focus.messages[number] ** FOCUS_SHARPNESS
                by_sentence = math.exp(SENTENCE_FOCUS * self._focus.sentences[number][at])
                value = SALIENCE_WITH_FOCUS * value + relevance * by_sentence
            values.append(value * tokens)
        return values


def _has(kept: Collection[int] | None, number: int) -> bool:
    return kept is not None and number in kept
