"""How much each message of a conversation bears on a question: what `focus` keeps first.

Words are compared by pieces of four characters, so that the forms of a word meet in any language. Besides its own words
a message is judged by those around it (an answer need not repeat its question), by its sitting, by who wrote it and
when, where the question names somebody or a day, by what the best matches speak of, and by how much it tells at all.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from mcp_server.condensing.dates import dates_named
from mcp_server.condensing.lexical_search import Search, Texts, rarity
from mcp_server.condensing.salience import Salience, paused
from mcp_server.condensing.terms import GRAM_CHARS, Folds, grams, words
from mcp_server.conversation.models import Message

PIECES_POWER = 0.75
"""A word counts for the number of its pieces to this power: a long word more than a short one, not for all of them."""

PHRASE = 0.5
"""What two words of the question that stand together in a message count besides."""

AROUND = ((1, 0.5), (-1, 0.35), (2, 0.25), (-2, 0.2), (3, 0.1), (-3, 0.1), (4, 0.06), (-4, 0.06))
"""What a message gets of the relevance of the one so many places before it."""

AFTER_QUESTION = 0.3
"""What it gets besides when the one before is a question."""

SITTING = 0.15
"""What a message gets of the relevance of its sitting: the mean of the best so many in it, missing ones for 0."""

SITTING_BEST = 5

SENDER = 2.0
"""How much more a message counts that is by somebody the question names."""

DATED = 2.0
"""How much more a message counts that is of a day the question names."""

DATED_MONTH = 0.5
"""The same of a month without a day."""

DATED_ALONE = 0.2
"""What a message of that day has for its date alone, as a share of what the best match has for its words."""

DATE_WORDS = 4
"""A day and its year are a date where so many words, or fewer, lead from one to the other: `3 de mayo de 2023`."""

SUBJECTS = 0.5
"""How much the words of the best matches count, beside those asked for."""

BEST_MATCHES = 8
SUBJECT_SHARE = 0.05
"""Those of the best so many, as long as no larger share of all messages has them."""

TELLS = 0.25
"""How much of what a message tells by itself raises its relevance."""

SIMILARITY = 0.5
"""The share of a similarity that a model judges, beside that of words."""

AGREEMENT = 1.3
"""The power both together are raised to: what both judges see counts above what one sees."""

_MOST_DAYS = 31
_NUMBER = re.compile(r"(\d{1,4})(?:[^\W\d]{2})?")
"""A day or a year, perhaps with two letters behind it, as in `3rd`."""


@dataclass(frozen=True, slots=True)
class Focus:
    """How much each message bears on what was asked, and each of its sentences: from 0 to 1."""

    messages: Sequence[float]
    sentences: Sequence[Sequence[float]]


def relevance(
    messages: Sequence[Message],
    told: Salience,
    question: str,
    *,
    days: Sequence[date | None] | None = None,
    similarity: Sequence[float] | None = None,
) -> Focus | None:
    """How much each of `messages` (oldest first) bears on `question`; None when nothing does.

    `days` are theirs, where known: what is of a day that is asked about counts more. `similarity`, from 0 to 1 for each
    message, is blended in half and half where it is not 0 throughout.
    """
    folds = Folds()
    texts = [[[folds[word] for word in sentence] for sentence in message.words] for message in told.messages]
    asked = [folds[word] for word in words(question)]
    senders = _senders(messages, folds)
    named = {key for word in asked for key in senders.get(word, ())}
    by_named = [message.sender is not None and message.sender.key in named for message in messages]
    of_days, of_months = _of_dates(question, asked, days or [None] * len(messages))
    search = Search(texts)
    content = [word for word in asked if word not in senders]
    matches = search.find(_pieces(content), grams)
    scores = [score + more for score, more in zip(matches.scores, _phrases(texts, asked), strict=True)]
    if any(matches.has(tuple(grams(word))) for word in content):
        subjects = search.find(_subjects(scores, texts, asked), lambda word: (word,), most_share=SUBJECT_SHARE).scores
        scores = _added(scores, subjects, SUBJECTS)
        scores = [score + DATED_ALONE * of_day for score, of_day in zip(scores, of_days, strict=True)]
    else:
        scores = [float(any(either)) for either in zip(by_named, of_days, of_months, strict=True)]
    if similarity is not None and any(similarity):
        scores = _blended(scores, similarity)
    if not any(scores):
        return None
    scores = _with_sittings(_with_surroundings(scores, told), messages)
    if 0 < len(named) < len({message.sender for message in messages}):
        scores = _raised(scores, SENDER, by_named)
    scores = _raised(_raised(scores, DATED, of_days), DATED_MONTH, of_months)
    plain = [told.worth(number) for number in range(len(messages))]
    mean = sum(plain) / len(plain)
    scores = [score * math.exp(TELLS * (worth - mean)) for score, worth in zip(scores, plain, strict=True)]
    highest = max(scores)
    return Focus([score / highest for score in scores], matches.in_sentences())


def without_names(question: str, messages: Sequence[Message]) -> str:
    """The question without the names of those who write: by meaning, they draw every message that mentions them."""
    folds = Folds()
    senders = _senders(messages, folds)
    return " ".join(part for part in question.split() if not any(folds[word] in senders for word in words(part)))


def _senders(messages: Sequence[Message], folds: Folds) -> dict[str, set[str]]:
    """Who is meant by a word: the senders whose name has it."""
    found: dict[str, set[str]] = {}
    for sender in {message.sender for message in messages if message.sender is not None}:
        for word in words(sender.name):
            found.setdefault(folds[word], set()).add(sender.key)
    return found


def _pieces(content: Iterable[str]) -> dict[str, float]:
    """The pieces of the words looked for, each with what it counts."""
    wanted: dict[str, float] = {}
    for word in content:
        pieces = tuple(grams(word))
        weight = len(pieces) ** (PIECES_POWER - 1)
        for piece in pieces:
            wanted[piece] = max(weight, wanted.get(piece, 0.0))
    return wanted


def _of_dates(question: str, asked: Sequence[str], days: Sequence[date | None]) -> tuple[list[bool], list[bool]]:
    """Which messages are of a day, and which of a month, that the question names.

    In a language whose months are not known, number and year of a day will do.
    """
    named = dates_named(question)
    with_day, months = [one for one in named if one.day], [one for one in named if not one.day]
    if not named:
        numbers = [int(number[1]) if (number := _NUMBER.fullmatch(word)) else 0 for word in asked]
        pairs = {
            (year, day)
            for at, year in enumerate(numbers)
            if year > _MOST_DAYS
            for day in numbers[max(0, at - DATE_WORDS) : at + DATE_WORDS + 1]
        }
        return [day is not None and (day.year, day.day) in pairs for day in days], [False] * len(days)
    return (
        [day is not None and any(one.is_of(day) for one in with_day) for day in days],
        [day is not None and any(one.is_of(day) for one in months) for day in days],
    )


def _phrases(texts: Texts, asked: Sequence[str]) -> list[float]:
    """What each message gets for two words of the question that stand together in it, by their beginnings."""
    wanted = {(first[:GRAM_CHARS], second[:GRAM_CHARS]) for first, second in pairwise(asked)}
    beginnings = {first for first, _ in wanted}
    found: list[set[tuple[str, str]]] = []
    for message in texts:
        here = set()
        for sentence in message:
            for first, second in pairwise(sentence):
                if first[:GRAM_CHARS] in beginnings and (pair := (first[:GRAM_CHARS], second[:GRAM_CHARS])) in wanted:
                    here.add(pair)
        found.append(here)
    seen_in = Counter(pair for here in found for pair in here)
    return [sum(PHRASE * rarity(seen_in[pair], len(texts)) for pair in sorted(here)) for here in found]


def _subjects(scores: Sequence[float], texts: Texts, asked: Sequence[str]) -> dict[str, float]:
    """The words of the best matches, each with how much of the best matches it is in."""
    near = [
        score
        + AROUND[0][1] * (scores[number - 1] if number else 0)
        + AROUND[1][1] * (scores[number + 1] if number + 1 < len(scores) else 0)
        for number, score in enumerate(scores)
    ]
    best = sorted(range(len(near)), key=lambda number: (-near[number], number))[:BEST_MATCHES]
    total = sum(near[number] for number in best)
    found: dict[str, float] = {}
    for number in best:
        for sentence in texts[number]:
            for word in sentence:
                found[word] = found.get(word, 0.0) + near[number] / total
    return {word: share for word, share in found.items() if word not in asked}


def _added(scores: Sequence[float], others: Sequence[float], share: float) -> list[float]:
    """Scores with a share of others, both counted from 0 to 1."""
    highest, other_highest = max(scores), max(others) or 1.0
    return [score / highest + share * other / other_highest for score, other in zip(scores, others, strict=True)]


def _blended(scores: Sequence[float], similarity: Sequence[float]) -> list[float]:
    highest = max(scores) or 1.0
    return [
        ((1 - SIMILARITY) * score / highest + SIMILARITY * similar) ** AGREEMENT
        for score, similar in zip(scores, similarity, strict=True)
    ]


def _raised(scores: Sequence[float], more: float, which: Sequence[bool]) -> list[float]:
    return [score * (1 + more) if raised else score for score, raised in zip(scores, which, strict=True)]


def _with_surroundings(scores: Sequence[float], told: Salience) -> list[float]:
    count = len(scores)
    raised = list(scores)
    for number, score in enumerate(scores):
        if not score:
            continue
        for distance, share in AROUND:
            if 0 <= number + distance < count:
                raised[number + distance] += share * score
        if told.messages[number].asks[-1] and number + 1 < count:
            raised[number + 1] += AFTER_QUESTION * score
    return raised


def _with_sittings(scores: Sequence[float], messages: Sequence[Message]) -> list[float]:
    """Scores with what each gets of its sitting: what was written without a long pause is mostly about one thing."""
    raised: list[float] = []
    starts = [at for at in range(1, len(messages)) if paused(messages[at - 1], messages[at])]
    for start, end in pairwise((0, *starts, len(messages))):
        sitting = scores[start:end]
        share = SITTING * sum(heapq.nlargest(SITTING_BEST, sitting)) / SITTING_BEST
        raised += [score + share for score in sitting]
    return raised
