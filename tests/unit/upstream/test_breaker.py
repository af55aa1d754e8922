"""The shared store is waited for briefly, left alone once it is away, and not blamed for this process's own load."""

import time

import anyio
import anyio.lowlevel
import pytest

from mcp_server.upstream.breaker import MISSES, PAUSE_S, TURNS, WAIT_S, Breaker, StoreAway, StoreSlow

pytestmark = pytest.mark.anyio


class Store:
    """Answers unless `silent` or `gone`; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.silent = self.gone = False

    async def ask(self) -> str:
        self.asked += 1
        if self.gone:
            raise ConnectionRefusedError
        if self.silent:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return "here"


async def test_a_call_waits_once_for_a_silent_store_and_after_three_nobody_does() -> None:
    """For less than a tenth of a second, whatever else it would ask. After five seconds it is tried again."""
    assert WAIT_S < 0.1
    now_s = 100.0
    breaker, store = Breaker(OSError, clock_s=lambda: now_s), Store()
    store.silent = True

    async def call() -> None:
        for _ in range(3):
            with pytest.raises(StoreAway):
                await breaker.run(store.ask)

    for number in range(1, 6):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
        assert store.asked == min(number, MISSES)
    now_s += PAUSE_S
    store.silent = False
    assert await breaker.run(store.ask) == "here"


async def test_a_silent_store_keeps_nobody_waiting_in_a_queue() -> None:
    """Those who wait for a turn have waited when those before them were not answered."""
    breaker, store = Breaker(OSError), Store()
    store.silent = True

    async def call() -> None:
        with pytest.raises(StoreSlow):
            await breaker.run(store.ask)

    async with anyio.create_task_group() as tasks:
        for _ in range(5 * TURNS):
            tasks.start_soon(call)
    assert store.asked == TURNS


async def test_a_store_that_refuses_is_left_alone_at_once() -> None:
    """There is nothing to be in doubt about."""
    breaker, store = Breaker(OSError), Store()
    store.gone = True
    for _ in range(2):
        with pytest.raises(StoreAway):
            await breaker.run(store.ask)
    assert store.asked == 1


async def test_answers_that_are_late_now_and_then_stop_nothing() -> None:
    """Whoever missed one goes on without; the next is asked, and those that ran beside each other count once."""
    breaker, store = Breaker(OSError), Store()

    async def miss() -> None:
        with pytest.raises(StoreSlow):
            await breaker.run(store.ask)

    for _ in range(MISSES):
        store.silent = True
        async with anyio.create_task_group() as tasks:
            for _ in range(TURNS):
                tasks.start_soon(miss)
        store.silent = False
        assert await breaker.run(store.ask) == "here"


async def test_a_busy_loop_is_not_the_stores_fault() -> None:
    """Its answer takes eight rounds of a loop which takes 30 ms for each: three times what a call would wait."""
    breaker = Breaker(OSError)

    async def answer_meanwhile() -> str:
        for _ in range(8):
            await anyio.sleep(0.001)
            _work()
        return "here"

    assert await breaker.run(answer_meanwhile) == "here"


def _work() -> None:
    end_s = time.monotonic() + 0.03
    while time.monotonic() < end_s:
        pass
