"""Full-text search in one conversation: an inverted index scored with BM25, with a steeper weight of rare terms."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

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
        grams_of_word: Mapping[str, Sequence[str]],
        postings: Mapping[str, Collection[int]],
    ) -> None:
        """`weights` and `postings` (message indexes) are per n-gram of the query; `grams_of_word` holds its matches."""
        self.scores = scores
        self._texts = texts
        self._weights = weights
        self._grams_of_word = grams_of_word
        self._postings = postings

    def sentence_scores(self) -> list[list[float]]:
        """Per message and sentence, the share of the query's total weight that the sentence contains."""
        total = sum(self._weights.values()) or 1.0
        return [
            [self._weight_in(sentence) / total for sentence in message] if score else [0.0] * len(message)
            for message, score in zip(self._texts, self.scores, strict=True)
        ]

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

    def _weight_in(self, sentence: Sequence[str]) -> float:
        found = {gram for word in sentence for gram in self._grams_of_word.get(word, ())}
        # fsum is exact: the iteration order of a set differs between processes.
        return math.fsum(self._weights.get(gram, 0.0) for gram in found)


class InvertedIndex:
    """Maps every word of a conversation to the messages that contain it."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        lengths = [sum(map(len, message)) for message in texts]
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        self._norms = [BM25_K1 * (1 - BM25_B + BM25_B * length / mean) for length in lengths]
        self._postings: dict[str, list[tuple[int, int]]] = {}
        for index, message in enumerate(texts):
            for word, count in Counter(word for sentence in message for word in sentence).items():
                self._postings.setdefault(word, []).append((index, count))

    def search(
        self,
        query: Mapping[str, float],
        grams_of: Callable[[str], Iterable[str]],
        *,
        max_message_share: float = 1.0,
    ) -> Matches:
        """Scores all messages. `query` maps n-grams to weights; `grams_of` splits a word of a message into n-grams.

        With a `max_message_share` below 1, n-grams in a single message, or in a larger share of all, are ignored.
        """
        grams_of_word: dict[str, tuple[str, ...]] = {}
        counts: dict[str, dict[int, int]] = {gram: {} for gram in query}
        for word, postings in self._postings.items():
            found = tuple(gram for gram in grams_of(word) if gram in query)
            if not found:
                continue
            grams_of_word[word] = found
            for gram in found:
                gram_counts = counts[gram]
                for index, count in postings:
                    gram_counts[index] = gram_counts.get(index, 0) + count
        total = len(self._texts)
        scores = [0.0] * total
        weights: dict[str, float] = {}
        for gram, gram_counts in counts.items():
            frequency = len(gram_counts)
            if not frequency or (max_message_share < 1 and not 2 <= frequency <= max_message_share * total):
                continue
            weights[gram] = weight = query[gram] * inverse_document_frequency(frequency, total)
            for index, count in gram_counts.items():
                scores[index] += weight * count * (BM25_K1 + 1) / (count + self._norms[index])
        return Matches(self._texts, scores, weights, grams_of_word, counts)


def inverse_document_frequency(frequency: int, total: int) -> float:
    """The weight of a term that occurs in `frequency` of `total` messages: BM25's, to the power IDF_POWER."""
    return math.pow(math.log(1 + (total - frequency + 0.5) / (frequency + 0.5)), IDF_POWER)
