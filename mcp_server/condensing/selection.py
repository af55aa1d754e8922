"""What to show next of a conversation, step after step, by what it tells for its tokens.

A greedy choice with diminishing returns. A message shown moves the costs of its neighbours alone, so the rates of all
others only fall, and a heap of rates that may be too high is enough: what comes up is worked out anew.
"""

import heapq
import math
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from mcp_server.condensing.relevance import Focus
from mcp_server.condensing.salience import QUESTION, RARITY, Salience
from mcp_server.condensing.sentences import shorten

NEWEST_SHARE = 0.25
"""How much of what is kept are the newest messages, whole."""

NEWEST_WITH_FOCUS = 3
"""With a focus only these are kept for being the newest."""

OPENING_SHARE = 0.25
"""How much of what is kept the first message may take to be kept whole for being the first."""

REPEATED = 0.5
"""What a word still counts at each further mention that is kept."""

OWN_SHARE = 0.4
"""How much a sentence's own rare words count, beside those of its whole message."""

QUESTION_OF_ANSWER = 0.9
"""The logarithm of how much more a question counts once its answer is kept, which it makes understandable."""

FOCUS_SHARPNESS = 8
"""Relevance to this power leads: a message half as relevant counts 256 times less."""

FOCUS_FLOOR = 1e-10
"""What plain telling counts beside relevance: it leads where relevance is below about a tenth of the highest."""

SENTENCE_FOCUS = 2.0
"""The logarithm of how much more a sentence with all words of the focus counts than one without."""

OVERHEAD_TOKENS = 100
"""About what an answer says beside the messages, where shares of it are worked out."""

CUT_TOKENS = 6
"""About what a cut takes: its own mark, that of the line, and the words that no longer join."""

_MOST_WORTH = 50.0
"""Far above what any text is worth; what follows stays finite."""


class Costs(Protocol):
    """What showing messages costs, in tokens. Messages are numbered from 0, oldest first."""

    def join(self, before: int | None, after: int | None) -> int:
        """All that stands between the text of one message shown and that of the next one shown.

        None: nothing is shown before, or behind. What is left out between the two is marked here.
        """
        ...

    def whole(self, number: int) -> int:
        """The text of a message, at least 1."""
        ...

    def cut(self, number: int, text: str) -> int:
        """A message shortened to `text`."""
        ...


class Step(NamedTuple):
    """These sentences of that message are shown too; `cost` is that of all shown by then.

    `whole` tells that nothing of the message is missing now; `rate` what it tells for a token, infinite where it is
    shown for its place.
    """

    number: int
    sentences: tuple[int, ...]
    whole: bool
    cost: int
    rate: float = math.inf


class _Offer(NamedTuple):
    """What could be shown next of a message, and its worth for a token."""

    rate: float
    sentences: tuple[int, ...]


