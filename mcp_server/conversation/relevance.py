"""How much each message of a conversation bears on a question: what `focus` keeps first.

Words are compared by pieces of four characters, so that the forms of a word meet in any language. Besides its own words
a message is judged by those around it (an answer need not repeat its question), by who wrote it where the question
names somebody, by what the best matches speak of, and by how much it tells at all.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mcp_server.conversation.models import Message
from mcp_server.conversation.search import Search, Texts, rarity
from mcp_server.conversation.telling import Telling
from mcp_server.conversation.terms import GRAM_CHARS, Folds, grams, words

PHRASE = 0.5
"""What two words of the question that stand together in a message count besides."""

AROUND = ((1, 0.5), (-1, 0.35), (2, 0.25), (-2, 0.2), (3, 0.1), (-3, 0.1), (4, 0.06), (-4, 0.06))
"""What a message gets of the relevance of the one so many places before it."""

AFTER_QUESTION = 0.3
"""What it gets besides when the one before is a question."""

SENDER = 1.2
"""How much more a message counts that is by somebody the question names."""

SUBJECTS = 0.5
"""How much the words of the best matches count, beside those asked for."""

BEST_MATCHES = 8
SUBJECT_SHARE = 0.05
"""Those of the best so many, as long as no larger share of all messages has them."""

TELLS = 0.25
"""How much of what a message tells by itself raises its relevance."""

SIMILARITY = 0.5
"""The share of a similarity that a model judges, beside that of words."""


@dataclass(frozen=True, slots=True)
class Focus:
    """How much each message bears on what was asked, and each of its sentences: from 0 to 1."""

    messages: Sequence[float]
    sentences: Sequence[Sequence[float]]


def relevance(
    messages: Sequence[Message], told: Telling, question: str, similarity: Sequence[float] | None = None
) -> Focus | None:
    """How much each of `messages` (oldest first) bears on `question`; None when nothing does.

    `similarity`, from 0 to 1 for each message, is blended in half and half where it is not 0 throughout.
    """
    folds = Folds()
    texts = [[[folds[word] for word in sentence] for sentence in message.words] for message in told.messages]
    asked = [folds[word] for word in words(question)]
    senders = _senders(messages, folds)
    named = {key for word in asked for key in senders.get(word, ())}
    content = [word for word in asked if word not in senders]
    search = Search(texts)
    matches = search.find({piece: 1.0 for word in content for piece in grams(word)}, grams)
    scores = list(matches.scores)
    for number, score in enumerate(_phrases(texts, asked)):
        scores[number] += score
    if any(scores):
        subjects = search.find(_subjects(scores, texts, asked), lambda word: (word,), most_share=SUBJECT_SHARE).scores
        scores = _added(scores, subjects, SUBJECTS)
    elif named:
        scores = [float(message.sender is not None and message.sender.key in named) for message in messages]
    if similarity is not None and any(similarity):
        scores = _blended(scores, similarity)
    if not any(scores):
        return None
    scores = _with_surroundings(scores, told)
    if 0 < len(named) < len({message.sender for message in messages}):
        for number, message in enumerate(messages):
            if message.sender is not None and message.sender.key in named:
                scores[number] *= 1 + SENDER
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
        (1 - SIMILARITY) * score / highest + SIMILARITY * similar
        for score, similar in zip(scores, similarity, strict=True)
    ]


def _with_surroundings(scores: Sequence[float], told: Telling) -> list[float]:
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
