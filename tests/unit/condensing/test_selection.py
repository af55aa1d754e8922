"""The order in which messages are chosen: every message in the end, the newest first, questions after their answers."""

from collections.abc import Callable

from mcp_server.condensing.selection import GreedySelection, Step
from tests.support.conversations import JANE, JOHN, message
from tests.support.corpora import corpus_of


class FlatCosts:
    """Every line costs two tokens besides its text, which costs ten. Implements `Costs`."""

    def join(self, before: int | None, after: int | None) -> int:
        return 0 if after is None else 2

    def whole(self, number: int) -> int:
        return 10

    def all_whole(self, pulse: Callable[[], None]) -> list[int]:
        raise NotImplementedError

    def cut(self, number: int, text: str) -> int:
        return 6

    def added(self, short: str, long: str) -> int:
        return len(long) - len(short)


def steps(texts: list[str]) -> list[Step]:
    """The steps over texts of Jane and John in turn."""
    messages = [message(number, text, sender=(JANE, JOHN)[number % 2]) for number, text in enumerate(texts)]
    return list(GreedySelection(corpus_of(messages).salience([10] * len(messages)), FlatCosts(), None).steps())


def test_every_sentence_is_chosen_once_in_the_end() -> None:
    """The newest message whole before all others."""
    texts = [f"First thing{number}. Second word{number}! Third?" for number in range(30)]
    found = steps(texts)
    assert (found[0].number, found[0].sentences, found[0].whole) == (29, (0, 1, 2), True)
    chosen = [(step.number, sentence) for step in found for sentence in step.sentences]
    assert sorted(chosen) == [(number, sentence) for number in range(30) for sentence in range(3)]
    assert {step.number for step in found if step.whole} == set(range(30))


def test_nothing_is_chosen_of_nothing() -> None:
    """And of one message, that one."""
    assert steps([]) == []
    assert [step.number for step in steps(["hello"])] == [0]
