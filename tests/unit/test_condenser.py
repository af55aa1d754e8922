"""Long windows are condensed in a thread: other calls are answered meanwhile, within the time limit of each."""

import threading
from collections.abc import Callable

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest

from mcp_server.condenser import SHORT_CHARS, is_short
from mcp_server.transcript.budget import Vocabulary
from tests.support.answers import CharacterCounter
from tests.support.conversations import MemorySource, chat, message, query, reader
from tests.support.patience import PATIENCE_S
from tests.support.reading import told

pytestmark = pytest.mark.anyio

LONG, GATE = 300, "message number 7"


class SlowCounter(CharacterCounter):
    """Takes its time over one old text, as another tokenizer would over very long ones."""

    def __init__(self, wait: Callable[[], None]) -> None:
        super().__init__()
        self.begun = threading.Event()
        self._wait = wait

    def count_piece(self, piece: str) -> int:
        if piece == f" {GATE}\n":
            # On the event loop, nobody would ever let it continue.
            assert threading.current_thread() is not threading.main_thread()
            self.begun.set()
            self._wait()
        return len(piece)

    async def has_begun(self) -> None:
        assert await anyio.to_thread.run_sync(self.begun.wait, PATIENCE_S)


def forever() -> None:
    """Work without an end, which looks from time to time whether anybody still wants it."""
    while True:
        anyio.from_thread.check_cancelled()
        threading.Event().wait(0.01)


def vocabulary(counter: SlowCounter) -> Vocabulary:
    return Vocabulary("of a test", counter)


async def test_other_calls_are_answered_while_a_long_window_is_condensed() -> None:
    """Of the same conversation, by the same reader."""
    gate = threading.Event()
    counter = SlowCounter(lambda: _pass(gate))
    reading = reader(MemorySource(chat(LONG)), vocabulary=vocabulary(counter))
    answered: list[str] = []

    async def read_all() -> None:
        await reading.read(query(count=LONG, max_tokens=2000))
        answered.append("long")

    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_all)
            await counter.has_begun()
            answered.append((await reading.read(query(count=10, max_tokens=4000))).text.splitlines()[-2])
            gate.set()
    assert answered == [f"< message number {LONG - 1}", "long"]


async def test_a_call_whose_time_is_over_shows_the_newest_messages() -> None:
    """What was read is paid for. The cursor leads to the message before those that are shown.

    All come in one page, as the first is waited for however long it takes.
    """
    counter = SlowCounter(forever)
    reading = reader(MemorySource(chat(LONG)), vocabulary=vocabulary(counter), page_size=LONG, timeout_s=0.2)
    with anyio.fail_after(PATIENCE_S):
        answer = await reading.read(query(count=LONG, max_tokens=2000))
    assert answer.notes[-1].startswith("The newest messages are shown: choosing among all of them took longer")
    shown = answer.structured["shown"]
    assert isinstance(shown, int)
    assert 10 < shown < LONG
    rest = await reading.read(query(count=10, cursor=answer.next_cursor, detail="verbatim", max_tokens=4000))
    assert told(LONG)[-shown - 1] in rest.text.splitlines()[-2]


async def test_a_call_that_is_cancelled_makes_room_for_the_next() -> None:
    """Its thread stops as soon as it looks."""
    endless = [True]
    counter = SlowCounter(lambda: forever() if endless[0] else None)
    reading = reader(MemorySource(chat(LONG)), vocabulary=vocabulary(counter))
    with anyio.fail_after(PATIENCE_S):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reading.read, query(count=LONG, max_tokens=2000))
            await counter.has_begun()
            tasks.cancel_scope.cancel()
        endless.clear()
        endless.append(False)
        answer = await reading.read(query(count=LONG, max_tokens=2000))
    assert answer.structured["covered"] == LONG


def test_a_window_is_short_by_its_messages_and_their_length() -> None:
    """Many short ones take as long as a long one."""
    assert is_short(chat(10))
    assert not is_short(chat(LONG))
    assert not is_short([message(1, "x" * SHORT_CHARS)])


def _pass(gate: threading.Event) -> None:
    assert gate.wait(PATIENCE_S)
