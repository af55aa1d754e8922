"""Claude's token counts where the extra `[claude]` cannot be installed: o200k_base times a safe factor by script.

The factors are the most that Claude's vocabulary took for any stretch of 200 tokens or more, in 100 documents in the
languages of LinkedIn, rounded up. Where counts recorded from Anthropic's endpoint were higher, they are those (the
declaration of human rights in 501 languages). So an estimate is never meant to be under, and mostly over: English
takes 1.5 times the tokens of o200k_base, and is estimated at 2.25 times, as German needs it.
"""

import math
from collections.abc import Mapping

import regex

from mcp_server.tokenizer.encoding import EncodingCounter

_LATIN = r"\p{Latin}"
_HAN_AND_KANA = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}"
_HANGUL = r"\p{Hangul}"
_BOTH = {
    r"\p{Cyrillic}": 1.85,
    r"\p{Greek}": 1.90,
    r"\p{Arabic}\p{Hebrew}": 2.50,
    r"\p{Devanagari}": 2.75,
    r"\p{Thai}": 2.05,
}
_FACTORS: Mapping[str, Mapping[str, float]] = {
    "claude": {_LATIN: 2.25, _HAN_AND_KANA: 1.50, _HANGUL: 1.85, **_BOTH},
    "claude-4.6": {_LATIN: 1.85, _HAN_AND_KANA: 1.40, _HANGUL: 1.80, **_BOTH},
}
_ANY_OTHER = 5.0
"""Kannada, the dearest script that was recorded, takes 4.67 times the tokens."""

_LETTERS = {script: regex.compile(f"[{script}]") for script in _FACTORS["claude"]}
_OTHER_LETTER = regex.compile(rf"[\p{{L}}--[{''.join(_LETTERS)}]]", regex.V1)


class EstimatedCounter:
    """Estimates tokens from those of o200k_base. A text in several scripts gets the highest of their factors."""

    def __init__(self, name: str, o200k: EncodingCounter) -> None:
        """`name` is `claude` or `claude-4.6`."""
        self._o200k = o200k
        self._factors = _FACTORS[name]

    def count(self, text: str) -> int:
        """The estimate for a text, rounded up."""
        return math.ceil(self._o200k.count(text) * self._factor(text))

    count_piece = count

    def count_json_piece(self, escaped: str) -> int:
        """The estimate for an escaped piece."""
        return math.ceil(self._o200k.count_json_piece(escaped) * self._factor(escaped))

    def prepare(self) -> None:
        """Load what the first few counts need. Blocks: call it from a worker thread."""
        self._o200k.prepare()

    def warm(self) -> None:
        """Load the encoder now. Blocks: call it from a worker thread."""
        self._o200k.warm()

    def _factor(self, text: str) -> float:
        if text.isascii():
            return self._factors[_LATIN]
        if _OTHER_LETTER.search(text):
            return _ANY_OTHER
        found = (self._factors[script] for script, letter in _LETTERS.items() if letter.search(text))
        return max(found, default=self._factors[_LATIN])
