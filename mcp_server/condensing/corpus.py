"""The messages that are condensed, with everything about them that does not depend on the focus or the budget."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import pairwise

from mcp_server.condensing.analysis import TextAnalysis, analyse
from mcp_server.condensing.compact import Compact
from mcp_server.condensing.lexical_search import InvertedIndex
from mcp_server.condensing.salience import Facts, Salience, find_facts, follows_pause, score_salience
from mcp_server.condensing.terms import Folds, Stems, is_plain, search_words
from mcp_server.conversation.models import Participant

_PULSE_CHARS = 2_000
"""Analysing so many characters takes less than a millisecond."""


class Corpus:
    """Consecutive messages of a conversation, oldest first. Everything is computed once, when it is first needed."""

    def __init__(self, compacts: Sequence[Compact], analyses: dict[str, TextAnalysis] | None = None) -> None:
        """`analyses` are those of known texts; those of other messages are added to it."""
        self.compacts = tuple(compacts)
        self.messages = tuple([message for message, _ in compacts])
        self._analyses = {} if analyses is None else analyses
        self._salience: tuple[Sequence[int], Salience] | None = None

    @cached_property
    def texts(self) -> tuple[TextAnalysis, ...]:
        """The analyses of the messages' texts."""
        self.analyse()
        return tuple([self._analyses[message.text] for message in self.messages])

    def analyse(self, pulse: Callable[[], None] | None = None) -> None:
        """Analyse the texts that are not known. Calls `pulse` again and again; what is finished is kept if it
        raises."""
        known, stems, left = self._analyses, Stems(), 0
        for message in self.messages:
            text = message.text
            if text not in known:
                left -= len(text)
                if left < 0 and pulse is not None:
                    pulse()
                    left = _PULSE_CHARS
                known[text] = analyse(text, stems)

    def salience(self, tokens: Sequence[int]) -> Salience:
        """How informative each message is, if they take `tokens` each (at least 1)."""
        if self._salience is None or self._salience[0] != tokens:
            self._salience = (
                tokens,
                score_salience(self._facts, self.messages, [links for _, links in self.compacts], tokens),
            )
        return self._salience[1]

    @cached_property
    def _facts(self) -> Facts:
        return find_facts(self.messages, self.texts)

    @cached_property
    def index(self) -> InvertedIndex:
        """For searching in the messages."""
        folds = Folds()
        return InvertedIndex([
            tuple([tuple(map(folds.__getitem__, sentence)) for sentence in _searchable(message.text, text)])
            for message, text in zip(self.messages, self.texts, strict=True)
        ])  # fmt: skip

    @cached_property
    def senders(self) -> frozenset[Participant | None]:
        """The messages' senders, None for unknown ones."""
        return frozenset([message.sender for message in self.messages])

    @cached_property
    def sessions(self) -> list[tuple[int, int]]:
        """The first message of each session, and the one after its last: no long pause is within a session."""
        pauses = (follows_pause(before, message) for before, message in pairwise(self.messages))
        starts = [at for at, pause in enumerate(pauses, 1) if pause]
        return list(pairwise((0, *starts, len(self.messages))))


def _searchable(text: str, analysis: TextAnalysis) -> Iterable[Sequence[str]]:
    """The words of each sentence for searching."""
    if is_plain(text):
        return analysis.words
    parts = ((text[start:end], words) for (start, end), words in zip(analysis.spans, analysis.words, strict=True))
    return [words if is_plain(part) else search_words(part) for part, words in parts]
