"""What to plan an answer with, where the tokens of the vocabulary take long to count.

An answer shows some of the messages of a window, and all of them are compared for that. Claude's tokens take forty
times as long to count as those of o200k_base. So messages are compared by their o200k_base tokens, in a budget that is
converted by the ratio of the two in this conversation. The messages that are chosen, and the answer, are counted
exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from mcp_server.transcript.budget import Allowance
from mcp_server.transcript.token_sizes import TokenSizes

_NEWEST, _SPREAD = 8, 24
"""How many messages the ratio is measured on: the newest, which most answers show, and others of all ages."""
_MAX_CHARS = 2_000
"""Longer messages are not measured: counting one would take as long as counting the answer."""
_SLACK = 1.25
"""How much higher than the ratio of these messages that of others may be."""


@dataclass(frozen=True)
class Planning:
    """How to plan an answer. `texts` are those of its window, newest first."""

    token_sizes: TokenSizes
    answer_allowance: Allowance
    texts: Sequence[str]

    @property
    def exact(self) -> bool:
        """Whether planning counts what answers count."""
        return self.token_sizes.planner is None

    @property
    def sizes(self) -> TokenSizes:
        """Sizes that are quick to count."""
        return self.token_sizes.planner or self.token_sizes

    @cached_property
    def allowance(self) -> Allowance:
        """An allowance in which everything fits that fits an answer, in the tokens of `sizes`."""
        if self.exact:
            return self.answer_allowance
        tokens = int(self.answer_allowance.tokens / self.ratio * _SLACK)
        return Allowance(tokens, structured=self.answer_allowance.structured)

    @cached_property
    def ratio(self) -> float:
        """Tokens per planned token, measured on some of the messages."""
        measured = [text for text in self.texts if 0 < len(text) <= _MAX_CHARS]
        older = measured[_NEWEST:]
        sample = measured[:_NEWEST] + older[:: max(1, -(-len(older) // _SPREAD))]
        planned = sum(self.sizes.text(text).size.tokens for text in sample)
        tokens = sum(self.token_sizes.text(text).size.tokens for text in sample)
        return tokens / planned if planned and tokens else 1.0
