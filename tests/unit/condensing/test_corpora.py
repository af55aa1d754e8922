"""Conversations are analysed once, for as long as their messages are in memory, within a limit of bytes."""

import gc
import tracemalloc

import pytest

from mcp_server.condensing.compact import Compact, Link
from mcp_server.condensing.corpora import CHARACTER_BYTES, KEPT_S, MESSAGE_BYTES, Corpora
from mcp_server.condensing.corpus import Corpus
from tests.support.caching import Clock
from tests.support.conversations import message

MILLION = 1_000_000


def talk(length: int, *, first: int = 0) -> list[Compact]:
    """Messages with words of their own, oldest first."""
    return [Compact(message(number, f"Thing{number} is ready. Is it?")) for number in range(first, first + length)]


def test_the_same_messages_are_analysed_once() -> None:
    """Equal ones, though they are other objects."""
    corpora = Corpora()
    assert corpora.of("one", talk(5)) is corpora.of("one", talk(5))
    assert corpora.of("one", talk(5)) is not corpora.of("two", talk(5))


def test_what_messages_are_worth_is_computed_again_only_for_other_sizes() -> None:
    """A budget of so many tokens that characters count gives them other sizes."""
    corpus = Corpora().of("one", talk(5))
    first = corpus.salience([10] * 5)
    assert corpus.salience([10] * 5) is first
    assert corpus.salience([20] * 5) is not first


def test_a_message_with_another_link_is_another_message() -> None:
    """Though the two are equal while their links are cut."""
    corpora = Corpora()
    text = "https://example.org/[..]/quote.pdf"
    first, second = (
        Compact(message(0, text), (Link(0, len(text), f"https://example.org/{part * 60}/quote.pdf"),)) for part in "ab"
    )
    assert corpora.of("one", [first]) is not corpora.of("one", [second])
    assert corpora.of("one", [second]).salience([10]).messages[0].links == second.links


def test_of_a_window_with_new_messages_only_those_are_analysed() -> None:
    """Of one with fewer, none; an edited message is new."""
    corpora, messages = Corpora(), talk(5)
    before = corpora.of("one", messages).texts
    edited = [*messages[1:4], Compact(message(4, "Thing4 is late."))]
    after = corpora.of("one", [*edited, *talk(1, first=5)]).texts
    assert [text is known for text, known in zip(after, before[1:], strict=False)] == [True, True, True, False]
    assert corpora.of("one", messages[3:]).texts[0] is before[3]


def test_analyses_of_messages_that_are_gone_are_forgotten() -> None:
    """Once they are the larger part."""
    corpora = Corpora()
    corpora.of("one", talk(400)).texts  # noqa: B018 - makes them
    few = corpora.size_bytes
    for first in range(1000, 5000, 100):
        corpora.of("one", talk(100, first=first)).texts  # noqa: B018 - makes them
    assert corpora.size_bytes < 1.1 * few


def test_a_conversation_is_forgotten_with_its_messages() -> None:
    """It is not used for as long as messages are in memory; the one in use is kept in any case."""
    clock = Clock()
    corpora = Corpora(clock_s=clock)
    first = corpora.of("one", talk(5))
    size = corpora.size_bytes
    clock.now_s += KEPT_S - 1
    assert corpora.of("one", talk(5)) is first
    clock.now_s += KEPT_S
    corpora.of("two", talk(5))
    assert corpora.size_bytes == size
    assert corpora.of("one", talk(5)) is not first


def test_beyond_the_limit_the_least_recently_used_conversations_are_forgotten() -> None:
    """All of them together are bounded."""
    size = 10 * (MESSAGE_BYTES + CHARACTER_BYTES * len("Thing0 is ready. Is it?"))
    corpora = Corpora(max_bytes=2 * size)
    first, second = corpora.of("one", talk(10)), corpora.of("two", talk(10))
    assert corpora.of("one", talk(10)) is first
    corpora.of("three", talk(10))
    assert corpora.size_bytes == 2 * size
    assert corpora.of("one", talk(10)) is first
    assert corpora.of("two", talk(10)) is not second


@pytest.mark.parametrize("words", [3, 10, 80])
def test_no_analysis_takes_more_memory_than_is_counted_for_it(words: int) -> None:
    """Messages with few words in common take the most."""
    messages = [
        Compact(message(number, " ".join(f"w{(number * 37 + at * at) % 3000}x" for at in range(words)) + ". Is it?"))
        for number in range(2000)
    ]
    corpora = Corpora()
    gc.collect()
    tracemalloc.start()
    corpus = corpora.of("one", messages)
    _everything(corpus)
    gc.collect()
    # Other threads of the test run may be at work.
    here = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/mcp_server/condensing/*")])
    tracemalloc.stop()
    # The table of interned texts, which is the interpreter's, may grow meanwhile, by megabytes at once.
    used = sum(trace.size for trace in here.traces if trace.size < MILLION)
    assert corpora.size_bytes / 4 <= used <= corpora.size_bytes


def _everything(corpus: Corpus) -> None:
    salience = corpus.salience([10] * len(corpus.messages))
    assert (len(salience.values_alone), len(salience.log_scores)) == (len(corpus.messages), len(corpus.messages))
    assert corpus.index.texts
    assert corpus.senders
    assert corpus.sessions
