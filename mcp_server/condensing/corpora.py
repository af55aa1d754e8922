"""The analysed conversations of recent calls: another question about the same messages only has to choose and write."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field

from mcp_server.condensing.analysis import TextAnalysis
from mcp_server.condensing.compact import Compact
from mcp_server.condensing.corpus import Corpus

MAX_BYTES = 32 * 1024 * 1024
"""Of all conversations together. The one in use is kept in any case."""

KEPT_S = 900.0
"""How long a conversation is kept after its last use: as long as its messages are in memory."""

MESSAGE_BYTES = 2_000
CHARACTER_BYTES = 25
"""What a message takes at most on average, and each character of its text: measured, and checked by a test."""

_SPARE = 100


@dataclass(slots=True)
class _Kept:
    """A conversation: the analyses of its texts, and the messages that were condensed last."""

    analyses: dict[str, TextAnalysis] = field(default_factory=dict)
    corpus: Corpus | None = None
    size_bytes: int = 0
    used_s: float = 0.0


class Corpora:
    """Remembers what is known of conversations: beyond `max_bytes` the least recently used are forgotten.

    Not safe to share between threads.
    """

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._clock_s = clock_s
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def of(self, conversation: Hashable, compacts: Sequence[Compact]) -> Corpus:
        """The corpus of these messages, oldest first, with whatever is known of them under the name `conversation`."""
        kept = self._kept.pop(conversation, None) or _Kept()
        if kept.corpus is None or kept.corpus.compacts != tuple(compacts):
            texts = {message.text for message, _ in compacts}
            if len(kept.analyses) > 2 * len(compacts) + _SPARE:  # most are of messages that are gone
                kept.analyses = {text: kept.analyses[text] for text in texts & kept.analyses.keys()}
            kept.corpus = Corpus(compacts, kept.analyses)
            self.size_bytes -= kept.size_bytes
            kept.size_bytes = _size_of(kept.analyses.keys() | texts, len(compacts))
            self.size_bytes += kept.size_bytes
        kept.used_s = self._clock_s()
        self._kept[conversation] = kept
        self._forget()
        return kept.corpus

    def _forget(self) -> None:
        """Forget conversations that were not used for long, or that there is no room for."""
        oldest_s = self._clock_s() - KEPT_S
        while len(self._kept) > 1:
            first = next(iter(self._kept.values()))
            if first.used_s > oldest_s and self.size_bytes <= self._max_bytes:
                break
            self._kept.popitem(last=False)
            self.size_bytes -= first.size_bytes


def _size_of(texts: Collection[str], messages: int) -> int:
    """About how many bytes the analyses of so many messages take that have these texts."""
    return MESSAGE_BYTES * max(len(texts), messages) + CHARACTER_BYTES * sum(map(len, texts))
