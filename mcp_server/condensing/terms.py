"""Tokenises text of any script into words, and normalises words for comparison.

No language detection and no word lists. Inflected forms match because long words are compared by their first letters.
Scripts written without spaces are split into overlapping pairs of characters, as search engines do.
"""

import re
import unicodedata
from collections.abc import Iterable

import regex

_UNSPACED_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)?")
_WORD = regex.compile(
    rf"(?V1)[{_UNSPACED_SCRIPTS}]+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED_SCRIPTS}]]+(?:['’][[\p{{L}}\p{{M}}]--[{_UNSPACED_SCRIPTS}]]+)?"
)
_IS_UNSPACED = regex.compile(rf"[{_UNSPACED_SCRIPTS}]")
_WITH_ACCENTS = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}]")

STEM_CHARS = 7
"""Two words with this many equal first letters count as forms of one word."""

GRAM_CHARS = 4
"""Length of the n-grams that words are compared by."""


def words(text: str) -> list[str]:
    """The words of `text` as written; in scripts without spaces, every pair of adjacent characters."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    found: list[str] = []
    for word in _WORD.findall(text):
        if len(word) > 2 and _IS_UNSPACED.match(word):
            found.extend(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.append(word)
    return found


class Stems(dict[str, str]):
    """Maps a word to its stem: case folded, without possessive, cut to STEM_CHARS. Caches every word."""

    def __missing__(self, word: str) -> str:
        stem = self[word] = without_possessive(word.casefold())[:STEM_CHARS]
        return stem


class Folds(dict[str, str]):
    """Maps a word to its search form: no case, accents or possessive. Caches every word."""

    def __missing__(self, word: str) -> str:
        folded = without_possessive(word.casefold())
        if not folded.isascii() and _WITH_ACCENTS.match(folded):
            decomposed = unicodedata.normalize("NFD", folded)
            folded = "".join(char for char in decomposed if not unicodedata.combining(char))
        self[word] = folded
        return folded


def without_possessive(word: str) -> str:
    return word[:-2] if word.endswith(("'s", "’s")) and len(word) > 2 else word


def grams(word: str) -> Iterable[str]:
    """The character n-grams of a word; the word itself if it is a number or not longer than an n-gram.

    N-grams match inflected forms as a stemmer would, in every language.
    """
    if len(word) <= GRAM_CHARS or word.isdigit():
        return (word,)
    return (word[at : at + GRAM_CHARS] for at in range(len(word) - GRAM_CHARS + 1))
