"""Scores how relevant each message of a conversation is to a question: what `focus` keeps first.

Words are compared by character n-grams, so that inflected forms match in any language. Besides its own words, a
message's score depends on its neighbours (an answer need not repeat the question), its session, its sender and date
(if the question names them), the words it shares with the best matches, and its salience.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from mcp_server.condensing.corpus import Corpus
from mcp_server.condensing.dates import PartialDate, find_dates
from mcp_server.condensing.lexical_search import InvertedIndex, Texts, inverse_document_frequency
from mcp_server.condensing.replies import with_replies
from mcp_server.condensing.salience import Salience
from mcp_server.condensing.terms import GRAM_CHARS, Folds, grams, search_words
from mcp_server.conversation.models import Message, Participant

WORD_LENGTH_POWER = 0.75
"""A word weighs its number of n-grams to this power: a long word more than a short one, but not in proportion."""

BIGRAM = 0.5
"""Weight of two adjacent words of the question that are adjacent in a message."""

NEIGHBOURS = ((1, 0.5), (-1, 0.35), (2, 0.25), (-2, 0.2), (3, 0.1), (-3, 0.1), (4, 0.06), (-4, 0.06))
"""Pairs of a distance and the share of a message's score that the message at that distance receives."""

AFTER_QUESTION = 0.3
"""The additional share that the next message receives if the message is a question."""

SESSION = 0.15
"""The share of its session's score that a message receives: the mean of the session's SESSION_BEST best scores."""

SESSION_BEST = 5

SENDER = 2.0
"""Relative boost of messages by a person the question names."""

DAY = 2.0
"""Relative boost of messages of a day the question names."""

MONTH = 0.5
"""Relative boost of messages of a month the question names without a day."""

DAY_ALONE = 0.2
"""Score of a message for being of a named day, as a share of the best match's score for its words."""

MAX_WORDS_IN_DATE = 4
"""A day and a year at most this many words apart form a date: `3 de mayo de 2023`."""

FEEDBACK = 0.5
"""Weight of the words of the best matches, relative to the words of the question (pseudo-relevance feedback)."""

FEEDBACK_MESSAGES = 8
FEEDBACK_MAX_SHARE = 0.05
"""Feedback uses words of this many best matches that occur in no larger share of all messages."""

SALIENCE = 0.25
"""How strongly a message's salience changes its relevance."""

SIMILARITY = 0.5
"""The share of the semantic similarity in a score; the rest is that of words."""

AGREEMENT_POWER = 1.3
"""The power of the combined score: messages that both rankings find count more."""

_MAX_DAY = 31
_NUMBER = re.compile(r"(\d{1,4})(?:[^\W\d]{2})?")
"""A day or a year, perhaps followed by two letters, as in `3rd`."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The relevance of each message, and of each of its sentences, from 0 to 1."""

    messages: Sequence[float]
    sentences: Sequence[Sequence[float]]


