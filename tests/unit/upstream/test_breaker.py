"""The breaker limits how long calls wait for the shared store, and does not count this process's own load."""

import time

import anyio
import anyio.lowlevel
import pytest

from mcp_server.upstream.breaker import (
    FOREGROUND_TIMEOUT_S,
    MAX_CONCURRENT,
    MAX_TIMEOUTS,
    OPEN_S,
    Breaker,
    StoreTimeout,
    StoreUnavailable,
)

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


async def test_a_call_waits_once_for_a_silent_store_and_after_three_timeouts_no_call_does() -> None:
    """A call waits less than a tenth of a second in all. After five seconds the store is tried again."""
    assert FOREGROUND_TIMEOUT_S < 0.1
    now_s = 100.0
    breaker, store = Breaker(OSError, clock_s=lambda: now_s), Store()
    store.silent = True

    async def call() -> None:
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await breaker.run(store.ask)

    for number in range(1, 6):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
        assert store.asked == min(number, MAX_TIMEOUTS)
    now_s += OPEN_S
    store.silent = False
    assert await breaker.run(store.ask) == "here"


async def test_queued_requests_fail_when_those_ahead_of_them_time_out() -> None:
    """A silent store is asked only as often as there are slots."""
    breaker, store = Breaker(OSError), Store()
    store.silent = True

    async def call() -> None:
        with pytest.raises(StoreTimeout):
            await breaker.run(store.ask)

    async with anyio.create_task_group() as tasks:
        for _ in range(5 * MAX_CONCURRENT):
            tasks.start_soon(call)
    assert store.asked == MAX_CONCURRENT


async def test_one_refused_connection_opens_the_breaker() -> None:
    """A timeout may be an accident; a refusal is not."""
    breaker, store = Breaker(OSError), Store()
    store.gone = True
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await breaker.run(store.ask)
    assert store.asked == 1


async def test_occasional_timeouts_do_not_open_the_breaker() -> None:
    """An answer in between resets the count, and concurrent timeouts count once."""
    breaker, store = Breaker(OSError), Store()

    async def miss() -> None:
        with pytest.raises(StoreTimeout):
            await breaker.run(store.ask)

    for _ in range(MAX_TIMEOUTS):
        store.silent = True
        async with anyio.create_task_group() as tasks:
            for _ in range(MAX_CONCURRENT):
                tasks.start_soon(miss)
        store.silent = False
        assert await breaker.run(store.ask) == "here"


async def test_a_busy_event_loop_does_not_count_as_a_timeout() -> None:
    """The answer takes eight iterations of 30 ms each: three times the timeout."""
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
