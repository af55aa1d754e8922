"""When the shared store is slow or gone, nobody waits for it for long, and then not again for a while.

Under load most of a wait is our own: for a turn, and for a loop that has other callers to see to. Neither is held
against the store, which would otherwise be left alone just when it saves most.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar

import anyio

WAIT_S = 0.08
"""Nobody's call waits longer for the store's answer, or for others to be answered before it."""
FORGET_S = 0.25
"""So long after a miss, the same call asks nothing more: it has waited."""
PATIENCE_S = 1.0
"""What nobody waits for may take longer."""
MISSES = 3
"""So many answers in a row that did not come in time, and the store is away."""
PAUSE_S = 5.0
"""So long it is left alone then, or after it refused."""
TURNS = 8
"""Questions at a time, and as many of those that nobody waits for: more only makes each of them slower."""
TURN_S = 2.0
"""Nobody waits longer for a turn."""
_TICK_S = 0.005

_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)
_missed_s: ContextVar[float] = ContextVar("missed_s", default=float("-inf"))
"""When the call under way missed an answer."""


class StoreAway(Exception):
    """The store did not answer, lately or now."""


class StoreSlow(StoreAway):
    """It did not answer this once; it may well the next time."""


class Breaker:
    """Runs what needs the store, and stops trying for a while once it failed."""

    def __init__(self, *failures: type[Exception], clock_s: Callable[[], float] = time.monotonic) -> None:
        """`failures`: what the store raises when it is not to be had."""
        self._failures = failures
        self._clock_s = clock_s
        self._closed_until_s = float("-inf")
        self._misses = 0
        self._turns = anyio.CapacityLimiter(TURNS)
        self._turns_behind = anyio.CapacityLimiter(TURNS)

    async def run(self, work: Callable[[], Awaitable[_Value]]) -> _Value:
        """What `work` gives, soon. Raises StoreAway."""
        self._check()
        if time.monotonic() - _missed_s.get() < FORGET_S:
            raise StoreSlow
        misses = self._misses
        try:
            async with self._turn(self._turns):
                if self._misses > misses:
                    raise StoreSlow  # nobody was answered while this one waited for its turn
                return await self._try(work, WAIT_S)
        except StoreSlow:
            _missed_s.set(time.monotonic())
            raise

    async def run_behind(self, work: Callable[[], Awaitable[_Value]]) -> _Value:
        """The same for what no call waits for: it has a second. Raises StoreAway."""
        self._check()
        async with self._turn(self._turns_behind):
            return await self._try(work, PATIENCE_S)

    @asynccontextmanager
    async def _turn(self, turns: anyio.CapacityLimiter) -> AsyncIterator[None]:
        try:
            with anyio.fail_after(TURN_S):
                await turns.acquire()
        except TimeoutError:
            raise StoreSlow from None
        try:
            yield
        finally:
            turns.release()

    def _check(self) -> None:
        if self._clock_s() < self._closed_until_s:
            raise StoreAway

    async def _try(self, work: Callable[[], Awaitable[_Value]], wait_s: float) -> _Value:
        self._check()  # once more: others may have found out while this one waited for its turn
        misses = self._misses
        patience = _Patience(wait_s)
        try:
            with patience.scope:
                value = await work()
                self._misses = 0
                return value
        except self._failures as error:
            self._pause(type(error).__name__)
        finally:
            patience.end()
        if self._misses == misses:  # those that ran beside each other count once
            self._misses += 1
        if self._misses >= MISSES:
            self._pause("silent")
        raise StoreSlow

    def _pause(self, why: str) -> NoReturn:
        self._misses = 0
        self._closed_until_s = self._clock_s() + PAUSE_S
        _log.warning("the shared store is away (%s): going on without it", why)
        raise StoreAway from None


class _Patience:
    """Cancels its scope after a time in which the loop had little else to do, or a second in any case.

    A tick that comes late says that the loop was busy: then the store's answer may lie there, unread.
    """

    def __init__(self, wait_s: float) -> None:
        self.scope = anyio.CancelScope(deadline=anyio.current_time() + PATIENCE_S)
        self._left = round(wait_s / _TICK_S)
        self._loop = asyncio.get_running_loop()
        self._wait()

    def end(self) -> None:
        self._timer.cancel()

    def _wait(self) -> None:
        self._began_s = time.monotonic()
        self._timer = self._loop.call_later(_TICK_S, self._tick)

    def _tick(self) -> None:
        self._left -= time.monotonic() - self._began_s < 2 * _TICK_S
        if self._left > 0:
            self._wait()
        else:
            self.scope.cancel()
