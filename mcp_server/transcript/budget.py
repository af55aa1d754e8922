"""What an answer costs: tokens and characters, as text and as JSON, without encoding anything twice.

Counts in o200k_base add up over the pieces of a transcript (its grammar sees to that; the laws are tested), so every
text is encoded once, and an answer's size is a sum. An answer goes out twice, as text and as a JSON string inside the
structured content, and clients show their model one or the other: both have to fit. JSON writes a newline as
`\\n`, a quote as `\\"`; its count of a piece is an upper bound of what the piece adds, exact but for letters that
follow a newline directly (the marks of a group, `More`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MAX_CHARS = 45_000
"""No channel is ever longer: Claude Code moves results of more than 50,000 characters into a file."""

_SHORT_END = 3
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*[^\W_]((?: ?[!#-/:-@\[\]-`{-~]+)?\n)')


class TokenCounter(Protocol):
    """Counts o200k_base tokens; special tokens count as the text they are."""

    def count(self, text: str) -> int: ...


class Size(NamedTuple):
    """Tokens and characters of a piece, as text and inside a JSON string."""

    tokens: int
    chars: int
    json_tokens: int
    json_chars: int

    def __add__(self, other: "Size") -> "Size":  # type: ignore[override]  # a sum of sizes, not a longer tuple
        return Size(
            self.tokens + other.tokens,
            self.chars + other.chars,
            self.json_tokens + other.json_tokens,
            self.json_chars + other.json_chars,
        )

    def __sub__(self, other: "Size") -> "Size":
        return Size(
            self.tokens - other.tokens,
            self.chars - other.chars,
            self.json_tokens - other.json_tokens,
            self.json_chars - other.json_chars,
        )


NOTHING = Size(0, 0, 0, 0)


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes."""
    tokens = chars = json_tokens = json_chars = 0
    for size in sizes:
        tokens += size.tokens
        chars += size.chars
        json_tokens += size.json_tokens
        json_chars += size.json_chars
    return Size(tokens, chars, json_tokens, json_chars)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How large an answer may be: `max_tokens` in each channel that is sent, `MAX_CHARS` characters in each.

    `token_scale` stretches the estimate for models that see more tokens than o200k_base does in the same text.
    """

    max_tokens: int
    token_scale: float = 1.0
    structured: bool = True

    @property
    def tokens(self) -> int:
        """The budget in o200k_base tokens."""
        return int(self.max_tokens / self.token_scale)

    def weight(self, size: Size) -> int:
        """The size in one number: tokens of the larger channel that is sent, or characters where those run out first.

        A sum of weights is never less than the weight of the sum, and what weighs `tokens` at most fits.
        """
        tokens = max(size.tokens, size.json_tokens) if self.structured else size.tokens
        chars = max(size.chars, size.json_chars) if self.structured else size.chars
        return max(tokens, -(-chars * self.tokens // MAX_CHARS))

    def holds(self, size: Size) -> bool:
        """Whether both channels of an answer of this size fit."""
        if size.tokens > self.tokens or size.chars > MAX_CHARS:
            return False
        return not self.structured or (size.json_tokens <= self.tokens and size.json_chars <= MAX_CHARS)


class Meter:
    """Sizes of pieces, which end in a newline and start with no white space but the one space before a text."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._ends: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Tokens of any text."""
        return self._counter.count(text)

    def size(self, piece: str) -> Size:
        """The size of a piece of a transcript: a chunk, a prefix, or a text as `render_text` gives it."""
        tokens = self._counter.count(piece)
        if not piece.endswith("\n"):
            return Size(tokens, len(piece), tokens, len(piece))
        plain = _PLAIN.fullmatch(piece)
        if plain is None:
            escaped = escape(piece)
            return Size(tokens, len(piece), self._counter.count(escaped), len(escaped))
        # JSON writes nothing but the last newline otherwise: only the punctuation it merges with is counted again.
        return Size(tokens, len(piece), tokens + self._difference(plain[1]), len(piece) + 1)

    def _difference(self, end: str) -> int:
        """How many tokens more the end of a line has in JSON. Most lines end in one of a dozen ways."""
        difference = self._ends.get(end)
        if difference is None:
            difference = self._counter.count(end[:-1] + "\\n") - self._counter.count(end)
            if len(end) <= _SHORT_END:
                self._ends[end] = difference
        return difference


def escape(text: str) -> str:
    """`text` as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
