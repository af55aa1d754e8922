"""How much of what was asked about survives in a budget: ours, and simpler ways to choose messages.

    python -m benchmarks.condense                 on the conversations that ship with the sandbox
    python -m benchmarks.condense FILE.json ...   on others; see benchmarks/measured.py for the format

`--write` puts the tables into docs/condensing.md, and for the sandbox's conversations the chart into docs/images/. Of
others nothing but figures is written.

The figure is the share of the evidence's words that are in sentences found whole in the answer, the mean over
all questions. Every answer covers the whole conversation and is counted as the product counts, in the product's own
lines. A way that gets no question gives one answer a conversation, and is asked everything about it all the same.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

import anyio

from benchmarks import peers
from benchmarks.chart import Line, Panel, write_chart
from benchmarks.measured import TARGET, composer_of, load, messages_of, reader_of, write_between
from benchmarks.sandbox_dialogues import Dialogue
from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Detail, Query
from mcp_server.semantic import LocalSimilarity, installed
from mcp_server.service import Similarity
from mcp_server.tokenizer import O200kCounter

BUDGETS = (500, 1000, 2000, 4000, 8000)
SEEDS = range(5)
_SENTENCE_END = re.compile(r"(?<=[.!?…。？！])\s+")

Answers = Callable[[str, int], Sequence[str]]
"""The answers to a question in a budget, one where nothing is drawn: the figure is their mean."""

Scores = Mapping[int, Sequence[float]]
"""A score for every question, by budget."""


class Conversation:
    """One conversation and what each way of choosing answers about it."""

    def __init__(self, dialogue: Dialogue, counter: O200kCounter, judge: Similarity | None) -> None:
        self.dialogue = dialogue
        self._messages = messages_of(dialogue["messages"])
        self._counter = counter
        self._reader = reader_of(self._messages, counter)
        self._judging = reader_of(self._messages, counter, judge)
        self._tokens = [counter.count(message.text) for message in self._messages]
        self._newest = lru_cache(lambda budget: self._read(budget, detail="verbatim"))
        self._condensed = lru_cache(lambda budget: self._read(budget))
        self._covering = lru_cache(self._cover)
        self._drawn = lru_cache(self._draw)

    def newest(self, _question: str, budget: int) -> Sequence[str]:
        return [self._newest(budget)]

    def drawn(self, _question: str, budget: int) -> Sequence[str]:
        return self._drawn(budget)

    def covering(self, _question: str, budget: int) -> Sequence[str]:
        return [self._covering(budget)]

    def bm25(self, question: str, budget: int) -> Sequence[str]:
        order = peers.bm25_order(self._messages, question)
        return [peers.answer(composer_of(self._messages, self._counter, budget, question), order)]

    def condensed(self, _question: str, budget: int) -> Sequence[str]:
        return [self._condensed(budget)]

    def focused(self, question: str, budget: int) -> Sequence[str]:
        return [self._read(budget, focus=question)]

    def judged(self, question: str, budget: int) -> Sequence[str]:
        return [self._read(budget, focus=question, judged=True)]

    def _read(
        self, budget: int, *, detail: Detail = "condensed", focus: str | None = None, judged: bool = False
    ) -> str:
        reader = self._judging if judged else self._reader
        query = Query(TARGET, len(self._messages), budget, detail, focus=focus)
        return anyio.run(reader.read, query).text

    def _draw(self, budget: int) -> Sequence[str]:
        builder = composer_of(self._messages, self._counter, budget)
        return [peers.answer(builder, peers.random_order(self._messages, seed)) for seed in SEEDS]

    def _cover(self, budget: int) -> str:
        builder = composer_of(self._messages, self._counter, budget)
        return peers.answer(builder, peers.coverage_order(self._messages, self._tokens))


@dataclass(frozen=True, slots=True)
class Way:
    """A way to choose what is kept. `label` is its name where there is little room."""

    name: str
    label: str
    of: Callable[[Conversation], Answers]


WAYS = (
    Way("newest first (`verbatim`)", "newest first", lambda one: one.newest),
    Way(f"messages at random, mean of {len(SEEDS)} draws", "random", lambda one: one.drawn),
    Way("coverage of rare words, whole messages", "coverage", lambda one: one.covering),
    Way("**`condensed`**", "condensed", lambda one: one.condensed),
    Way("BM25 with the question", "BM25", lambda one: one.bm25),
    Way("**`condensed`, the question as `focus`**", "focus", lambda one: one.focused),
)
BY_MEANING = Way("**the same with `[semantic]`**", "focus, [semantic]", lambda one: one.judged)


def kept(evidence: Iterable[str], answer: str) -> float:
    """The share of the evidence's words in sentences found whole in the answer, which is one line."""
    found = whole = 0
    for text in evidence:
        for sentence in _SENTENCE_END.split(_one_line(clean(text))):
            words = max(1, len(sentence.split()))
            whole += words
            found += words if sentence in answer else 0
    return found / whole


