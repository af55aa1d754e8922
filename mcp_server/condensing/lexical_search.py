"""Full-text search in one conversation: an inverted index scored with BM25, with a steeper weight of rare terms."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from mcp_server.condensing.terms import GRAM_CHARS, grams

BM25_K1 = 1.0
"""How soon further occurrences of a term in the same message stop adding to its score."""

BM25_B = 0.5
"""How much longer messages are penalised, from 0 (not at all) to 1 (in proportion)."""

IDF_POWER = 2.5
"""The power of the inverse document frequency. High, because no list of stop words is kept."""

MIN_GRAM_SHARE, MIN_GRAM_SHARE_WITH_FIRST = 0.6, 0.3
"""A word counts as found if a message has this share of its n-grams. Fewer match by chance: `missing` has two of the
five n-grams of `crossing`."""

Texts = Sequence[Sequence[Sequence[str]]]
"""Words per sentence per message."""


class Matches:
    """The result of a search: `scores` has one score per message."""

    def __init__(
        self,
        texts: Texts,
        scores: Sequence[float],
        weights: Mapping[str, float],
        grams_of_word: Mapping[str, Collection[str]],
        postings: Mapping[str, Collection[int]],
    ) -> None:
        """`weights` and `postings` (message indexes) are per n-gram of the query; `grams_of_word` holds its matches."""
        self.scores = scores
        self._texts = texts
        self._weights = weights
        self._grams_of_word = grams_of_word
        self._postings = postings

    def sentence_scores(self) -> list[Sequence[float]]:
        """Per message and sentence, the share of the query's total weight that the sentence contains."""
        words, total = self._grams_of_word.keys(), sum(self._weights.values()) or 1.0
        # Most sentences have one of a few words of the query, so there are few different shares.
        shares: dict[frozenset[str], float] = {frozenset(): 0.0}
        found: list[Sequence[float]] = []
        for message, score in zip(self._texts, self.scores, strict=True):
            if not score:
                found.append((0.0,) * len(message))
                continue
            of_message = []
            for sentence in message:
                having = frozenset(words & sentence)
                share = shares.get(having)
                if share is None:
                    share = shares[having] = self._weight_of(having) / total
                of_message.append(share)
            found.append(of_message)
        return found

    def contains(self, grams: Sequence[str]) -> bool:
        """Whether a form of the word with these n-grams (in order) occurs: one message has most of the n-grams, or the
        first and some others."""
        counts = Counter(index for gram in grams for index in self._postings[gram])
        with_first = self._postings[grams[0]]
        return any(
            count >= MIN_GRAM_SHARE * len(grams)
            or (index in with_first and count >= MIN_GRAM_SHARE_WITH_FIRST * len(grams))
            for index, count in counts.items()
        )

    def _weight_of(self, words: Iterable[str]) -> float:
        found = {gram for word in words for gram in self._grams_of_word[word]}
        # fsum is exact: the iteration order of a set differs between processes.
        return math.fsum([self._weights.get(gram, 0.0) for gram in found])


class InvertedIndex:
    """Maps every word of a conversation to the messages that contain it."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        lengths = [sum(map(len, message)) for message in texts]
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        self._norms = [BM25_K1 * (1 - BM25_B + BM25_B * length / mean) for length in lengths]
        # For each word, the messages that contain it, a message once for each time.
        postings: defaultdict[str, list[int]] = defaultdict(list)
        for index, message in enumerate(texts):
            for word in chain.from_iterable(message):
                postings[word].append(index)
        self._postings = dict(postings)
        # One text of all words longer than an n-gram: searching it is faster than looking at each word.
        self._long_words = "\n".join(["", *(word for word in postings if len(word) > GRAM_CHARS), ""])

    def search(self, query: Mapping[str, float]) -> Matches:
        """Scores all messages. `query` maps n-grams, as `terms.grams` returns them, to weights."""
        words = {word for gram in query for word in self._words_with(gram)}
        return self._scored(query, {word: [gram for gram in grams(word) if gram in query] for word in words})

    def score_words(self, query: Mapping[str, float], *, max_message_share: float) -> Sequence[float]:
        """The scores of all messages by whole words.

        Words in a single message, or in a larger share of all messages, are ignored.
        """
        words = {word: (word,) for word in query if word in self._postings}
        return self._scored(query, words, max_message_share=max_message_share).scores

    def messages_with_prefix(self, prefix: str) -> set[int]:
        """The messages with a word whose first GRAM_CHARS letters, or all if it has fewer, are `prefix`."""
        words = [prefix] if prefix in self._postings else []
        if len(prefix) == GRAM_CHARS:
            words += self._long_words_with(f"\n{prefix}")
        return set(chain.from_iterable([self._postings[word] for word in words]))

    def _words_with(self, gram: str) -> Iterator[str]:
        """All words that may have an n-gram."""
        if gram in self._postings:
            yield gram
        if len(gram) == GRAM_CHARS:
            yield from self._long_words_with(gram)

    def _long_words_with(self, part: str) -> Iterator[str]:
        """The words longer than an n-gram that contain a text, or begin with it after a newline."""
        words, at = self._long_words, self._long_words.find(part)
        while at >= 0:
            end = words.find("\n", at + 1)
            yield words[words.rfind("\n", 0, at + 1) + 1 : end]
            at = words.find(part, end)

    def _scored(
        self, query: Mapping[str, float], grams_of_word: Mapping[str, Sequence[str]], *, max_message_share: float = 1.0
    ) -> Matches:
        postings: dict[str, list[Sequence[int]]] = {gram: [] for gram in query}
        for word, found in grams_of_word.items():
            for gram in found:
                postings[gram].append(self._postings[word])
        counts = {gram: Counter(chain.from_iterable(several)) for gram, several in postings.items()}
        total = len(self.texts)
        scores = [0.0] * total
        weights: dict[str, float] = {}
        for gram, gram_counts in counts.items():
            frequency = len(gram_counts)
            if not frequency or (max_message_share < 1 and not 2 <= frequency <= max_message_share * total):
                continue
            weights[gram] = weight = query[gram] * inverse_document_frequency(frequency, total)
            for index, count in gram_counts.items():
                scores[index] += weight * count * (BM25_K1 + 1) / (count + self._norms[index])
        return Matches(self.texts, scores, weights, grams_of_word, counts)


def inverse_document_frequency(frequency: int, total: int) -> float:
    """The weight of a term that occurs in `frequency` of `total` messages: BM25's, to the power IDF_POWER."""
    return math.pow(math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)), IDF_POWER)
