"""What each vocabulary needs to have installed, found without importing any of it."""

import sys
from importlib.util import find_spec

from mcp_server.errors import SettingsError
from mcp_server.setting_values import DEFAULT_TOKENIZER

CLAUDE_PYTHON = (3, 12)
"""The oldest Python that pip installs the extra `[claude]` for. Counting itself works in 3.11 too."""

# The extra, and the module of it that counts.
_NEEDS = {
    "claude": ("claude", "ctok"),
    "claude-4.6": ("claude", "ctok"),
    "gemini": ("tokenizers", "splintr"),
    "mistral": ("tokenizers", "splintr"),
    "llama-3": ("tokenizers", "splintr"),
    "llama-4": ("llama-4", "llama_models"),
    "qwen-3": ("tokenizers", "splintr"),
    "deepseek": ("tokenizers", "splintr"),
}
ESTIMATED = ("claude", "claude-4.6")
"""Vocabularies whose tokens are estimated where their extra is not installed."""


def installed(name: str) -> bool:
    """Whether what this vocabulary needs is there."""
    return name == DEFAULT_TOKENIZER or find_spec(_NEEDS[name][1]) is not None


def check_installed(name: str) -> None:
    """Raises SettingsError when a vocabulary is not installed and cannot be estimated. Its advice is the command."""
    if name not in ESTIMATED and not installed(name):
        raise SettingsError(
            f"CONVERSATION_TOKENIZER is {name}, which is not installed.", advice=f"Run: {install_command(name)}."
        )


def estimate_notice(name: str) -> str | None:
    """A sentence for logs when the tokens of this vocabulary are estimated; None when they are counted."""
    if installed(name):
        return None
    python = " with Python 3.12 or later" if sys.version_info < CLAUDE_PYTHON else ""
    return f"Tokens of {name} are estimated, on the safe side. To count them, run{python}: {install_command(name)}"


def label(name: str) -> str:
    """How answers name the vocabulary: `claude`, or `claude (estimated)`."""
    return name if installed(name) else f"{name} (estimated)"


def install_command(name: str) -> str:
    """The command that installs what this vocabulary needs."""
    return f"pip install 'conversation-mcp[{extra_of(name)}]'"


def extra_of(name: str) -> str:
    """The extra that this vocabulary needs; not for the default, which needs none."""
    return _NEEDS[name][0]
