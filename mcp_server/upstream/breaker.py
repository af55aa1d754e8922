"""When the shared store is slow or gone, nobody waits for it for long, and then not again for a while."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

WAIT_S = 0.08
"""Nobody's call waits longer for the store."""
PATIENCE_S = 1.0
"""What nobody waits for may take longer."""
PAUSE_S = 5.0
"""So long the store is left alone after it failed."""

_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)


class StoreAway(Exception):
    """The store did not answer, lately or now."""


class Breaker:
    """Runs what needs the store, and stops trying for a while once it failed."""

    def __init__(self, *failures: type[Exception], clock_s: Callable[[], float] = time.monotonic) -> None:
        """`failures`: what the store raises when it is not to be had."""
        self._failures: tuple[type[Exception], ...] = (*failures, TimeoutError)
        self._clock_s = clock_s
        self._closed_until_s = float("-inf")

    async def run(self, work: Callable[[], Awaitable[_Value]], *, wait_s: float = WAIT_S) -> _Value:
        """What `work` gives. Raises StoreAway."""
        if self._clock_s() < self._closed_until_s:
            raise StoreAway
        try:
            with anyio.fail_after(wait_s):
                return await work()
        except self._failures as error:
            self._closed_until_s = self._clock_s() + PAUSE_S
            _log.warning("the shared store is away (%s): going on without it", type(error).__name__)
            raise StoreAway from None
