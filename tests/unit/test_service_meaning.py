"""Ranking by meaning: asked where it matters, in a worker thread, and done without where it does not work."""

import threading
from collections.abc import Sequence

import pytest

from mcp_server.errors import SettingsError
from tests.support.conversations import MemorySource, chat, query, reader

pytestmark = pytest.mark.anyio


class Judge:
    """Finds one message similar, and records its questions and the threads they came from."""

    def __init__(self, near: int = 0, *, broken: bool = False) -> None:
        self.asked: list[tuple[str, int]] = []
        self.threads: list[int] = []
        self._near = near
        self._broken = broken

    def similarity(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, len(texts)))
        self.threads.append(threading.get_ident())
        if self._broken:
            raise SettingsError("The model is damaged.")
        return [1.0 if number == self._near else 0.0 for number in range(len(texts))]


async def test_a_message_similar_in_meaning_is_kept() -> None:
    """It has no word of the focus."""
    judge = Judge(near=150)
    conversation = reader(MemorySource(chat(200)), similarity=judge)
    reading = await conversation.read(query(count=200, max_tokens=700, focus="What was promised?"))
    assert "message number 49\n" in reading.text
    assert judge.threads != [threading.get_ident()]


async def test_names_of_senders_are_removed_from_the_question() -> None:
    """They would match every message that addresses a person by name."""
    judge = Judge()
    conversation = reader(MemorySource(chat(200)), similarity=judge)
    await conversation.read(query(count=200, max_tokens=700, focus="What did Jane's offer cost John?"))
    assert judge.asked == [("What did offer cost", 200)]


@pytest.mark.parametrize("options", [{}, {"focus": "price", "count": 5}, {"focus": "price", "detail": "verbatim"}])
async def test_similarity_is_not_computed_where_it_is_not_needed(options: dict[str, object]) -> None:
    """Without a focus, if all messages fit, and for `verbatim`."""
    judge = Judge()
    await reader(MemorySource(chat(200)), similarity=judge).read(query(**{"count": 200, "max_tokens": 700, **options}))
    assert judge.asked == []


async def test_a_failing_model_is_switched_off(caplog: pytest.LogCaptureFixture) -> None:
    """The answer is ranked by words; the log says so once."""
    judge = Judge(broken=True)
    conversation = reader(MemorySource(chat(200)), similarity=judge)
    for _ in range(2):
        assert (await conversation.read(query(count=200, max_tokens=700, focus="number 77"))).text
    assert len(judge.asked) == 1
    assert "ranking by meaning is off: The model is damaged." in caplog.text
