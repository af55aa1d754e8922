"""How cosines become a judgement, and what is worked out once; with a stand-in for the model."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from mcp_server.semantic.extra import missing
from mcp_server.semantic.similarity import MAX_TOKENS, NEAR, PIECE_TOKENS, LocalSimilarity, judged, trust_in


@dataclass(frozen=True)
class Words:
    """A text of the stand-in: one token and one word for each character."""

    ids: tuple[int, ...]
    words: int
    english: int


class Letters:
    """Finds texts the nearer the more of the question's letters they have; upper case is no English."""

    def __init__(self) -> None:
        self.worked_out: list[str] = []

    def read(self, texts: Sequence[str]) -> list[Words]:
        return [Words(tuple(map(ord, text)), len(text), 0 if text.isupper() else len(text)) for text in texts]

    def vector(self, ids: tuple[int, ...]) -> bytes:
        text = "".join(map(chr, ids))
        self.worked_out.append(text)
        return text.encode()

    def cosines(self, question: bytes, vectors: Sequence[bytes]) -> list[float]:
        return [len(set(question) & set(vector)) / len(set(question)) for vector in vectors]


def test_the_nearest_text_is_one_and_the_middle_of_the_conversation_zero() -> None:
    """Figures are set against their conversation."""
    assert judged([0.1, 0.2, 0.5, 0.0, 0.2]) == pytest.approx([0, 0, 1, 0, 0])
    assert judged([0.1, 0.2, 0.35, 0.5]) == pytest.approx([0, 0, 0.4, 1])


def test_nothing_is_near_when_the_nearest_is_not() -> None:
    """A question about something else ranks nothing."""
    assert judged([NEAR, 0.1, -0.2]) == [0, 0, 0]
    assert judged([]) == []


def test_a_conversation_wholly_about_the_question_is_near_throughout() -> None:
    """A high middle is no ground to call half of it far."""
    assert judged([0.6]) == [1]
    assert min(judged([0.6, 0.61, 0.59])) > 0.9


def test_a_text_without_words_is_not_near() -> None:
    """An empty message has no vector, and counts for nothing."""
    assert judged([None, 0.8, 0.1]) == [0, 1, 0]
    assert LocalSimilarity(Letters()).similarity("abc", ["", "abc", "xyz"]) == [0, 1, 0]


@pytest.mark.parametrize(("english", "trust"), [(0, 0.0), (2, 0.0), (5, 0.5), (8, 1.0), (40, 1.0)])
def test_the_model_is_trusted_as_far_as_the_conversation_is_english(english: int, trust: float) -> None:
    """What it finds in a language it does not know is noise."""
    assert trust_in([Words((), 60, english), Words((), 40, 0)]) == pytest.approx(trust)


def test_another_language_leaves_the_ranking_to_words() -> None:
    """All zero, and the model is not even asked."""
    letters = Letters()
    assert LocalSimilarity(letters).similarity("abc", ["ABC", "XYZ"]) == [0, 0]
    assert letters.worked_out == []
    assert trust_in([]) == 0


def test_a_question_without_words_ranks_nothing() -> None:
    """Such as one that was only a name, before it was taken out."""
    assert LocalSimilarity(Letters()).similarity("", ["abc"]) == [0]


def test_each_text_is_worked_out_once() -> None:
    """The second question about a conversation costs one vector."""
    letters = Letters()
    similarity = LocalSimilarity(letters)
    first = similarity.similarity("ab", ["abc", "xyz", "abc"])
    assert sorted(letters.worked_out) == ["ab", "abc", "xyz"]
    similarity.similarity("xy", ["abc", "xyz", "abc", "new"])
    assert sorted(letters.worked_out[3:]) == ["new", "xy"]
    assert similarity.similarity("ab", ["abc", "xyz", "abc"]) == first == [1, 0, 1]
    assert len(letters.worked_out) == 5


def test_what_was_unused_longest_is_forgotten_first() -> None:
    """However many conversations are read, only so many vectors are kept; the figures stay the same."""
    letters = Letters()
    similarity = LocalSimilarity(letters, most_vectors=3)
    similarity.similarity("ab", ["abc", "xyz"])
    similarity.similarity("ab", ["abc", "new"])
    assert similarity.similarity("ab", ["abc", "xyz", "new"]) == [1, 0, 0]
    assert letters.worked_out[3:] == ["new", "xyz"]


def test_a_long_text_is_as_near_as_its_nearest_piece() -> None:
    """What matters may stand at the end of a long message."""
    letters = Letters()
    similarity = LocalSimilarity(letters)
    assert similarity.similarity("abc", ["x" * (2 * PIECE_TOKENS) + "abc", "ax"]) == pytest.approx([1, 1 / 9])
    assert max(map(len, letters.worked_out)) == PIECE_TOKENS


def test_the_work_for_one_question_is_bounded() -> None:
    """Of a long conversation the beginnings of texts are read; of one without end, nothing."""
    letters = Letters()
    texts = [f"{number:03d}" + "x" * 400 for number in range(MAX_TOKENS // 64)]
    LocalSimilarity(letters).similarity("x", texts)
    assert sum(map(len, letters.worked_out)) <= MAX_TOKENS + 1
    assert max(map(len, letters.worked_out)) == 64
    endless = ["y" * 32] * (MAX_TOKENS // 32 + 1)
    assert not any(LocalSimilarity(letters).similarity("y", endless))


def test_two_questions_at_once_read_a_conversation_once() -> None:
    """Threads may share it; the second waits for what the first works out."""
    letters = Letters()
    similarity = LocalSimilarity(letters)
    texts = [f"{number}abc" for number in range(50)]
    threads = [threading.Thread(target=similarity.similarity, args=("abc", texts)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(letters.worked_out) == 51


def test_what_is_missing_of_the_extra_is_found_without_importing_it() -> None:
    """So that a server without it can say so at its start."""
    assert missing(("json", "no_such_module")) == ("no_such_module",)
