"""From vectors to a judgement: how much each text of a conversation bears on a question, from 0 to 1.

A cosine means little by itself, so each is set against its conversation: the middle text is 0 and the nearest 1. Two
cases are 0 throughout, and leave the ranking to words: when even the nearest text is not near, and when the
conversation is not in a language that the model knows (it knows English; for other languages its vectors are noise,
which half-and-half ranking would take for relevance).

A text's vector is the same whatever stands beside it, so the same call gives the same figures, first time or
hundredth. Each is worked out once and kept; the key is a hash of the model's input, so no text is kept.
"""

import hashlib
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from statistics import median
from threading import Lock
from typing import Protocol

from mcp_server.errors import SettingsError
from mcp_server.semantic.extra import missing

Vector = bytes
"""A vector of length 1 as the encoder packs it; only the encoder looks inside."""

PIECE_TOKENS = 126
"""What is read at once. Longer texts are read in pieces and count as near as their nearest piece."""

READ_TOKENS = (4 * PIECE_TOKENS, PIECE_TOKENS, 64, 32)
"""How much of each text is read: the first that keeps the conversation within MAX_TOKENS."""

MAX_TOKENS = 32_000
"""Read for one question at most: 1,000 messages of 32 tokens, about 10 s of one core when all are new."""

MOST_VECTORS = 20_000
"""Kept at most, the longest unused go first: 30 MB of vectors and about 5 MB around them."""

MOST_WORKERS = 4

NEAR = 0.25
"""The cosine below which nothing is near. On chats in English, 99 of 100 questions about a conversation have a
text nearer than this; questions about things it never speaks of (of other work, other lives) mostly have none."""

ENGLISH = (0.02, 0.08)
"""The share of a conversation's words that are small words of English alone (the, you, with): English chat has 0.15 to
0.25, slang and lists of names 0.05, twenty other languages 0 to 0.01. Between the two its figures count in part."""


class Words(Protocol):
    """A text as the model reads it: `ids` of its tokens, how many `words` they are, and how many of those show that
    the text is `english`."""

    @property
    def ids(self) -> tuple[int, ...]: ...
    @property
    def words(self) -> int: ...
    @property
    def english(self) -> int: ...


class Encoder(Protocol):
    """A sentence model. Safe to share between threads."""

    def read(self, texts: Sequence[str]) -> Sequence[Words]:
        """The tokens of each text, without those that only frame it."""
        ...

    def vector(self, ids: tuple[int, ...]) -> Vector:
        """The meaning of up to PIECE_TOKENS tokens; depends on nothing else."""
        ...

    def cosines(self, question: Vector, vectors: Sequence[Vector]) -> Sequence[float]:
        """How near each vector is to the question's."""
        ...


class LocalSimilarity:
    """Judges with the model of the extra. Safe to share between threads; the model is loaded at the first question.

    Everything here blocks: call it from a worker thread. Raises SettingsError at once without the extra.
    """

    def __init__(self, encoder: Encoder | None = None, *, most_vectors: int = MOST_VECTORS) -> None:
        if encoder is None and (absent := missing()):
            raise SettingsError(
                f"Ranking by meaning needs packages that are not installed: {', '.join(absent)}.",
                advice="Install the extra: pip install 'conversation-mcp[semantic]'.",
            )
        self._encoder = encoder
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()
        self._most_vectors = most_vectors
        # One question at a time: two about one new conversation read it once, and the model never takes all cores.
        self._busy = Lock()

    def similarity(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text how near it is to the question, from 0 to 1; 0 for all where the model cannot tell.

        Take the names of who writes out of the question first: they draw every text that calls somebody by name.
        Raises SettingsError when the installed model is not the one this was made for.
        """
        with self._busy:
            encoder = self._ready()
            asked, *read = encoder.read([question, *texts])
            trust = trust_in(read)
            limit = _read_limit(read)
            if not trust or limit is None or not asked.ids:
                return [0.0] * len(texts)
            pieces = [_pieces(words.ids, limit) for words in read]
            wanted = asked.ids[:PIECE_TOKENS]
            known = self._known(encoder, [wanted, *(piece for several in pieces for piece in several)])
        cosines = iter(encoder.cosines(known[0], known[1:]))
        nearest = [max((next(cosines) for _ in several), default=None) for several in pieces]
        return [trust * share for share in judged(nearest)]

    def _ready(self) -> Encoder:
        if self._encoder is None:
            # Here, not above: the packages of the extra may be absent, and take 200 ms to import.
            from mcp_server.semantic.minilm import MiniLm

            self._encoder = MiniLm()
        return self._encoder

    def _known(self, encoder: Encoder, pieces: Sequence[tuple[int, ...]]) -> list[Vector]:
        """The vector of each piece; what is new is worked out on several cores."""
        keys = [hashlib.blake2b(array("i", piece).tobytes(), digest_size=16).digest() for piece in pieces]
        new = {key: piece for key, piece in zip(keys, pieces, strict=True) if key not in self._vectors}
        found = {key: self._vectors[key] for key in keys if key in self._vectors}
        if new:
            with ThreadPoolExecutor(min(MOST_WORKERS, cpu_count() or 1), "semantic") as workers:
                found.update(zip(new, workers.map(encoder.vector, new.values()), strict=True))
        for key in keys:
            self._vectors[key] = found[key]
            self._vectors.move_to_end(key)
        while len(self._vectors) > self._most_vectors:
            self._vectors.popitem(last=False)
        return [found[key] for key in keys]


def trust_in(texts: Sequence[Words]) -> float:
    """How far the model is to be trusted with these texts, from 0 to 1: as far as they are in English."""
    words = sum(text.words for text in texts)
    if not words:
        return 0.0
    foreign, english = ENGLISH
    return min(1.0, max(0.0, (sum(text.english for text in texts) / words - foreign) / (english - foreign)))


def judged(cosines: Sequence[float | None]) -> list[float]:
    """Cosines (None: nothing to read) as shares from 0, the conversation's middle, to 1, its nearest text."""
    known = [cosine for cosine in cosines if cosine is not None]
    nearest = max(known, default=0.0)
    if nearest <= NEAR:
        return [0.0] * len(cosines)
    # Where most of a conversation is near, its middle is no ground to call the rest of it far.
    middle = min(median(known), NEAR)
    return [0.0 if cosine is None else max(0.0, (cosine - middle) / (nearest - middle)) for cosine in cosines]


def _read_limit(texts: Sequence[Words]) -> int | None:
    for limit in READ_TOKENS:
        if sum(min(len(words.ids), limit) for words in texts) <= MAX_TOKENS:
            return limit
    return None


def _pieces(ids: tuple[int, ...], limit: int) -> list[tuple[int, ...]]:
    return [ids[at : min(at + PIECE_TOKENS, limit)] for at in range(0, min(len(ids), limit), PIECE_TOKENS)]
