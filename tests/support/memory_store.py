"""A store in this process, and replicas in this process that share it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from mcp_server.fetching import PageSource
from mcp_server.upstream.breaker import StoreTimeout, StoreUnavailable
from mcp_server.upstream.cache import CachedPages, TimelineCache
from mcp_server.upstream.redis_store import Missing, Stored
from mcp_server.upstream.sealing import STAMP_BYTES, Seal
from mcp_server.upstream.shared import SharedPages
from tests.support.caching import Clock


class MemoryStore:
    """A store in this process, with a clock of its own. `away` makes it fail.

    `late` requests time out; the last of them sets `timed_out`.
    """

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.locks: dict[str, str] = {}
        self.away = False
        self.late = 0
        self.timed_out = anyio.Event()
        self.skipped_ms = 0

    @property
    def now_ms(self) -> int:
        """The store's time: this process's, and what a test has added."""
        return int(time.monotonic() * 1000) + self.skipped_ms

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable

    async def look_up(self, name: str, *, max_age_s: float) -> Stored | Missing:
        self._check()
        value = self.values.get(name)
        if value is not None:
            age_s = (self.now_ms - int.from_bytes(value[1 : 1 + STAMP_BYTES])) / 1000
            if -1 <= age_s < max_age_s:
                return Stored(value, max(age_s, 0))
        return Missing(locked=False, now_ms=self.now_ms)

    async def ask(self, name: str, holder: str, *, max_age_s: float) -> Stored | Missing:
        self._check()
        if self.late:
            self.late -= 1
            if not self.late:
                self.timed_out.set()
            raise StoreTimeout
        found = await self.look_up(name, max_age_s=max_age_s)
        if isinstance(found, Missing):
            return Missing(self.locks.setdefault(name, holder) == holder, self.now_ms)
        return found

    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None:
        self._check()
        self.values[name] = value
        await self.release(name, holder)

    async def renew(self, name: str, holder: str) -> None:
        self._check()

    async def release(self, name: str, holder: str) -> None:
        self._check()
        if self.locks.get(name) == holder:
            del self.locks[name]


@asynccontextmanager
async def replicas(api: PageSource, store: MemoryStore, clock: Clock, number: int) -> AsyncIterator[list[CachedPages]]:
    """Several that share a store, each with a cache of its own."""
    seal = Seal("secret", tenant="", account_id="1")
    async with anyio.create_task_group() as background:

        def replica() -> CachedPages:
            shared = SharedPages(api, store, seal, background)
            cache = TimelineCache(clock_s=clock)
            return CachedPages(shared, cache, background, account_id="1", publish=shared.publish)

        yield [replica() for _ in range(number)]
        background.cancel_scope.cancel()
