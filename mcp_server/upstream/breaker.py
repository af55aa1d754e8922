"""A circuit breaker for the shared store: short timeouts, and a pause after repeated failures.

Under load, most of the waiting happens in this process: in the queue for a slot and on a busy event loop. Neither
counts as a timeout of the store; otherwise the breaker would open exactly when the store saves most.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import NoReturn, TypeVar

import anyio

FOREGROUND_TIMEOUT_S = 0.08
"""How long a call waits for the store's answer."""
RETRY_PAUSE_S = 0.25
"""How long a call that timed out makes no further request to the store."""
BACKGROUND_TIMEOUT_S = 1.0
"""How long a request that no call waits for may take."""
MAX_TIMEOUTS = 3
"""After this number of consecutive timeouts the breaker opens."""
OPEN_S = 5.0
"""How long the breaker stays open."""
MAX_CONCURRENT = 8
"""Concurrent requests, and as many in the background: more would only slow each other down."""
QUEUE_TIMEOUT_S = 2.0
"""How long a request waits for one of these slots."""
_TICK_S = 0.005

_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)
_timed_out_s: ContextVar[float] = ContextVar("timed_out_s", default=float("-inf"))
"""When a request of the current call last timed out, on the monotonic clock."""


class StoreUnavailable(Exception):
    """The store failed, or the breaker is open."""


class StoreTimeout(StoreUnavailable):
    """The store did not answer this request in time; the breaker is still closed."""


class Breaker:
    """Runs requests to the store; after a failure or `MAX_TIMEOUTS` timeouts it rejects them for `OPEN_S` seconds."""

    def __init__(self, *failures: type[Exception], clock_s: Callable[[], float] = time.monotonic) -> None:
        """`failures`: the exceptions that mean that the store is unavailable."""
        self._failures = failures
        self._clock_s = clock_s
        self._open_until_s = float("-inf")
        self._timeouts = 0
        self._foreground = anyio.CapacityLimiter(MAX_CONCURRENT)
        self._background = anyio.CapacityLimiter(MAX_CONCURRENT)

    async def run(self, request: Callable[[], Awaitable[_Value]]) -> _Value:
        """The result of `request`, within `FOREGROUND_TIMEOUT_S`. Raises StoreUnavailable."""
        self._check()
        if time.monotonic() - _timed_out_s.get() < RETRY_PAUSE_S:
            raise StoreTimeout
        timeouts = self._timeouts
        try:
            async with self._slot(self._foreground):
                if self._timeouts > timeouts:
                    raise StoreTimeout  # the store answered none of the requests ahead in the queue
                return await self._try(request, FOREGROUND_TIMEOUT_S)
        except StoreTimeout:
            _timed_out_s.set(time.monotonic())
            raise

    async def run_in_background(self, request: Callable[[], Awaitable[_Value]]) -> _Value:
        """The result of a request that no call waits for, within `BACKGROUND_TIMEOUT_S`. Raises StoreUnavailable."""
        self._check()
        async with self._slot(self._background):
            return await self._try(request, BACKGROUND_TIMEOUT_S)

    @asynccontextmanager
    async def _slot(self, slots: anyio.CapacityLimiter) -> AsyncIterator[None]:
        try:
            with anyio.fail_after(QUEUE_TIMEOUT_S):
                await slots.acquire()
        except TimeoutError:
            raise StoreTimeout from None
        try:
            yield
        finally:
            slots.release()

    def _check(self) -> None:
        if self._clock_s() < self._open_until_s:
            raise StoreUnavailable

    async def _try(self, request: Callable[[], Awaitable[_Value]], timeout_s: float) -> _Value:
        self._check()  # again: the breaker may have opened while this request was in the queue
        timeouts = self._timeouts
        timeout = _LoadAwareTimeout(timeout_s)
        try:
            with timeout.scope:
                value = await request()
                self._timeouts = 0
                return value
        except self._failures as error:
            self._open(type(error).__name__)
        finally:
            timeout.stop()
        if self._timeouts == timeouts:  # concurrent timeouts count once
            self._timeouts += 1
        if self._timeouts >= MAX_TIMEOUTS:
            self._open("no answer")
        raise StoreTimeout

    def _open(self, reason: str) -> NoReturn:
        self._timeouts = 0
        self._open_until_s = self._clock_s() + OPEN_S
        _log.warning("the shared store is unavailable (%s): continuing without it", reason)
        raise StoreUnavailable from None


class _LoadAwareTimeout:
    """Cancels `scope` after `timeout_s` in which the event loop was idle, at the latest after `BACKGROUND_TIMEOUT_S`.

    A late tick means that the loop was busy; the store's answer may already have arrived unread.
    """

    def __init__(self, timeout_s: float) -> None:
        self.scope = anyio.CancelScope(deadline=anyio.current_time() + BACKGROUND_TIMEOUT_S)
        self._ticks_left = round(timeout_s / _TICK_S)
        self._loop = asyncio.get_running_loop()
        self._schedule()

    def stop(self) -> None:
        self._timer.cancel()

    def _schedule(self) -> None:
        self._scheduled_s = time.monotonic()
        self._timer = self._loop.call_later(_TICK_S, self._tick)

    def _tick(self) -> None:
        self._ticks_left -= time.monotonic() - self._scheduled_s < 2 * _TICK_S
        if self._ticks_left > 0:
            self._schedule()
        else:
            self.scope.cancel()
