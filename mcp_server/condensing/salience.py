"""Scores how informative each message of a conversation is per token: what condensing keeps first.

No language is assumed. Rare words show what a conversation is about; names and digits show who, when and how much. News
comes first after a pause and in answers, rarely in questions.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

import regex

from mcp_server.condensing.compact import Link
from mcp_server.condensing.sentences import Span, sentences
from mcp_server.condensing.terms import Stems, words
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

PAUSE_MS = 4 * 3_600_000
_MIN_TERM_WEIGHT = 0.02
_MIN_CAPITAL_SHARE = 0.7
_QUESTION_ENDS = ("?", "？", "؟", "⸮", "՞", "か", "吗", "嗎", "呢")
_QUESTION_END = re.compile(f"[{''.join(_QUESTION_ENDS)}]")
_AFTER_END = "。.!！)）\"'”’」』 "
_EXACT_VALUE = regex.compile(r"[\p{Nd}\p{Sc}@]|https?:")
_EXACT_VALUE_ASCII = re.compile(r"[0-9$@]|https?:")


class MessageSalience(NamedTuple):
    """What selection needs to know about one message.

    `spans` are its sentences, at least one. Per sentence: `words` as written, `terms` the stems that are rare enough to
    count, `is_question`, and about how many tokens it takes (`sentence_tokens`). `all_terms` are the terms of the whole
    message, `tokens` its size. `bonus` is the logarithmic score it gets in addition to that of its terms. `links` are
    the links that are cut in the text.
    """

    text: str
    spans: tuple[Span, ...]
    words: Sequence[Sequence[str]]
    terms: tuple[frozenset[str], ...]
    all_terms: frozenset[str]
    bonus: float
    is_question: tuple[bool, ...]
    tokens: int
    sentence_tokens: tuple[float, ...]
    links: Sequence[Link] = ()

    def sentence_of(self, link: int) -> int:
        """The index of the sentence that a link belongs to."""
        return max(0, bisect_right(self.spans, self.links[link].start, key=itemgetter(0)) - 1)


@dataclass(frozen=True, slots=True)
class Salience:
    """The scored messages of a conversation, oldest first. `weights` maps each term to its weight, up to 1."""

    messages: tuple[MessageSalience, ...]
    weights: dict[str, float]

    def log_score(self, index: int) -> float:
        """The logarithm of a message's value per token while no other message is shown."""
        message = self.messages[index]
        # fsum is exact, here and elsewhere: the iteration order of a set differs between processes.
        rarity = math.fsum(map(self.weights.__getitem__, message.all_terms))
        questions = sum(message.is_question) / len(message.is_question)
        return message.bonus + RARITY * rarity / message.tokens + QUESTION * questions


def score_salience(
    messages: Sequence[Message], tokens: Sequence[int], links: Sequence[Sequence[Link]] | None = None
) -> Salience:
    """Scores `messages` (oldest first), which take `tokens` each (at least 1) and in which these `links` are cut."""
    stems = Stems()
    spans = [sentences(message.text) or (Span(0, len(message.text)),) for message in messages]
    written = [
        [words(message.text[start:end]) for start, end in found] for message, found in zip(messages, spans, strict=True)
    ]
    stemmed = [[frozenset(map(stems.__getitem__, sentence)) for sentence in message] for message in written]
    terms_of = [message[0].union(*message[1:]) for message in stemmed]
    frequencies = Counter(chain.from_iterable(terms_of))
    weights = _weights(frequencies, len(messages))
    common = frequencies.keys() - weights.keys()
    recurring = {term for term, frequency in frequencies.items() if frequency > 1}
    names = _names(written)
    scored = []
    before: Message | None = None
    after_question = False
    for number, message in enumerate(messages):
        text, found, size = message.text, spans[number], tokens[number]
        is_question = _find_questions(text, found)
        # A term of one message is rare anyway; one that is mentioned first here and again later is a topic.
        rare = terms_of[number] - common
        topics = terms_of[number] & recurring
        recurring -= topics
        found_names = names.intersection(chain.from_iterable(sentence[1:] for sentence in written[number]))
        bonus = (NAMES * len(found_names) + FIRST_MENTION * len(topics)) / size
        if _has_exact_value(text):
            bonus += EXACT_VALUE
        # A message without words, such as an emoji, is never news.
        if terms_of[number] and (before is None or follows_pause(before, message)):
            bonus += AFTER_PAUSE
        if terms_of[number] and before is not None and after_question and before.sender != message.sender:
            bonus += ANSWER
        tokens_per_char = size / max(1, len(text))
        scored.append(
            MessageSalience(
                text=text,
                spans=found,
                words=written[number],
                terms=(rare,) if len(found) == 1 else tuple([terms - common for terms in stemmed[number]]),
                all_terms=rare,
                bonus=bonus,
                is_question=is_question,
                tokens=size,
                sentence_tokens=tuple([max(1.0, tokens_per_char * (end - start)) for start, end in found]),
                links=() if links is None else links[number],
            )
        )
        before, after_question = message, is_question[-1]
    return Salience(tuple(scored), weights)


def _find_questions(text: str, spans: Sequence[Span]) -> tuple[bool, ...]:
    """For each sentence of a text, whether it is a question."""
    if _QUESTION_END.search(text) is None:
        return (False,) * len(spans)
    return tuple([is_question_sentence(text[start:end]) for start, end in spans])


def _has_exact_value(text: str) -> bool:
    """Whether the text has a number, a currency sign, an @ or a web address."""
    return (_EXACT_VALUE_ASCII if text.isascii() else _EXACT_VALUE).search(text) is not None


def is_question_sentence(sentence: str) -> bool:
    """Whether a sentence ends with a question mark or particle, in scripts that have one."""
    return sentence.rstrip(_AFTER_END).endswith(_QUESTION_ENDS)


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


def _names(written: Iterable[Sequence[Sequence[str]]]) -> frozenset[str]:
    """The words that mostly have a capital letter inside sentences."""
    inside = Counter(chain.from_iterable(sentence[1:] for message in written for sentence in message))
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
