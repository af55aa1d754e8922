"""Scores how informative each message of a conversation is per token: what condensing keeps first.

No language is assumed. Rare words show what a conversation is about; names and digits show who, when and how much. News
comes first after a pause and in answers, rarely in questions.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from mcp_server.condensing.analysis import TextAnalysis
from mcp_server.condensing.compact import Link
from mcp_server.condensing.sentences import Span
from mcp_server.conversation.models import Message

RARITY = 6.0
"""Weight of the rare words of a text, as a share of its tokens. All weights are natural logarithms: 0.7 doubles a
message's value. They are rounded from measurements on dialogues and not sensitive (docs/condensing.md)."""

TERM_RARITY_POWER = 4
"""The power of a term's rarity: a term in every tenth message counts almost nothing compared with a unique one."""

AFTER_PAUSE = 1.1
ANSWER = 0.8
EXACT_VALUE = 0.6
NAMES = 8.0
FIRST_MENTION = 1.5
QUESTION = -0.8

ANSWERED_QUESTION = 0.9
"""Logarithmic bonus of a question whose answer is shown, because it makes the answer understandable."""

SENTENCE_SHARE = 0.4
"""The weight of a sentence's own rare words; the rest is that of its whole message's."""

PAUSE_MS = 4 * 3_600_000
_MIN_TERM_WEIGHT = 0.02
_MIN_CAPITAL_SHARE = 0.7
_MAX_LOG_VALUE = 50.0
"""Far above the value of any text; keeps exponentials finite."""


MessageFacts = tuple[TextAnalysis, tuple[Sequence[str], ...], Sequence[str], int, int, bool, bool]
"""What a message has that is worth showing. All but its own words depends on the other messages.

Its text; the terms that are rare enough to count, per sentence and all; how many names and first mentions of recurring
terms there are; whether it follows a pause, and whether it is an answer. No named tuple, which takes longer to make.
"""


class Facts(NamedTuple):
    """The facts of a conversation's messages, oldest first. `weights` maps each term that counts to its weight."""

    messages: tuple[MessageFacts, ...]
    weights: dict[str, float]


class MessageSalience(NamedTuple):
    """What selection needs to know about one message.

    `spans` are its sentences, at least one. Per sentence: `terms`, the stems that are rare enough to count,
    `is_question`, and about how many tokens it takes (`sentence_tokens`). `all_terms` are the terms of the whole
    message, `tokens` its size. `bonus` is the logarithmic score it gets in addition to that of its terms. `links`
    are the links that are cut in the text.
    """

    text: str
    spans: tuple[Span, ...]
    terms: tuple[Sequence[str], ...]
    all_terms: Sequence[str]
    bonus: float
    is_question: tuple[bool, ...]
    tokens: int
    sentence_tokens: tuple[float, ...]
    links: Sequence[Link] = ()

    def sentence_of(self, link: int) -> int:
        """The index of the sentence that a link belongs to."""
        return max(0, bisect_right(self.spans, self.links[link].start, key=itemgetter(0)) - 1)

    def values(
        self, weights: Mapping[str, float], sentences: Iterable[int], *, answered: bool, rarity: float | None = None
    ) -> list[float]:
        """The values per token of sentences, by the current weights of terms.

        `answered`: the next message is shown. `rarity` is that of the message by these weights, where it is known.
        """
        _, spans, terms, all_terms, bonus, is_question, tokens, sizes, _ = self
        weight_of = weights.__getitem__
        # fsum is exact, here and elsewhere: the order of terms does not matter.
        if rarity is None:
            rarity = math.fsum(map(weight_of, all_terms))
        bonus += RARITY * (1 - SENTENCE_SHARE) * rarity / tokens
        values = []
        for at in sentences:
            own = rarity if len(spans) == 1 else math.fsum(map(weight_of, terms[at]))
            log_value = bonus + RARITY * SENTENCE_SHARE * own / sizes[at]
            if is_question[at]:
                log_value += QUESTION + (ANSWERED_QUESTION if answered else 0)
            values.append(math.exp(log_value if log_value < _MAX_LOG_VALUE else _MAX_LOG_VALUE))
        return values