def relevance(
    corpus: Corpus,
    salience: Salience,
    question: str,
    *,
    days: Sequence[date | None] | None = None,
    similarity: Sequence[float] | None = None,
) -> Focus | None:
    """The relevance of the messages of `corpus` to `question`; None if no message is relevant.

    `days` are the days of the messages, None for unknown ones. `similarity` is the semantic similarity of each message
    to the question, from 0 to 1; it is ignored if it is 0 throughout.
    """
    messages, index, folds = corpus.messages, corpus.index, Folds()
    query = [folds[word] for word in search_words(question)]
    senders = _senders_by_word(corpus.senders, folds)
    named = {key for word in query for key in senders.get(word, ())}
    by_named = [bool(named) and message.sender is not None and message.sender.key in named for message in messages]
    of_day, of_month = _of_dates(question, query, days or [None] * len(messages))
    content = [word for word in query if word not in senders]
    matches = index.search(_gram_weights(content))
    scores = _with_bigrams(matches.scores, index, query)
    if any(matches.contains(tuple(grams(word))) for word in content):
        words = _feedback_words(scores, index.texts, query)
        feedback = index.score_words(words, max_message_share=FEEDBACK_MAX_SHARE)
        scores = _sum_normalised(scores, feedback, FEEDBACK)
        scores = [score + DAY_ALONE * dated for score, dated in zip(scores, of_day, strict=True)]
    else:
        scores = [float(any(either)) for either in zip(by_named, of_day, of_month, strict=True)]
    if similarity is not None and any(similarity):
        scores = _blend(scores, similarity)
    if not any(scores):
        return None
    scores = _spread_to_session(_spread_to_neighbours(scores, salience), corpus.sessions)
    some_named = 0 < len(named) < len(corpus.senders)
    if some_named:
        scores = _boost(scores, SENDER, by_named)
    scores = _boost(_boost(scores, DAY, of_day), MONTH, of_month)
    mean = sum(salience.log_scores) / len(messages)
    scores = [score * math.exp(SALIENCE * (log - mean)) for score, log in zip(scores, salience.log_scores, strict=True)]
    highest = max(scores)
    scores = [score / highest for score in scores]
    # A question about a person's own messages does not ask for replies to them.
    return Focus(scores if some_named else with_replies(scores, messages, salience), matches.sentence_scores())


def without_names(question: str, messages: Sequence[Message]) -> str:
    """The question without the senders' names, which would make every message that mentions them similar."""
    folds = Folds()
    senders = _senders_by_word({message.sender for message in messages}, folds)
    return " ".join(part for part in question.split() if not any(folds[word] in senders for word in search_words(part)))


def _senders_by_word(senders: Iterable[Participant | None], folds: Folds) -> dict[str, set[str]]:
    """Maps each word of a sender's name to the keys of the senders who have it."""
    found: dict[str, set[str]] = {}
    for sender in senders:
        if sender is None:
            continue
        for word in search_words(sender.name):
            found.setdefault(folds[word], set()).add(sender.key)
    return found


def _gram_weights(content: Iterable[str]) -> dict[str, float]:
    """The n-grams of the query's words and their weights."""
    weights: dict[str, float] = {}
    for word in content:
        of_word = tuple(grams(word))
        weight = len(of_word) ** (WORD_LENGTH_POWER - 1)
        for gram in of_word:
            weights[gram] = max(weight, weights.get(gram, 0.0))
    return weights


def _of_dates(question: str, query: Sequence[str], days: Sequence[date | None]) -> tuple[list[bool], list[bool]]:
    """For each message, whether it is of a day, and whether it is of a month, that the question names.

    In languages whose month names are unknown, a day's number near a year is enough.
    """
    found = find_dates(question)
    exact, months = [one for one in found if one.day], [one for one in found if not one.day]
    if not found:
        numbers = [int(number[1]) if (number := _NUMBER.fullmatch(word)) else 0 for word in query]
        pairs = {
            (year, day)
            for at, year in enumerate(numbers)
            if year > _MAX_DAY
            for day in numbers[max(0, at - MAX_WORDS_IN_DATE) : at + MAX_WORDS_IN_DATE + 1]
        }
        of_day = [day is not None and (day.year, day.day) in pairs for day in days] if pairs else [False] * len(days)
        return of_day, [False] * len(days)
    return _included(days, exact), _included(days, months)


def _included(days: Sequence[date | None], named: Sequence[PartialDate]) -> list[bool]:
    """For each day, whether it is known and one of those named."""
    if not named:
        return [False] * len(days)
    return [day is not None and any(one.includes(day) for one in named) for day in days]


