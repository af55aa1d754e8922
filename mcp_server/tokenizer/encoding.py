"""Counting with an encoder: a function from text to token ids, as the tokenizer libraries offer it."""

from collections.abc import Callable, Sequence
from threading import Lock

Encode = Callable[[str], Sequence[int]]

# tiktoken's pattern engine gives up on a run of about a million spaces, with an exception that is no `Exception`. Text
# up to this many characters is counted whole, so exactly; an answer never holds a quarter as many. Longer text is
# counted in pieces of this size: off by a token or two for each, where only "far too long" matters.
WHOLE_CHARACTERS = 200_000


class EncodingCounter:
    """Counts the tokens that an encoder returns. Safe to share between threads.

    `load` returns the encoder. It runs once, at the first count or in `warm()`. Special tokens such as
    `<|endoftext|>` count as plain text: a stranger's message cannot contain a real one.
    """

    def __init__(self, load: Callable[[], Encode]) -> None:
        self._load = load
        self._loading = Lock()
        self._encode: Encode | None = None

    def count(self, text: str) -> int:
        """The number of tokens of `text`: exact up to WHOLE_CHARACTERS characters."""
        encode = self._encode or self._ready()
        if len(text) <= WHOLE_CHARACTERS:
            return len(encode(text))
        return sum(len(encode(text[at : at + WHOLE_CHARACTERS])) for at in range(0, len(text), WHOLE_CHARACTERS))

    # These vocabularies cut a text at every edge of a piece, so a piece alone has as many tokens as among others.
    count_piece = count

    def count_json_piece(self, escaped: str) -> int:
        """Tokens of an escaped piece. For a prefix, the most: its first letter may join the `\\n` before it."""
        alone = self.count(escaped)
        if escaped.endswith("\\n") or not escaped[0].isalpha():
            return alone
        return max(alone, *(self.count(f"{before}{escaped}") - self.count(before) for before in ("n", "\\n")))

    def prepare(self) -> None:
        """Load what the first few counts need, which is all of it here. Blocks."""
        self._ready()

    def warm(self) -> None:
        """Load the encoder now, so that the first count does not wait. Blocks: call it from a worker thread."""
        self._ready()

    def _ready(self) -> Encode:
        if self._encode is None:
            with self._loading:
                if self._encode is None:
                    self._encode = self._load()
        return self._encode
