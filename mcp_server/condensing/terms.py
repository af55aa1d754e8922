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

# In search a word may also be a symbol, such as an emoji (without its skin tone), a flag or a currency sign.
_SEARCH_WORD = regex.compile(
    _WORD.pattern + r"|\p{RI}{2}|[[\p{So}\p{Sc}\p{Extended_Pictographic}]--[\p{ASCII}\p{Emoji_Modifier}\p{RI}]]"
)
# The voicing marks of kana distinguish letters as consonants do; no other mark or stretched letter is needed to read.
_IGNORED_IN_SEARCH = regex.compile(r"(?V1)[[\p{Mn}\u0640\u200D]--[\u3099\u309A]]+")
_OTHER_DIGIT = regex.compile(r"(?V1)[\p{Nd}--[0-9]]")
_COMPOUND = regex.compile(r"\p{L}[\p{L}\p{M}]*+(?:[-\u05BE\u2010\u2011\u200C]\p{L}[\p{L}\p{M}]*+)+")
_NOT_LETTER = regex.compile(r"[^\p{L}\p{M}]+")

STEM_CHARS = 7
"""Two words with this many equal first letters count as forms of one word."""

GRAM_CHARS = 4
"""Length of the n-grams that words are compared by."""


def words(text: str) -> list[str]:
    """The words of `text` as written; in scripts without spaces, every pair of adjacent characters."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    return [part for word in _WORD.findall(text) for part in _pairs(word)]


def search_words(text: str) -> list[str]:
    """The words of `text` for searching: under NFKC, without non-spacing marks, with ASCII digits.

    Besides the parts of a hyphenated word (or one with a zero-width non-joiner), the list contains the whole without
    hyphens: `e-mail` gives `e`, `mail` and `email`.
    """
    if is_plain(text):
        return _ASCII_WORD.findall(text)
    text = _normalise(text)
    found: list[str] = []
    for word in _SEARCH_WORD.findall(text):
        found.extend(_pairs(word))
    found.extend(_NOT_LETTER.sub("", compound) for compound in _COMPOUND.findall(text))
    return found


def is_plain(text: str) -> bool:
    """Whether `search_words` and `words` find the same in a text."""
    return text.isascii() and "-" not in text


def _pairs(word: str) -> list[str]:
    """A word, or the pairs of adjacent characters of one in an unspaced script."""
    if len(word) > 2 and _IS_UNSPACED.match(word):
        return [word[at : at + 2] for at in range(len(word) - 1)]
    return [word]


def _normalise(text: str) -> str:
    if text.isascii():
        return text
    bare = _IGNORED_IN_SEARCH.sub("", unicodedata.normalize("NFKD", text))
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), unicodedata.normalize("NFC", bare))


class Stems(dict[str, str]):
    """Maps a word to its stem: case folded, without possessive, cut to STEM_CHARS. Caches every word."""

    def __missing__(self, word: str) -> str:
        stem = self[word] = without_possessive(word.casefold())[:STEM_CHARS]
        return stem


class Folds(dict[str, str]):
    """Maps a word to its search form: no case, marks, compatibility forms or possessive. Caches every word."""

    def __missing__(self, word: str) -> str:
        plain = word.casefold() if word.isascii() else _normalise(_normalise(word).casefold())
        folded = self[word] = without_possessive(plain)
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