def _with_bigrams(scores: Sequence[float], index: InvertedIndex, query: Sequence[str]) -> list[float]:
    """The scores, raised for adjacent words of the question, which are compared by their first letters."""
    wanted = dict.fromkeys((first[:GRAM_CHARS], second[:GRAM_CHARS]) for first, second in pairwise(query))
    with_prefix = {prefix: index.messages_with_prefix(prefix) for pair in wanted for prefix in pair}
    found: dict[int, set[tuple[str, str]]] = {}
    for pair in wanted:
        first_prefix, second_prefix = pair
        for number in with_prefix[first_prefix] & with_prefix[second_prefix]:
            if any(
                first[:GRAM_CHARS] == first_prefix and second[:GRAM_CHARS] == second_prefix
                for sentence in index.texts[number]
                for first, second in pairwise(sentence)
            ):
                found.setdefault(number, set()).add(pair)
    frequencies = Counter(pair for here in found.values() for pair in here)
    raised = list(scores)
    for number, here in found.items():
        raised[number] += sum(
            BIGRAM * inverse_document_frequency(frequencies[pair], len(scores)) for pair in sorted(here)
        )
    return raised


def _feedback_words(scores: Sequence[float], texts: Texts, query: Sequence[str]) -> dict[str, float]:
    """The words of the best matches, weighted by the share of the best matches' score that contains them."""
    (_, of_older), (_, of_newer) = NEIGHBOURS[:2]
    near = [
        score + of_older * older + of_newer * newer
        for older, score, newer in zip((0.0, *scores), scores, (*scores[1:], 0.0), strict=False)
    ]
    best = heapq.nlargest(FEEDBACK_MESSAGES, range(len(near)), key=near.__getitem__)
    total = sum(near[number] for number in best)
    found: dict[str, float] = {}
    for number in best:
        for sentence in texts[number]:
            for word in sentence:
                found[word] = found.get(word, 0.0) + near[number] / total
    return {word: share for word, share in found.items() if word not in query}


def _sum_normalised(scores: Sequence[float], others: Sequence[float], share: float) -> list[float]:
    """`scores` plus a share of `others`, both scaled to a maximum of 1."""
    highest, other_highest = max(scores), max(others) or 1.0
    return [score / highest + share * other / other_highest for score, other in zip(scores, others, strict=True)]


def _blend(scores: Sequence[float], similarity: Sequence[float]) -> list[float]:
    highest = max(scores) or 1.0
    return [
        ((1 - SIMILARITY) * score / highest + SIMILARITY * similar) ** AGREEMENT_POWER
        for score, similar in zip(scores, similarity, strict=True)
    ]


def _boost(scores: Sequence[float], more: float, which: Sequence[bool]) -> list[float]:
    if True not in which:
        return list(scores)
    return [score * (1 + more) if boosted else score for score, boosted in zip(scores, which, strict=True)]


def _spread_to_neighbours(scores: Sequence[float], salience: Salience) -> list[float]:
    """Adds to each message its share of the scores around it, those of older messages first."""
    spread = list(scores)
    older = sorted([(distance, share) for distance, share in NEIGHBOURS if distance > 0], reverse=True)
    newer = sorted([(distance, share) for distance, share in NEIGHBOURS if distance < 0], reverse=True)
    for distance, share in older:
        near_start, others = spread[:distance], spread[distance:]
        spread = near_start + [score + share * near for score, near in zip(others, scores, strict=False)]
    for number, score in enumerate(scores[:-1]):
        if score and salience.messages[number].is_question[-1]:
            spread[number + 1] += AFTER_QUESTION * score
    for distance, share in newer:
        near_end = spread[distance:]
        spread = [score + share * near for score, near in zip(spread, scores[-distance:], strict=False)] + near_end
    return spread


def _spread_to_session(scores: Sequence[float], sessions: Iterable[tuple[int, int]]) -> list[float]:
    """Adds each session's share to its messages: text written without a long pause is mostly about one topic."""
    spread: list[float] = []
    for start, end in sessions:
        session = scores[start:end]
        # Most sessions are short: sorting one takes less time than looking for its best scores.
        share = SESSION * sum(sorted(session, reverse=True)[:SESSION_BEST]) / SESSION_BEST
        spread += [score + share for score in session]
    return spread
