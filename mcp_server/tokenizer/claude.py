"""Claude's token counts, from the extra `[claude]`: ctok, a reconstruction of the counts of Anthropic's endpoint.

ctok counts a message, not a piece of one. A message begins and ends with tokens of its own, its last newlines cost
nothing, and letters next to each other are one word. So a piece is counted in a short message, where its neighbours
begin and end as those in a transcript do, and the count of the neighbours alone is subtracted. Counted like this, the
pieces of a transcript add up to the whole, as text and as JSON, but for a name in ideographs before a digit, which is
counted a token too many (tests/claude/test_claude.py).
"""

from collections.abc import Callable
from threading import Lock

# ctok's names of the vocabularies: that of Claude 3 to 4.6, and that of 4.7 to 5 with the frame of the newest models.
VERSIONS = {"claude": "4.8", "claude-4.6": "3.0"}

# What a line follows, and what a text follows: the mark of its sender.
_LINE, _TEXT = "a\n", "a\n>"
# The same in a JSON string, where a newline is a backslash and a letter.
_JSON_LINE, _JSON_TEXT = "a\\n", "a\\n>"
# What follows: a text after a prefix, a line after a newline. After an escaped newline it is a digit, because a letter
# would be one word with the `n` of the newline. Each of them is a token of its own.
_WORD, _NEXT, _JSON_NEXT = " a", "a", "0"


class ClaudeCounter:
    """Counts Claude's tokens. Safe to share between threads; the vocabulary is loaded at the first count."""

    def __init__(self, name: str) -> None:
        """`name` is one of VERSIONS. Without the extra the first count raises ImportError."""
        self._version = VERSIONS[name]
        self._loading = Lock()
        self._vocabulary: _Vocabulary | None = None

    def count(self, text: str) -> int:
        """Tokens of a text that follows lines, and that nothing follows unless it ends in a newline."""
        if not text:
            return 0
        vocabulary = self._ready()
        if text.endswith("\n"):
            return vocabulary.count(_LINE + text + _NEXT) - vocabulary.line
        # `line` includes the token of `_NEXT`, which is not there.
        return vocabulary.count(_LINE + text) - vocabulary.line + 1

    def count_piece(self, piece: str) -> int:
        """Tokens that a piece adds to a transcript: a line, a prefix, or a text, which begins with a space."""
        vocabulary = self._ready()
        if piece.startswith(" "):
            return vocabulary.count(_TEXT + piece + _NEXT) - vocabulary.text
        return vocabulary.count(_LINE + piece + (_NEXT if piece.endswith("\n") else _WORD)) - vocabulary.line

    def count_json_piece(self, escaped: str) -> int:
        """Tokens that a piece, escaped, adds to a transcript in a JSON string."""
        vocabulary = self._ready()
        if escaped.startswith(" "):
            return vocabulary.count(_JSON_TEXT + escaped + _JSON_NEXT) - vocabulary.json_text
        end = _JSON_NEXT if escaped.endswith("\\n") else _WORD
        return vocabulary.count(_JSON_LINE + escaped + end) - vocabulary.json_line

    def prepare(self) -> None:
        """Load the vocabulary now, so that the first count does not wait. Blocks: call it from a worker thread."""
        self._ready()

    warm = prepare

    def _ready(self) -> "_Vocabulary":
        if self._vocabulary is None:
            with self._loading:
                if self._vocabulary is None:
                    self._vocabulary = _Vocabulary(self._version)
        return self._vocabulary


class _Vocabulary:
    """A vocabulary of ctok, and the counts of the neighbours alone."""

    def __init__(self, version: str) -> None:
        # Here, not above: the extra may be absent, and its vocabularies take up to a second to load.
        from ctok import token_count

        self._token_count: Callable[[str, str], int] = token_count
        self._version = version
        self.line = self.count(_LINE + _NEXT)
        self.text = self.count(_TEXT + _WORD)
        self.json_line = self.count(_JSON_LINE + _JSON_NEXT)
        self.json_text = self.count(_JSON_TEXT + _WORD)

    def count(self, message: str) -> int:
        """Tokens of a message, with those that it begins and ends with."""
        return self._token_count(message, self._version)
