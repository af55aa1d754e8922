"""Vocabularies by name: what is imported for them, what is missing, and what is said then."""

import subprocess
import sys

import pytest

from mcp_server.errors import SettingsError
from mcp_server.setting_values import DEFAULT_TOKENIZER, TOKENIZERS
from mcp_server.tokenizer import O200kCounter, Vocabularies
from mcp_server.tokenizer.extras import check_installed, estimate_notice, installed, label
from mcp_server.tokenizer.llama4 import build_encoder

# Hides the packages of all extras, as where none is installed.
WITHOUT_EXTRAS = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in ("ctok", "splintr", "llama_models"):
            raise ModuleNotFoundError(name)
import importlib.util
real = importlib.util.find_spec
def find_spec(name, package=None):
    return None if name in ("ctok", "splintr", "llama_models") else real(name, package)
importlib.util.find_spec = find_spec
"""


def python(code: str, before: str = "") -> str:
    """What a Python process of its own prints."""
    return subprocess.run(
        [sys.executable, "-c", before + code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_each_vocabulary_is_made_once() -> None:
    """Readers of one process share it, and its memory."""
    vocabularies = Vocabularies()
    assert vocabularies.of("llama-3") is vocabularies.of("llama-3")
    assert isinstance(vocabularies.of(DEFAULT_TOKENIZER).counter, O200kCounter)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_each_vocabulary_counts_once_warm(name: str) -> None:
    """Half of a surrogate pair included, which no message has, but no count may fail on."""
    vocabulary = Vocabularies().of(name)
    vocabulary.warm()
    assert vocabulary.name == name
    assert vocabulary.counter.count("Hello, world") in range(2, 11)
    assert vocabulary.counter.count("a\ud800b") > 0


def test_special_tokens_are_plain_text() -> None:
    """A stranger's message cannot hold a real one, so what looks like one costs what its letters cost."""
    vocabularies = Vocabularies()
    for name in ("llama-3", "qwen-3", "deepseek"):
        assert vocabularies.of(name).counter.count("<|endoftext|>") > 3


def test_a_vocabulary_is_imported_when_it_is_used() -> None:
    """Not for its neighbours, and none for the default."""
    code = """
from mcp_server.tokenizer import Vocabularies
Vocabularies().of("o200k_base").counter.count("x")
import sys
print([name for name in ("ctok", "splintr", "llama_models", "mcp_server.tokenizer.claude") if name in sys.modules])
"""
    assert python(code) == "[]"


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("gemini", "pip install 'conversation-mcp[tokenizers]'"),
        ("mistral", "pip install 'conversation-mcp[tokenizers]'"),
        ("llama-4", "pip install 'conversation-mcp[llama-4]'"),
    ],
)
def test_what_is_not_installed_is_an_error_with_the_command_that_installs_it(name: str, command: str) -> None:
    """And nothing is counted in another vocabulary instead."""
    code = f"""
from mcp_server.errors import SettingsError
from mcp_server.tokenizer import Vocabularies
try:
    Vocabularies().of({name!r})
except SettingsError as error:
    print(error.explain())
"""
    said = python(code, WITHOUT_EXTRAS)
    assert said.startswith(f"configuration: CONVERSATION_TOKENIZER is {name}, which is not installed. Run: {command}.")


@pytest.mark.parametrize("name", ["claude", "claude-4.6"])
def test_without_its_extra_claude_is_estimated(name: str) -> None:
    """The answer says so, and the log says how to have it counted."""
    code = f"""
from mcp_server.tokenizer import Vocabularies
from mcp_server.tokenizer.llama4 import build_encoder
from mcp_server.tokenizer.extras import estimate_notice, label
vocabulary = Vocabularies().of({name!r})
vocabulary.warm()
print(vocabulary.estimated, vocabulary.planner, vocabulary.counter.count("Hello, world"), label({name!r}))
print(estimate_notice({name!r}))
"""
    first, notice = python(code, WITHOUT_EXTRAS).splitlines()
    assert first.split() == ["True", "None", "7" if name == "claude" else "6", name, "(estimated)"]
    assert notice.startswith(f"Tokens of {name} are estimated, on the safe side. To count them, run")
    assert notice.endswith("pip install 'conversation-mcp[claude]'")


def test_what_is_installed_is_neither_estimated_nor_missing() -> None:
    """The default needs nothing."""
    assert installed(DEFAULT_TOKENIZER)
    assert label(DEFAULT_TOKENIZER) == DEFAULT_TOKENIZER
    assert estimate_notice(DEFAULT_TOKENIZER) is None
    check_installed(DEFAULT_TOKENIZER)


def test_a_file_that_is_not_metas_is_refused() -> None:
    """Counts of an unknown vocabulary are not passed off as Llama 4's."""
    with pytest.raises(SettingsError, match="published vocabulary"):
        build_encoder(b"aGVsbG8= 0\n")
