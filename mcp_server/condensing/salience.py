"""How much each message of a conversation tells, per token: what condensing keeps first.

Nothing here knows a language. What a conversation is about shows in what is rare in it; who, when and how much shows in
names and digits; news comes first after a pause and in answers, hardly ever in questions.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import regex

from mcp_server.condensing.sentences import Span, sentences
from mcp_server.condensing.terms import Stems, words
from mcp_server.conversation.models import Message

RARITY = 6.0
"""Weight of the rare words of a text, as a share of its tokens. All weights are natural logarithms: one of 0.7 makes a
message count twice. They are rounded from what dialogues agreed on when each was left out in turn; a little more or
less of any changes little (docs/condensing.md)."""

SHARPNESS = 4
"""The power that a word's rarity is raised to: a word of every tenth message hardly counts beside a unique one."""

AFTER_PAUSE = 1.1
ANSWER = 0.8
EXACT = 0.6
NAMES = 8.0
FIRST_MENTION = 1.5
QUESTION = -0.8

PAUSE_MS = 4 * 3_600_000
_COMMON = 0.02
_NAME_SHARE = 0.7
_QUESTION_ENDS = ("?", "？", "؟", "⸮", "՞", "か", "吗", "嗎", "呢")
_MAY_ASK = re.compile(f"[{''.join(_QUESTION_ENDS)}]")
_AFTER_END = "。.!！)）\"'”’」』 "
_EXACT = regex.compile(r"[\p{Nd}\p{Sc}@]|https?:")
_EXACT_ASCII = re.compile(r"[0-9$@]|https?:")


class MessageSalience(NamedTuple):
    """What one message tells.

    `spans` are its sentences, at least one; `words` and `terms` those of each, as written and as they are counted where
    they are rare enough; `every_term` the terms of all. `bonus` is the logarithm of how much more the message counts
    than its words say; `asks` tells which of its sentences are questions. It takes `tokens`, each sentence about as
    many as `lengths` says.
    """

    text: str
    spans: tuple[Span, ...]
    words: Sequence[Sequence[str]]
    terms: tuple[frozenset[str], ...]
    every_term: frozenset[str]
    bonus: float
    asks: tuple[bool, ...]
    tokens: int
    lengths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Salience:
    """What the messages of a conversation tell, oldest first; `weights` says how much each term counts, up to 1."""

    messages: tuple[MessageSalience, ...]
    weights: dict[str, float]

    def worth(self, number: int) -> float:
        """The logarithm of how much a message tells for its tokens, while nothing is said yet."""
        told = self.messages[number]
        # An exact sum, here and elsewhere: the order of a set is another in every process.
        rarity = math.fsum(map(self.weights.__getitem__, told.every_term))
        return told.bonus + RARITY * rarity / told.tokens + QUESTION * sum(told.asks) / len(told.asks)


def score_salience(messages: Sequence[Message], tokens: Sequence[int]) -> Salience:
    """What each of `messages` (oldest first) tells, when it takes so many `tokens`, at least one."""
    stems = Stems()
    spans = [sentences(message.text) or (Span(0, len(message.text)),) for message in messages]
    written = [
        [words(message.text[start:end]) for start, end in found] for message, found in zip(messages, spans, strict=True)
    ]
    stemmed = [[frozenset(map(stems.__getitem__, sentence)) for sentence in message] for message in written]
    every = [message[0].union(*message[1:]) for message in stemmed]
    seen_in = Counter(chain.from_iterable(every))
    weights = _weights(seen_in, len(messages))
    common = seen_in.keys() - weights.keys()
    again = {term for term, number in seen_in.items() if number > 1}
    names = _names(written)
    told = []
    before: Message | None = None
    asked = False
    for number, message in enumerate(messages):
        text, found, took = message.text, spans[number], tokens[number]
        asks = _asks(text, found)
        # What is said once is rare anyhow; what comes up here and comes back later is a subject.
        rare = every[number] - common
        subjects = every[number] & again
        again -= subjects
        named = names.intersection(chain.from_iterable(sentence[1:] for sentence in written[number]))
        bonus = (NAMES * len(named) + FIRST_MENTION * len(subjects)) / took
        if _is_exact(text):
            bonus += EXACT
        # A thumb is no news, whenever it comes.
        if every[number] and (before is None or paused(before, message)):
            bonus += AFTER_PAUSE
        if every[number] and before is not None and asked and before.sender != message.sender:
            bonus += ANSWER
        by_char = took / max(1, len(text))
        told.append(
            MessageSalience(
                text=text,
                spans=found,
                words=written[number],
                terms=(rare,) if len(found) == 1 else tuple([terms - common for terms in stemmed[number]]),
                every_term=rare,
                bonus=bonus,
                asks=asks,
                tokens=took,
                lengths=tuple([max(1.0, by_char * (end - start)) for start, end in found]),
            )
        )
        before, asked = message, asks[-1]
    return Salience(tuple(told), weights)


def _asks(text: str, spans: Sequence[Span]) -> tuple[bool, ...]:
    """Which of the sentences of a text are questions."""
    if _MAY_ASK.search(text) is None:
        return (False,) * len(spans)
    return tuple([asks_something(text[start:end]) for start, end in spans])


def _is_exact(text: str) -> bool:
    """Whether there is a number, an amount of money or an address in it."""
    return (_EXACT_ASCII if text.isascii() else _EXACT).search(text) is not None


def asks_something(sentence: str) -> bool:
    """Whether a sentence ends as a question does, in scripts that mark questions."""
    return sentence.rstrip(_AFTER_END).endswith(_QUESTION_ENDS)


def _weights(seen_in: Counter[str], count: int) -> dict[str, float]:
    """How much each term counts: 1 for one of a single message, nothing (left out) for a common one."""
    most = math.log(1 + count)
    of_number = {number: (math.log(1 + count / number) / most) ** SHARPNESS for number in set(seen_in.values())}
    return {term: of_number[number] for term, number in seen_in.items() if of_number[number] > _COMMON}


def _names(written: Iterable[Sequence[Sequence[str]]]) -> frozenset[str]:
    """The words that are mostly written with a capital where no sentence begins."""
    inside = Counter(chain.from_iterable(sentence[1:] for message in written for sentence in message))
    return frozenset(
        word
        for word, number in inside.items()
        if word[0].isupper() and len(word) > 1 and number > _NAME_SHARE * (number + inside[word.lower()])
    )


def paused(before: Message, message: Message) -> bool:
    """Whether nothing was written for long before a message."""
    if before.sent_at_ms is None or message.sent_at_ms is None:
        return False
    return message.sent_at_ms - before.sent_at_ms > PAUSE_MS
