"""Sizes of answers in tokens and characters, as text and as JSON, without encoding any text twice.

Counts are additive over the pieces of a transcript in every vocabulary (its grammar ensures that; property tests check
it), so every text is encoded once and an answer's size is a sum. An answer is sent twice, as text and as a JSON string
in the structured content. Clients show their model one or the other, so both must fit. JSON writes a newline as `\\n`
and a quote as `\\"`. The JSON count of a piece is an upper bound, exact except for letters that directly follow a
newline (group marks, `More`).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_letters, digits
from typing import NamedTuple, Protocol

MAX_CHARS = 45_000
"""Maximum length of a channel: Claude Code moves results of more than 50,000 characters to a file."""

_SHORT_END = 3
_MOST_ENDS = 5_000
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*([^\W_])((?: ?[!#-/:-@\[\]-`{-~]+)?\n)')


class TokenCounter(Protocol):
    """Counts the tokens of one vocabulary. Special tokens are counted as plain text."""

    def count(self, text: str) -> int:
        """Tokens of a text that is not a piece: a header, a footer, a cursor."""
        ...

    def count_piece(self, piece: str) -> int:
        """Tokens that a piece of a transcript adds to it."""
        ...

    def count_json_piece(self, escaped: str) -> int:
        """Tokens that a piece, escaped, adds to a transcript within a JSON string: never less than it really adds."""
        ...

    def prepare(self) -> None:
        """Load what the first few counts need. Blocks."""
        ...

    def warm(self) -> None:
        """Load what counting needs, so that no count waits. Blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Whose tokens are counted. `name` is the one that the settings use.

    `planner` counts another vocabulary's tokens, faster: answers are planned with it where counting takes long.
    `estimated`: the counts are not those of the vocabulary, but safe estimates.
    """

    name: str
    counter: TokenCounter
    planner: TokenCounter | None = None
    estimated: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What an answer in these tokens has to say about them."""
        return ("Tokens are estimated.",) if self.estimated else ()

    def prepare(self) -> None:
        """Load what the first few counts need. Blocks: call it from a worker thread."""
        self.counter.prepare()
        if self.planner is not None:
            self.planner.prepare()

    def warm(self) -> None:
        """Load what counting and planning need. Blocks: call it from a worker thread."""
        self.counter.warm()
        if self.planner is not None:
            self.planner.warm()


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
    for more_tokens, more_chars, more_json_tokens, more_json_chars in sizes:
        tokens += more_tokens
        chars += more_chars
        json_tokens += more_json_tokens
        json_chars += more_json_chars
    return Size(tokens, chars, json_tokens, json_chars)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Maximum size of an answer: `max_tokens` tokens and `MAX_CHARS` characters in each channel that is sent.

    `token_scale` is how many tokens the model sees per counted token.
    """

    max_tokens: int
    token_scale: float = 1.0
    structured: bool = True
    tokens: int = field(init=False)
    """The budget in the tokens that are counted."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", int(self.max_tokens / self.token_scale))

    def effective_tokens(self, size: Size) -> int:
        """The size as one number: tokens of the larger channel, or its characters if those run out first.

        Subadditive: the sum over pieces is never less than the value of the sum. A size with at most `tokens` fits.
        """
        tokens, chars, json_tokens, json_chars = size
        if self.structured:
            tokens = json_tokens if json_tokens > tokens else tokens
            chars = json_chars if json_chars > chars else chars
        by_chars = -(-chars * self.tokens // MAX_CHARS)
        return by_chars if by_chars > tokens else tokens

    def holds(self, size: Size) -> bool:
        """Whether an answer of this size fits in every channel that is sent."""
        if size.tokens > self.tokens or size.chars > MAX_CHARS:
            return False
        return not self.structured or (size.json_tokens <= self.tokens and size.json_chars <= MAX_CHARS)


class Meter:
    """Measures pieces, which end in a newline and start with no white space except the one space before a text."""

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter
        self._ends: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Tokens of any text."""
        return self._counter.count(text)

    def size(self, piece: str) -> Size:
        """The size of a piece: a line, a prefix, or a text as `render_text` returns it."""
        tokens = self._counter.count_piece(piece)
        if not piece.endswith("\n"):
            return Size(tokens, len(piece), self._counter.count_json_piece(piece), len(piece))
        plain = _PLAIN.fullmatch(piece)
        if plain is None or not (plain[1].isalpha() or plain[1] in digits):
            escaped = escape(piece)
            return Size(tokens, len(piece), self._counter.count_json_piece(escaped), len(escaped))
        # JSON changes only the final newline here, so only the punctuation it merges with is counted again.
        last = "a" if plain[1] in ascii_letters else plain[1]
        return Size(tokens, len(piece), tokens + self._difference(last, plain[2]), len(piece) + 1)

    def _difference(self, last: str, end: str) -> int:
        """How many more tokens a text has in JSON that ends in this letter or digit, followed by `end`.

        Cached: most texts end in one of a dozen ways.
        """
        difference = self._ends.get(last + end)
        if difference is None:
            text = f" {last}{end}"
            difference = self._counter.count_json_piece(text[:-1] + "\\n") - self._counter.count_piece(text)
            if len(end) <= _SHORT_END:
                if len(self._ends) >= _MOST_ENDS:
                    self._ends.clear()
                self._ends[last + end] = difference
        return difference


def escape(text: str) -> str:
    """`text` escaped as the content of a JSON string, without the quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
