"""Simpler ways to choose messages, to compare condensing with: each gives an order, in which `answer` takes them whole.

All answers are the product's own transcripts, so a message costs a peer what it costs the product: its line, the day
and time it needs in front of it, the marks of what is left out around it.
"""

import heapq
import math
import random
import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence

from mcp_server.conversation.models import Message
from mcp_server.transcript.answer import AnswerBuilder
from mcp_server.transcript.layout import Item, ShownMessage
from mcp_server.transcript.line_costs import LineCosts
from mcp_server.transcript.verbatim import fits_whole

Order = Sequence[int]
"""Numbers of messages, from 0, oldest first; in the order in which they are taken."""

K1, B = 1.2, 0.75
"""BM25's parameters as most search engines ship them."""

LINE_TOKENS = 6
"""Approximate tokens of a line besides its text, for weighing coverage against cost."""

_WORD = re.compile(r"\w+")
_MOST_PASSED = 40
_MOST_TRIES = 6


def random_order(messages: Sequence[Message], seed: int) -> Order:
    """Any order, the same for the same seed."""
    return random.Random(seed).sample(range(len(messages)), len(messages))


def coverage_order(messages: Sequence[Message], tokens: Sequence[int]) -> Order:
    """Greedy coverage of words, each worth its rarity, once: what adds most for its tokens comes first."""
    texts = [set(_words(message)) for message in messages]
    seen_in = Counter(word for text in texts for word in text)
    rarity = {word: math.log(len(texts) / number) for word, number in seen_in.items()}

    def rate(number: int) -> float:
        # Sorted, because the order of a set, and with it the last digit of a sum, is another in every process.
        return -sum(rarity[word] for word in sorted(texts[number])) / (tokens[number] + LINE_TOKENS)

    order: list[int] = []
    waiting = [(rate(number), number) for number in range(len(texts))]
    heapq.heapify(waiting)
    while waiting:
        _, number = heapq.heappop(waiting)
        now = rate(number)
        if waiting and now > waiting[0][0]:
            heapq.heappush(waiting, (now, number))
            continue
        order.append(number)
        for word in texts[number]:
            rarity[word] = 0.0
    return order


def bm25_order(messages: Sequence[Message], question: str) -> Order:
    """Okapi BM25 over lower-case words, the question as the query; messages that share no word with it newest first."""
    texts = [Counter(_words(message)) for message in messages]
    seen_in = Counter(word for text in texts for word in text)
    lengths = [text.total() for text in texts]
    mean = sum(lengths) / len(lengths)
    scores = [0.0] * len(texts)
    for word in _WORD.findall(question.lower()):
        rarity = math.log(1 + (len(texts) - seen_in[word] + 0.5) / (seen_in[word] + 0.5))
        for number, text in enumerate(texts):
            if text[word]:
                scores[number] += (
                    rarity * text[word] * (K1 + 1) / (text[word] + K1 * (1 - B + B * lengths[number] / mean))
                )
    return sorted(range(len(texts)), key=lambda number: (-scores[number], -number))


def answer(builder: AnswerBuilder, order: Order) -> str:
    """The answer that shows messages in this order as long as they fit; one that does not fit is passed over."""
    if reading := fits_whole(builder):
        return reading.text
    builder = builder.with_changes(hours_per_time=24)
    least = 1 if builder.window_cursor is not None else None
    costs = LineCosts(builder.laid_out[::-1], builder.token_sizes, builder.allowance, least_numbered_gap=least)
    allowance, tokens, best, tried = builder.allowance, builder.allowance.tokens, "", set[int]()
    for _ in range(_MOST_TRIES):
        shown, cost = _taken(costs, order, tokens)
        if cost in tried:
            break
        tried.add(cost)
        size, reading = builder.draft(_items(builder, costs, shown), covered=len(order))
        if allowance.holds(size):
            best = reading.text
        tokens = cost + allowance.tokens - allowance.effective_tokens(size)
    return best


def _taken(costs: LineCosts, order: Order, tokens: int) -> tuple[list[int], int]:
    """The messages that fit into so many tokens, in their own order, and what they cost."""
    shown: list[int] = []
    total = passed = 0
    for number in order:
        at = bisect_left(shown, number)
        before, after = shown[at - 1] if at else None, shown[at] if at < len(shown) else None
        join = costs.join(before, number) + costs.join(number, after) - (costs.join(before, after) if shown else 0)
        cost = total + join + costs.whole(number)
        if cost <= tokens:
            insort(shown, number)
            total = cost
            continue
        passed += 1
        if passed > _MOST_PASSED:
            break
    return shown, total


def _items(builder: AnswerBuilder, costs: LineCosts, shown: Sequence[int]) -> list[Item]:
    """The messages shown, oldest first, with a mark for every stretch left out."""
    items: list[Item] = []
    done = 0
    for number in (*shown, len(builder.laid_out)):
        if number > done:
            items.append(costs.gap_between(done, number))
        if number < len(builder.laid_out):
            laid_out = builder.laid_out[-1 - number]
            items.append(ShownMessage(laid_out, laid_out.text))
        done = number + 1
    return items


def _words(message: Message) -> list[str]:
    return _WORD.findall(message.text.lower())
