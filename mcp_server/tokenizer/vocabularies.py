"""The vocabularies in which tokens are counted, by the names that CONVERSATION_TOKENIZER takes.

Nothing is imported for a vocabulary that is not used, and nothing is loaded before the first count.
"""

from mcp_server.setting_values import DEFAULT_TOKENIZER
from mcp_server.tokenizer.encoding import EncodingCounter
from mcp_server.tokenizer.extras import ESTIMATED, check_installed, installed
from mcp_server.tokenizer.o200k import O200kCounter
from mcp_server.transcript.budget import Vocabulary


class Vocabularies:
    """The vocabularies of one process. Each is made once, and loaded once for all its users."""

    def __init__(self) -> None:
        self._o200k = O200kCounter()
        self._kept: dict[str, Vocabulary] = {}

    def of(self, name: str) -> Vocabulary:
        """The vocabulary of this name, one of `settings.TOKENIZERS`.

        Raises SettingsError when it is not installed; its advice is the command that installs it.
        """
        check_installed(name)
        vocabulary = self._kept.get(name)
        if vocabulary is None:
            vocabulary = self._kept[name] = self._made(name)
        return vocabulary

    def _made(self, name: str) -> Vocabulary:
        if name == DEFAULT_TOKENIZER:
            return Vocabulary(name, self._o200k)
        if name in ESTIMATED:
            return self._claude(name)
        if name == "llama-4":
            from mcp_server.tokenizer.llama4 import load_llama4

            return Vocabulary(name, EncodingCounter(load_llama4))
        from mcp_server.tokenizer.bundled import load_bundled

        return Vocabulary(name, EncodingCounter(lambda: load_bundled(name)))

    def _claude(self, name: str) -> Vocabulary:
        if installed(name):
            from mcp_server.tokenizer.claude import ClaudeCounter

            # Claude's tokens take forty times as long to count as those of o200k_base.
            return Vocabulary(name, ClaudeCounter(name), planner=self._o200k)
        from mcp_server.tokenizer.estimated import EstimatedCounter

        return Vocabulary(name, EstimatedCounter(name, self._o200k), estimated=True)
