"""A page is bought once by all replicas together: kept in the store, bought by whoever holds its lock."""

import secrets
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.fetching import PageSource
from mcp_server.upstream.breaker import StoreTimeout, StoreUnavailable
from mcp_server.upstream.cache import NEWEST_TTL_S, OLDER_TTL_S
from mcp_server.upstream.redis_store import LOCK_S
from mcp_server.upstream.sealing import Seal

_AS_IT_WAS = "\0the newest page, as it was"
"""No cursor of the API's: they hold no control characters."""
LOOK_S = 0.025
"""Before the first look at whether another replica's purchase has arrived; then half as long again each time."""
LONGEST_LOOK_S = 0.25
LONGEST_WAIT_S = 15.0
"""For a purchase of others, which may be stuck; or nobody buys at all, and the lock is somebody's mischief."""


class Store(Protocol):
    """What pages and locks are kept in; see `RedisStore`. Raises StoreUnavailable."""

    async def ask(self, name: str, holder: str) -> bytes | bool: ...
    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None: ...
    async def renew(self, name: str, holder: str) -> None: ...
    async def release(self, name: str, holder: str) -> None: ...


class SharedPages:
    """A `PageSource` for one tenant that buys from `source` what no replica has bought yet.

    Without the store every replica buys for itself. What is written to it is written by `background`'s tasks: a caller
    waits for its answer, not for the store.
    """

    def __init__(
        self,
        source: PageSource,
        store: Store,
        seal: Seal,
        background: TaskGroup,
        *,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        self._source = source
        self._store = store
        self._seal = seal
        self._background = background
        self._longest_wait_s = longest_wait_s

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page; see `PageSource.page`. One that another replica bought is marked as cached.

        Raises UpstreamError and NotCached.
        """
        newest, as_it_was = self._seal.name(target, cursor), self._seal.name(target, _AS_IT_WAS)
        name, holder = as_it_was if policy.continuing and cursor is None else newest, secrets.token_hex(8)
        found = await self._ask(name, holder, deadline=min(deadline, anyio.current_time() + self._longest_wait_s))
        if isinstance(found, bytes) and (page := self._seal.open(name, found)) is not None and policy.accepts(page):
            return replace(page, credits=0, maybe_extra=0, from_cache=True)
        # A value that does not open counts as none, like one that is too short: the page is fetched and written again.
        if policy.cached_only:
            if found is True:
                self._background.start_soon(self._give_up, name, holder, None, 0)
            raise NotCached
        renewing = anyio.CancelScope()
        if found is True:
            self._background.start_soon(self._renew, name, holder, renewing)
        bought: Page | None = None
        try:
            bought = await self._source.page(target, cursor=cursor, count=count, deadline=deadline)
            return bought
        finally:
            renewing.cancel()
            if found is not False:
                ttl_s = NEWEST_TTL_S if cursor is None and not policy.continuing else OLDER_TTL_S
                self._background.start_soon(self._give_up, name, holder, bought, ttl_s)
                if bought is not None and cursor is None and not policy.continuing:
                    # Under a name of its own for who goes on from it, when it is no longer the newest.
                    self._background.start_soon(self._give_up, as_it_was, holder, bought, OLDER_TTL_S)

    async def _ask(self, name: str, holder: str, *, deadline: float) -> bytes | bool | None:
        """As `Store.ask`, once no other replica is buying, or at the deadline. None: nobody knows, nor whose the lock
        is, so that the page is worth keeping in any case."""
        found: bytes | bool | None = None
        look_s = LOOK_S
        while True:
            try:
                found = await self._store.ask(name, holder)
            except StoreTimeout:
                pass  # where another replica was buying a moment ago, it still is, or has bought
            except StoreUnavailable:
                return None
            if found is not False or anyio.current_time() + look_s >= deadline:
                return found
            await anyio.sleep(look_s)
            look_s = min(look_s * 1.5, LONGEST_LOOK_S)

    async def _renew(self, name: str, holder: str, until: anyio.CancelScope) -> None:
        with until:
            while True:
                await anyio.sleep(LOCK_S / 4)
                with suppress(StoreUnavailable):  # it may be back before the lock is over
                    await self._store.renew(name, holder)

    async def _give_up(self, name: str, holder: str, bought: Page | None, ttl_s: float) -> None:
        try:
            if bought is None:
                await self._store.release(name, holder)
            else:
                await self._store.keep(name, holder, self._seal.close(name, bought), ttl_s=ttl_s)
        except StoreUnavailable:
            pass  # the lock ends by itself
