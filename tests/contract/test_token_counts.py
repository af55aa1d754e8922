"""Every vocabulary counts as its maker's own files do: by their published hashes, or by counts taken with other code.

`token_counts.json` holds those counts and where they come from: of the samples in `tests/support/honest_text.py`, and
of the declaration of human rights (texts of the UDHR in Unicode project) in `declarations.json.xz`. Claude's are
checked in tests/claude.
"""

import base64
import hashlib
import json
import lzma
from importlib.resources import files
from pathlib import Path

import pytest
import tiktoken

from mcp_server.tokenizer import Vocabularies, llama4
from mcp_server.tokenizer.o200k import PATTERN
from tests.support.honest_text import COUNTED, HONEST
from tests.support.mixed_lines import mixed_texts

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "token_counts.json").read_text(encoding="utf-8"))
DECLARATIONS: dict[str, str] = json.loads(lzma.decompress((HERE / "declarations.json.xz").read_bytes()))
VOCABULARIES = Vocabularies()

LLAMA_3_SHA256 = "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55"
# How Llama 3 cuts text into words.
LLAMA_3_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@pytest.mark.parametrize("name", RECORDED["samples"])
def test_counts_are_those_of_other_code(name: str) -> None:
    """Each sample, and each declaration."""
    count = VOCABULARIES.of(name).counter.count
    assert [count(sample) for sample in COUNTED] == RECORDED["samples"][name]
    assert {language: count(text) for language, text in DECLARATIONS.items()} == RECORDED["declarations"][name]


def test_llama_3_counts_as_metas_own_file_does() -> None:
    """By the hash that Meta published, read by tiktoken, and cut as the code beside it cuts."""
    content = files("llama_models").joinpath("llama3", "tokenizer.model").read_bytes()
    assert hashlib.sha256(content).hexdigest() == LLAMA_3_SHA256
    source = files("llama_models").joinpath("llama3", "tokenizer.py").read_text(encoding="utf-8")
    assert LLAMA_3_PATTERN in source
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, content.splitlines())}
    own = tiktoken.Encoding("own", pat_str=LLAMA_3_PATTERN, mergeable_ranks=ranks, special_tokens={})
    count = VOCABULARIES.of("llama-3").counter.count
    for text in [*HONEST, *mixed_texts(2_000)]:
        assert count(text) == len(own.encode_ordinary(text))


def test_llama_4_is_metas_own_file_cut_as_meta_cuts() -> None:
    """The hash is checked whenever it is loaded; the pattern is in the package that the file comes from."""
    source = files("llama_models").joinpath("llama4", "tokenizer.py").read_text(encoding="utf-8")
    for part in PATTERN.split("|"):
        assert part in source
    assert llama4.SHA256 == "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed"
    assert VOCABULARIES.of("llama-4").counter.count("Hello, world") > 0
