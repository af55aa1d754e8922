"""A page is fetched once by all replicas together: kept in a shared store, and fetched by the holder of its lock."""

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Protocol

import anyio
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.fetching import PageSource
from mcp_server.upstream.breaker import StoreTimeout, StoreUnavailable
from mcp_server.upstream.redis_store import LOCK_S, Missing, Stored
from mcp_server.upstream.sealing import Seal
from mcp_server.upstream.timeline_run import NEWEST_TTL_S, OLDER_TTL_S

FIRST_POLL_S = 0.025
"""Before the first look at whether another replica has fetched the page; each further wait is half as long again."""
MAX_POLL_S = 0.25
_FRESH_S = -0.002
"""The greatest age of a fresh page when it is asked for: stamps may be ahead of the store's clock by the rounding."""
MAX_WAIT_S = 15.0
"""Longest wait for another replica's fetch, which may be stuck or may not exist (a forged lock)."""


class Store(Protocol):
    """Keeps pages and locks; see `RedisStore`. Raises StoreUnavailable."""

    async def ask(self, name: str, holder: str, *, max_age_s: float) -> Stored | Missing: ...
    async def look_up(self, name: str, *, max_age_s: float) -> Stored | Missing: ...
    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None: ...
    async def renew(self, name: str, holder: str) -> None: ...
    async def release(self, name: str, holder: str) -> None: ...


class _StoreTime(NamedTuple):
    """The store's time at a moment of this process's clock."""

    store_ms: int
    local_s: float

    def now_ms(self) -> int:
        return self.store_ms + int((anyio.current_time() - self.local_s) * 1000)


class SharedPages:
    """A `PageSource` for one tenant that fetches from `source` the pages that no replica has fetched yet.

    Without the store every replica fetches for itself. Tasks in `background` write to the store: a caller waits for its
    page only.
    """

    def __init__(
        self,
        source: PageSource,
        store: Store,
        seal: Seal,
        background: TaskGroup,
        *,
        max_wait_s: float = MAX_WAIT_S,
    ) -> None:
        self._source = source
        self._store = store
        self._seal = seal
        self._background = background
        self._max_wait_s = max_wait_s

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page; see `PageSource.page`. One that another replica fetched is marked as cached, with its age.

        Raises UpstreamError and NotCached.
        """
        name, holder = self._seal.name(target, cursor, policy.after), secrets.token_hex(8)
        max_age_s = NEWEST_TTL_S if cursor is None and not policy.continuing else OLDER_TTL_S
        if policy.cached_only:
            return await self._look_up(name, policy, max_age_s)
        until = min(deadline, anyio.current_time() + self._max_wait_s)
        found = await self._ask(name, holder, max_age_s=_FRESH_S if policy.fresh else max_age_s, until=until)
        if isinstance(found, Stored):
            page = self._opened(name, found)
            if page is not None and replace(policy, fresh=False).accepts(page):
                return page
        # A value that does not open counts as none, like one that is too short: the page is fetched and replaced.
        time = _StoreTime(found.now_ms, anyio.current_time()) if isinstance(found, Missing) else None
        owns_lock = isinstance(found, Missing) and found.locked
        renewing = anyio.CancelScope()
        if owns_lock:
            self._background.start_soon(self._renew, name, holder, renewing)
        fetched: Page | None = None
        try:
            fetched = await self._source.page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
            return fetched
        finally:
            renewing.cancel()
            if fetched is not None and (owns_lock or not isinstance(found, Missing)):
                fetched_s = anyio.current_time()
                self._background.start_soon(self._keep, name, holder, fetched, fetched_s, time)
                if policy.after is not None:
                    # For callers that have only the cursor, and search the page for the message to continue from.
                    self._background.start_soon(
                        self._keep, self._seal.name(target, cursor), "", fetched, fetched_s, time
                    )
            elif owns_lock:
                self._background.start_soon(self._release, name, holder)

    def publish(self, target: Target, cursor: str, page: Page, after: str) -> None:
        """Let other replicas have a page of `page.age_s`, put together from known messages that follow `after`."""
        fetched_s = anyio.current_time() - (page.age_s or 0)
        for name in (self._seal.name(target, cursor, after), self._seal.name(target, cursor)):
            self._background.start_soon(self._keep, name, "", page, fetched_s, None)

    async def _look_up(self, name: str, policy: CachePolicy, max_age_s: float) -> Page:
        with suppress(StoreUnavailable):
            found = await self._store.look_up(name, max_age_s=max_age_s)
            page = self._opened(name, found) if isinstance(found, Stored) else None
            if page is not None and policy.accepts(page):
                return page
        raise NotCached

    def _opened(self, name: str, stored: Stored) -> Page | None:
        page = self._seal.open(name, stored.value)
        return None if page is None else replace(page, credits=0, maybe_extra=0, from_cache=True, age_s=stored.age_s)

    async def _ask(self, name: str, holder: str, *, max_age_s: float, until: float) -> Stored | Missing | None:
        """As `Store.ask`, once no other replica is fetching, or at the time `until`. None: the store did not answer, so
        nobody knows who has the lock, and the page is worth keeping in any case."""
        found: Stored | Missing | None = None
        began_s, poll_s = anyio.current_time(), FIRST_POLL_S
        while True:
            try:
                # What another replica has fetched since this call began is always young enough.
                found = await self._store.ask(name, holder, max_age_s=max_age_s + anyio.current_time() - began_s)
            except StoreTimeout:
                pass  # a replica that was fetching a moment ago still is, or has fetched
            except StoreUnavailable:
                return None
            if not isinstance(found, Missing) or found.locked or anyio.current_time() + poll_s >= until:
                return found
            await anyio.sleep(poll_s)
            poll_s = min(poll_s * 1.5, MAX_POLL_S)

    async def _renew(self, name: str, holder: str, until: anyio.CancelScope) -> None:
        with until:
            while True:
                await anyio.sleep(LOCK_S / 4)
                with suppress(StoreUnavailable):  # it may be back before the lock expires
                    await self._store.renew(name, holder)

    async def _keep(self, name: str, holder: str, page: Page, fetched_s: float, time: _StoreTime | None) -> None:
        """Seal a page that was fetched at `fetched_s` of this process's clock, keep it, and give up the lock."""
        with suppress(StoreUnavailable):  # the lock expires by itself
            if time is None:
                found = await self._store.look_up(name, max_age_s=0)
                time = _StoreTime(found.now_ms if isinstance(found, Missing) else 0, anyio.current_time())
            age_s = anyio.current_time() - fetched_s
            fetched_at_ms = time.now_ms() - int(age_s * 1000)
            sealed = self._seal.close(name, replace(page, age_s=None), fetched_at_ms=fetched_at_ms)
            if age_s < OLDER_TTL_S:
                await self._store.keep(name, holder, sealed, ttl_s=OLDER_TTL_S - age_s)

    async def _release(self, name: str, holder: str) -> None:
        with suppress(StoreUnavailable):  # the lock expires by itself
            await self._store.release(name, holder)