class GreedySelection:
    """The choice of one conversation. Its state is what is shown so far."""

    def __init__(self, told: Salience, costs: Costs, focus: Focus | None, *, opening: bool = True) -> None:
        self._told = told.messages
        self._weights = dict(told.weights)
        self._costs = costs
        self._focus = focus
        self._opening = opening
        self._shown: list[int] = []
        self._kept: dict[int, set[int]] = {}
        self._text_costs: dict[int, int] = {}
        self._cost = 0

    def steps(self) -> Iterator[Step]:
        """The steps, until every message is whole. The newest message is the first."""
        newest, opening_due = len(self._told) - 1, self._opening
        newest_cost = 0
        offers = [(-self._highest_rate(number), number) for number in range(len(self._told))]
        heapq.heapify(offers)
        while offers:
            if self._wants_newest(newest, newest_cost):
                newest_cost += self._told[newest].tokens
                yield from self._show_rest(newest)
                newest -= 1
            elif opening_due and self._may_open():
                opening_due = False
                yield from self._show_rest(0)
            else:
                yield from self._show_best(offers)

    def _wants_newest(self, newest: int, newest_cost: int) -> bool:
        """Whether the next of the newest messages has to come now."""
        if newest == len(self._told) - 1 or newest < 0:
            return newest >= 0
        if self._focus is not None:
            return newest >= len(self._told) - NEWEST_WITH_FOCUS
        # To the nearest: a message that would be mostly beyond the share waits until more is kept.
        return newest_cost + self._told[newest].tokens / 2 <= NEWEST_SHARE * (self._cost + OVERHEAD_TOKENS)

    def _may_open(self) -> bool:
        tokens = self._told[0].tokens
        return tokens <= OPENING_SHARE * (self._cost + OVERHEAD_TOKENS + tokens)

    def _show_rest(self, number: int) -> Iterator[Step]:
        kept = self._kept.get(number, ())
        rest = tuple(at for at in range(len(self._told[number].spans)) if at not in kept)
        if rest:
            yield self._show(number, rest)

    def _show_best(self, offers: list[tuple[float, int]]) -> Iterator[Step]:
        """The step that tells most for its tokens, if the first of `offers` holds what it promises."""
        number = heapq.heappop(offers)[1]
        offer = self._offer(number)
        if offer is None:
            return
        if offers and -offer.rate > offers[0][0]:
            heapq.heappush(offers, (-offer.rate, number))
            return
        yield self._show(number, offer.sentences)._replace(rate=offer.rate)
        for near in range(max(0, number - 1), min(number + 2, len(self._told))):
            if again := self._offer(near):
                heapq.heappush(offers, (-again.rate, near))

    def _show(self, number: int, sentences: tuple[int, ...]) -> Step:
        told = self._told[number]
        if number not in self._kept:
            self._cost += self._join_cost(number)
            insort(self._shown, number)
        kept = self._kept.setdefault(number, set())
        kept.update(sentences)
        whole = len(kept) == len(told.spans)
        cost = told.tokens if whole else self._costs.cut(number, shorten(told.text, told.spans, kept))
        self._cost += cost - self._text_costs.get(number, 0)
        self._text_costs[number] = cost
        for term in frozenset().union(*(told.terms[at] for at in sentences)):
            self._weights[term] *= REPEATED
        return Step(number, sentences, whole, self._cost)

    def _join_cost(self, number: int) -> int:
        """What showing a message adds besides its text."""
        at = bisect_left(self._shown, number)
        before = self._shown[at - 1] if at else None
        after = self._shown[at] if at < len(self._shown) else None
        join = self._costs.join
        return join(before, number) + join(number, after) - join(before, after)

    def _offer(self, number: int) -> _Offer | None:
        """The best that could be shown next of a message: a sentence more, or all there is; None when it is whole."""
        told = self._told[number]
        count = len(told.spans)
        kept = self._kept.get(number)
        rest = tuple(range(count)) if kept is None else tuple(at for at in range(count) if at not in kept)
        if not rest:
            return None
        values = self._values(number, rest)
        if kept is None:
            joined, cuts = self._join_cost(number), 0
        else:
            joined, cuts = 0, 1
        left = told.tokens - self._text_costs.get(number, 0)
        best = _Offer(sum(values) / max(1, joined + left), rest)
        if len(rest) == 1:
            return best
        for at, value in zip(rest, values, strict=True):
            missing = (at > 0 and not _has(kept, at - 1)) + (at + 1 < count and not _has(kept, at + 1))
            rate = value / max(1.0, joined + told.lengths[at] + CUT_TOKENS * (missing - cuts))
            if rate > best.rate:
                best = _Offer(rate, (at,))
        return best

    def _highest_rate(self, number: int) -> float:
        """A rate that no offer of a message is above, as long as its neighbours are not shown."""
        told = self._told[number]
        return max(
            value / length
            for value, length in zip(self._values(number, range(len(told.spans))), told.lengths, strict=True)
        )

    def _values(self, number: int, sentences: Sequence[int]) -> list[float]:
        """What each sentence is worth by now."""
        told, left = self._told[number], self._weights.__getitem__
        rarity = math.fsum(map(left, told.every_term))
        bonus = told.bonus + RARITY * (1 - OWN_SHARE) * rarity / told.tokens
        values = []
        for at in sentences:
            length = told.lengths[at]
            own = math.fsum(map(left, told.terms[at])) if len(told.terms) > 1 else rarity
            worth = bonus + RARITY * OWN_SHARE * own / length
            if told.asks[at]:
                worth += QUESTION + (QUESTION_OF_ANSWER if number + 1 in self._kept else 0)
            value = math.exp(min(worth, _MOST_WORTH))
            if self._focus is not None:
                relevance = self._focus.messages[number] ** FOCUS_SHARPNESS
                value = FOCUS_FLOOR * value + relevance * math.exp(SENTENCE_FOCUS * self._focus.sentences[number][at])
            values.append(value * length)
        return values


def _has(kept: Collection[int] | None, number: int) -> bool:
    return kept is not None and number in kept
