"""The words of a text, in any script: what is counted when texts are compared.

No language is guessed and no list of words is kept. Forms of one word meet because long words count by their
beginning; scripts written without spaces count by pairs of characters, as search engines do.
"""

import re
import unicodedata
from collections.abc import Iterable

import regex

_JOINED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)?")
_WORD = regex.compile(
    rf"(?V1)[{_JOINED}]+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_JOINED}]]+(?:['’][[\p{{L}}\p{{M}}]--[{_JOINED}]]+)?"
)
_IS_JOINED = regex.compile(rf"[{_JOINED}]")
_WITH_ACCENTS = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}]")

STEM_CHARS = 7
"""Two long words that begin with as many equal letters are taken for forms of one."""

GRAM_CHARS = 4


def words(text: str) -> list[str]:
    """The words of `text` as written; of scripts without spaces, every two characters that stand together."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    found: list[str] = []
    for word in _WORD.findall(text):
        if len(word) > 2 and _IS_JOINED.match(word):
            found.extend(word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.append(word)
    return found


class Stems(dict[str, str]):
    """What a word counts as when it is asked how rare it is; remembers every word it was asked for."""

    def __missing__(self, word: str) -> str:
        stem = self[word] = without_possessive(word.casefold())[:STEM_CHARS]
        return stem


class Folds(dict[str, str]):
    """A word as it is looked for: no case, no accents, no possessive; remembers every word it was asked for."""

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
    """Every four characters of a longer word that stand together; the word itself where it is not longer.

    They join the forms of a word as a stemmer does, in languages that no stemmer is at hand for as well.
    """
    if len(word) <= GRAM_CHARS or word.isdigit():
        return (word,)
    return (word[at : at + GRAM_CHARS] for at in range(len(word) - GRAM_CHARS + 1))
