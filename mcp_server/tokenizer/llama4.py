"""Llama 4's vocabulary: Meta's own file, which comes with the package llama-models, read by tiktoken."""

import base64
import hashlib
from importlib.resources import files

from mcp_server.errors import SettingsError
from mcp_server.tokenizer.encoding import Encode
from mcp_server.tokenizer.o200k import PATTERN

SHA256 = "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed"


def load_llama4() -> Encode:
    """The encoder. Raises ImportError without the extra, SettingsError when the file is not Meta's published one."""
    return build_encoder(files("llama_models").joinpath("llama4", "tokenizer.model").read_bytes())


def build_encoder(content: bytes) -> Encode:
    """The encoder from the content of Meta's file. Raises SettingsError for any other content."""
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SettingsError(
            "The installed llama-models does not contain Llama 4's published vocabulary.",
            advice="Run: pip install 'conversation-mcp[llama-4]'.",
        )
    # Here, not above, as in `o200k`.
    from tiktoken import Encoding

    lines = (line.split() for line in content.splitlines() if line)
    ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
    # Llama 4 cuts text into words as o200k_base does.
    encoding = Encoding("llama-4", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    # tiktoken has copied them by now, and keeps the dictionary for pickling alone.
    ranks.clear()
    return encoding.encode_ordinary
