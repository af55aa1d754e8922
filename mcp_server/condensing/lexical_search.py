"""Which messages of a conversation have the words looked for: BM25, with a steeper rarity."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

SATURATION = 1.0
"""BM25's k1: how soon more of the same word tells no more."""

LENGTH_SHARE = 0.5
"""BM25's b: how much a word counts less in a longer message."""

RARITY_POWER = 2.5
"""How far rare words of a question count above its common ones: no list of common words is kept."""

MOST_PIECES, SOME_PIECES = 0.6, 0.3
"""Fewer pieces of a word are there by chance: `missing` has two of five of `crossing`."""

Texts = Sequence[Sequence[Sequence[str]]]
"""The words of the sentences of the messages."""


class Matches:
    """What was found: a score for each message, and what each piece looked for is worth."""

    def __init__(
        self,
        texts: Texts,
        scores: Sequence[float],
        worth: Mapping[str, float],
        pieces: Mapping[str, Sequence[str]],
        places: Mapping[str, Collection[int]],
    ) -> None:
        self.scores = scores
        self._places = places
        self._texts = texts
        self._worth = worth
        self._pieces = pieces

    def in_sentences(self) -> list[list[float]]:
        """The share of all that was found that stands in each sentence."""
        most = sum(self._worth.values()) or 1.0
        return [
            [self._share(sentence) / most for sentence in message] if score else [0.0] * len(message)
            for message, score in zip(self._texts, self.scores, strict=True)
        ]

    def has(self, word: Sequence[str]) -> bool:
        """Whether the pieces found of a word, in order, can be the word in some form: most of them stand in one
        message, or its beginning and some more."""
        most = Counter(number for piece in word for number in self._places[piece])
        beginning = self._places[word[0]]
        return any(
            count >= MOST_PIECES * len(word) or (number in beginning and count >= SOME_PIECES * len(word))
            for number, count in most.items()
        )

    def _share(self, sentence: Sequence[str]) -> float:
        found = {piece for word in sentence for piece in self._pieces.get(word, ())}
        # An exact sum: the order of a set is another in every process.
        return math.fsum(self._worth.get(piece, 0.0) for piece in found)


class Search:
    """The words of one conversation, each with the messages it is in."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        lengths = [sum(map(len, message)) for message in texts]
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        self._norms = [SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / mean) for length in lengths]
        self._places: dict[str, list[tuple[int, int]]] = {}
        for number, message in enumerate(texts):
            for word, count in Counter(word for sentence in message for word in sentence).items():
                self._places.setdefault(word, []).append((number, count))

    def find(
        self, wanted: Mapping[str, float], pieces_of: Callable[[str], Iterable[str]], *, most_share: float = 1.0
    ) -> Matches:
        """The messages with any of the `wanted` pieces (and their weights).

        With a `most_share` below 1, pieces count that are in more than one message and in so large a share at most.
        """
        pieces: dict[str, tuple[str, ...]] = {}
        counts: dict[str, dict[int, int]] = {piece: {} for piece in wanted}
        for word, places in self._places.items():
            found = tuple(piece for piece in pieces_of(word) if piece in wanted)
            if not found:
                continue
            pieces[word] = found
            for piece in found:
                here = counts[piece]
                for number, count in places:
                    here[number] = here.get(number, 0) + count
        total = len(self._texts)
        scores = [0.0] * total
        worth: dict[str, float] = {}
        for piece, here in counts.items():
            if not here or (most_share < 1 and not 2 <= len(here) <= most_share * total):
                continue
            worth[piece] = weight = wanted[piece] * rarity(len(here), total)
            for number, count in here.items():
                scores[number] += weight * count * (SATURATION + 1) / (count + self._norms[number])
        return Matches(self._texts, scores, worth, pieces, counts)


def rarity(found_in: int, total: int) -> float:
    """What something counts for being in so few of all messages."""
    return math.pow(math.log(1 + (total - found_in + 0.5) / (found_in + 0.5)), RARITY_POWER)
