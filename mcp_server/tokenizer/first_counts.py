"""Counts tokens by byte pair encoding in Python, for the first few texts of a process.

Building tiktoken's encoder takes 110 ms, and it holds the interpreter throughout. A process that serves one call counts
a few thousand characters, which takes some milliseconds here.
"""

import unicodedata
from collections.abc import Mapping
from itertools import pairwise

import regex

_MOST_CHARS = 20_000
_LONGEST_WORD = 64
# Merging takes the square of a word's length, and the two pattern engines may differ in characters that are new to
# Unicode, in control characters, and in letters that become ASCII when their case is ignored.
_NOT_COUNTED = frozenset({"Cn", "Co", "Cs", "Cc"})
_FOLDED_TO_ASCII = frozenset("\u017f\u212a")


class FirstCounts:
    """Counts texts of `_MOST_CHARS` characters in all, with the ranks of all tokens and the pattern of words.

    Not safe to share between threads.
    """

    def __init__(self, ranks: Mapping[bytes, int], pattern: str) -> None:
        self._ranks = ranks
        self._words = regex.compile(pattern)
        self._left = _MOST_CHARS
        self._counts: dict[str, int] = {}

    def count(self, text: str) -> int | None:
        """The number of tokens; None if only the encoder counts this text quickly and certainly as it does."""
        self._left -= len(text)
        if self._left < 0 or not _is_usual(text):
            return None
        tokens = 0
        for word in self._words.findall(text):
            count = self._counts.get(word)
            if count is None:
                if len(word) > _LONGEST_WORD:
                    return None
                count = self._counts[word] = self._count_word(word.encode())
            tokens += count
        return tokens

    def _count_word(self, word: bytes) -> int:
        if word in self._ranks:
            return 1
        parts = [word[at : at + 1] for at in range(len(word))]
        while True:
            pairs = (self._ranks.get(first + second) for first, second in pairwise(parts))
            ranked = [(rank, at) for at, rank in enumerate(pairs) if rank is not None]
            if not ranked:
                return len(parts)
            _, at = min(ranked)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]


def _is_usual(text: str) -> bool:
    if text.isascii():
        return text.replace("\n", "").replace("\t", "").isprintable()
    others = set(text) - {"\n", "\t"}
    return others.isdisjoint(_FOLDED_TO_ASCII) and _NOT_COUNTED.isdisjoint(map(unicodedata.category, others))