def scores(conversation: Conversation, way: Way, budgets: Sequence[int] = BUDGETS) -> Scores:
    """What a way keeps of the evidence of each question, in each budget."""
    answers = way.of(conversation)
    texts = [text for _, _, text in conversation.dialogue["messages"]]
    return {
        budget: [
            fmean(
                kept([texts[at] for at in asked["evidence"]], _one_line(one))
                for one in answers(asked["question"], budget)
            )
            for asked in conversation.dialogue["questions"]
        ]
        for budget in budgets
    }


def table(rows: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """The lines of a table, a way a row, a budget a column."""
    yield f"| tokens | {' | '.join(f'{budget:,}' for budget in BUDGETS)} |"
    yield f"|---|{'---|' * len(BUDGETS)}"
    for name, means in rows.items():
        yield f"| {name} | {' | '.join(f'{mean:.3f}' for mean in means)} |"


def means(of_conversations: Iterable[Scores]) -> list[float]:
    """The mean over all questions of these conversations, for each budget."""
    several = list(of_conversations)
    return [fmean(score for one in several for score in one[budget]) for budget in several[0]]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE.json")
    parser.add_argument("--write", action="store_true", help="the tables, and the chart of the sandbox's, into docs/")
    options = parser.parse_args()
    if options.write and not installed():
        parser.error("The table has a row that needs the extra [semantic].")
    judge = LocalSimilarity() if installed() else None
    ways = WAYS if judge is None else (*WAYS, BY_MEANING)
    counter = O200kCounter()
    conversations = [Conversation(dialogue, counter, judge) for dialogue in load(options.files)]
    found = {way: [scores(conversation, way) for conversation in conversations] for way in ways}
    longest = max(range(len(conversations)), key=lambda at: len(conversations[at].dialogue["messages"]))
    groups = {_title(conversations): range(len(conversations))}
    if not options.files:
        groups[_title([conversations[longest]])] = range(longest, longest + 1)
    lines, panels = [], []
    for title, group in groups.items():
        of_ways = {way: means(found[way][at] for at in group) for way in ways}
        lines += [f"{title}:", "", *table({way.name: row for way, row in of_ways.items()}), ""]
        panels.append(Panel(title, tuple(Line(way.label, tuple(row)) for way, row in of_ways.items())))
    print("\n".join(lines))
    if options.write and options.files:
        write_between("dialogues", "\n".join(lines))
    elif options.write:
        write_between("recall", "\n".join(lines))
        write_chart("condensing.svg", panels, BUDGETS)


def _title(conversations: Sequence[Conversation]) -> str:
    messages = sum(len(one.dialogue["messages"]) for one in conversations)
    questions = sum(len(one.dialogue["questions"]) for one in conversations)
    if len(conversations) == 1:
        return f"The longest conversation, {messages:,} messages, {questions} questions"
    return f"All {len(conversations)} conversations, {messages:,} messages, {questions} questions"


if __name__ == "__main__":
    main()