class Salience:
    """The scored messages of a conversation, oldest first. `weights` maps each term to its weight, up to 1."""

    def __init__(self, messages: tuple[MessageSalience, ...], weights: dict[str, float]) -> None:
        self.messages = messages
        self.weights = weights

    @cached_property
    def values_alone(self) -> list[list[float]]:
        """The value per token of each sentence of each message while nothing is shown."""
        return [
            message.values(self.weights, range(len(message.spans)), answered=False, rarity=rarity)
            for message, rarity in zip(self.messages, self._rarities, strict=True)
        ]

    @cached_property
    def log_scores(self) -> list[float]:
        """The logarithm of each message's value per token while no other message is shown."""
        return [
            message.bonus
            + RARITY * rarity / message.tokens
            + QUESTION * (sum(message.is_question) / len(message.is_question))
            for message, rarity in zip(self.messages, self._rarities, strict=True)
        ]

    @cached_property
    def _rarities(self) -> list[float]:
        """The rarity of each message while nothing is shown."""
        weight_of = self.weights.__getitem__
        return [math.fsum(map(weight_of, message.all_terms)) for message in self.messages]


def find_facts(messages: Sequence[Message], texts: Sequence[TextAnalysis]) -> Facts:
    """The facts of `messages` (oldest first), whose texts have these analyses."""
    frequencies = Counter(chain.from_iterable([text.all_terms for text in texts]))
    weights = _weights(frequencies, len(messages))
    counts = weights.__contains__
    recurring = {term for term, frequency in frequencies.items() if frequency > 1}
    names = _names(texts)
    facts = []
    before: Message | None = None
    after_question = False
    for message, text in zip(messages, texts, strict=True):
        # A term of one message is rare anyway; one that is mentioned first here and again later is a topic.
        rare = tuple(filter(counts, text.all_terms))
        topics = recurring.intersection(text.all_terms)
        recurring -= topics
        if len(text.spans) == 1:
            terms: tuple[Sequence[str], ...] = (rare,)
            inside: Iterable[str] = text.words[0][1:]
        else:
            terms = tuple([tuple(filter(counts, of_sentence)) for of_sentence in text.terms])
            inside = chain.from_iterable([sentence[1:] for sentence in text.words])
        # A message without words, such as an emoji, is never news.
        has_words = bool(text.all_terms)
        pause = has_words and (before is None or follows_pause(before, message))
        answer = has_words and before is not None and after_question and before.sender != message.sender
        facts.append((text, terms, rare, len(names.intersection(inside)), len(topics), pause, answer))
        before, after_question = message, text.is_question[-1]
    return Facts(tuple(facts), weights)


def score_salience(
    facts: Facts, messages: Sequence[Message], links: Sequence[Sequence[Link]], tokens: Sequence[int]
) -> Salience:
    """Scores `messages` (oldest first), which have these facts and cut links and take `tokens` each (at least 1)."""
    scored = []
    for (text, terms, all_terms, names, topics, pause, answer), message, cut, size in zip(
        facts.messages, messages, links, tokens, strict=True
    ):
        bonus = (NAMES * names + FIRST_MENTION * topics) / size
        if text.has_exact_value:
            bonus += EXACT_VALUE
        if pause:
            bonus += AFTER_PAUSE
        if answer:
            bonus += ANSWER
        tokens_per_char = size / (len(message.text) or 1)
        sentence_tokens = tuple([max(1.0, tokens_per_char * (end - start)) for start, end in text.spans])
        scored.append(
            MessageSalience(
                message.text, text.spans, terms, all_terms, bonus, text.is_question, size, sentence_tokens, cut
            )
        )
    return Salience(tuple(scored), facts.weights)


def _weights(frequencies: Counter[str], count: int) -> dict[str, float]:
    """The weight of each term: 1 if it occurs in one message; common terms are left out."""
    highest = math.log(1 + count)
    weight_of = {
        frequency: (math.log(1 + count / frequency) / highest) ** TERM_RARITY_POWER
        for frequency in set(frequencies.values())
    }
    return {
        term: weight_of[frequency] for term, frequency in frequencies.items() if weight_of[frequency] > _MIN_TERM_WEIGHT
    }


def _names(texts: Iterable[TextAnalysis]) -> frozenset[str]:
    """The words that mostly have a capital letter inside sentences."""
    inside = Counter(chain.from_iterable([sentence[1:] for text in texts for sentence in text.words]))
    return frozenset(
        word
        for word, number in inside.items()
        if word[0].isupper() and len(word) > 1 and number > _MIN_CAPITAL_SHARE * (number + inside[word.lower()])
    )


def follows_pause(before: Message, message: Message) -> bool:
    """Whether more than PAUSE_MS passed between two messages."""
    if before.sent_at_ms is None or message.sent_at_ms is None:
        return False
    return message.sent_at_ms - before.sent_at_ms > PAUSE_MS
