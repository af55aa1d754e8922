"""The o200k_base counter.

tiktoken fetches its ranks from the network on first use and throws away a cached copy whose hash is off. A server
that starts in a sealed container would then count nothing, so the ranks travel in this package and tiktoken is
handed them. `scripts/make_ranks.py` makes the data file; its licence stands beside it.

Building takes some 130 ms, once: 6 ms to unpack, 27 ms to read 200,000 ranks, the rest inside tiktoken, which holds the
interpreter throughout and cannot be made shorter from here (see docs/evidence/performance.md). The first few texts are
therefore counted from the ranks alone. The encoder is built when there is more to count, or in `warm()`.
"""

import hashlib
import importlib.resources
import zlib
from threading import Lock
from typing import TYPE_CHECKING

from mcp_server.errors import ConversationError
from mcp_server.tokenizer.encoding import WHOLE_CHARACTERS, Encode, EncodingCounter
from mcp_server.tokenizer.first_counts import FirstCounts

if TYPE_CHECKING:
    from tiktoken import Encoding

RANKS_FILE = "o200k_base.ranks.zlib"

# Of what the file unpacks to: the tokens in the order of their ranks, which count from 0, with SEPARATOR between them.
# The published file (base64 and a number a line, in xz) takes three times as long to read and a fifth more space.
PACKED_SHA256 = "75a984bf59dfb77b03d00f651cb144e88345efa853f75797f4fdb2eb674a1c7e"
# No token holds this byte, which UTF-8 never has, but the one that is this byte alone: that one is left empty.
SEPARATOR = b"\xff"

# How text is cut into words before they are split into tokens. tiktoken has this only inside the function that
# downloads the ranks; a test compares the two.
WORD = r"[^\r\n\p{L}\p{N}]?"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
PATTERN = "|".join(
    (
        f"{WORD}{UPPER}*{LOWER}+{CONTRACTION}",
        f"{WORD}{UPPER}+{LOWER}*{CONTRACTION}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)

# Part of the encoding's identity; never matched, because text is only ever encoded as ordinary text.
SPECIAL_TOKENS = {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018}


class O200kCounter(EncodingCounter):
    """Counts o200k_base tokens, from the ranks in this package: the first few texts without tiktoken's encoder."""

    def __init__(self) -> None:
        super().__init__(self._build)
        self._prepared = False
        self._ranks: dict[bytes, int] = {}
        self._first: FirstCounts | None = None
        self._preparing = Lock()

    def count(self, text: str) -> int:
        """The number of tokens of `text`: exact up to WHOLE_CHARACTERS characters."""
        encode = self._encode
        if encode is not None and len(text) <= WHOLE_CHARACTERS:
            return len(encode(text))  # as most are
        if encode is None:
            self.prepare()
            with self._preparing:
                tokens = None if self._first is None else self._first.count(text)
            if tokens is not None:
                return tokens
        return super().count(text)

    count_piece = count

    def prepare(self) -> None:
        """Read the ranks, which are all that the first counts need. Blocks."""
        with self._preparing:
            if not self._prepared:
                self._ranks = unpack_ranks(packed_ranks())
                self._first = FirstCounts(self._ranks, PATTERN)
                self._prepared = True

    def _build(self) -> Encode:
        self.prepare()
        with self._preparing:
            self._first = None
            return build_encoding(self._ranks).encode_ordinary


def packed_ranks() -> bytes:
    """The data file as it stands in the package."""
    return importlib.resources.files(__package__).joinpath(RANKS_FILE).read_bytes()


def unpack_ranks(packed: bytes) -> dict[bytes, int]:
    """Token bytes to rank, out of the data file. Raises ConversationError when it is not the one that was made."""
    try:
        joined = zlib.decompress(packed)
    except zlib.error as damage:
        raise _damaged() from damage
    if hashlib.sha256(joined).hexdigest() != PACKED_SHA256:
        raise _damaged()
    tokens = joined.split(SEPARATOR)
    tokens[tokens.index(b"")] = SEPARATOR
    return dict(zip(tokens, range(len(tokens)), strict=True))


def build_encoding(ranks: dict[bytes, int]) -> "Encoding":
    """tiktoken's o200k_base. Empties `ranks`."""
    # Here, not above: 25 ms that a server's first answer need not wait for.
    from tiktoken import Encoding

    encoding = Encoding("o200k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=SPECIAL_TOKENS)
    # tiktoken has copied them by now, and keeps the dictionary for pickling alone: 24 MB that nobody reads again.
    ranks.clear()
    return encoding


def _damaged() -> ConversationError:
    return ConversationError(
        f"The token ranks inside the package ({RANKS_FILE}) are damaged.", advice="Install conversation-mcp again."
    )
