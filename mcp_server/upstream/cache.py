"""A page is bought once: kept for a while, and by one call for all that want it at the same time.

Any page kept serves any ask for its place in the conversation: a longer one holds what is asked for, and after a
shorter one the reader goes on at its end. What is served from here costs nothing, and says so.
"""

import copy
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import anyio

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import UpstreamError, UpstreamTimeout
from mcp_server.fetching import PageSource

NEWEST_TTL_S = 30.0
"""The newest page changes with every message that arrives: a call that begins there wants what is new."""
OLDER_TTL_S = 900.0
"""Older pages only change when someone edits or deletes; a walk through them is over in a quarter of an hour. For so
long a call that goes on from an earlier answer takes the newest page as it was, too."""
LATCH_S = 30.0
"""So long after "no credits" or "no such key" the answer is given without asking again."""
MAX_BYTES = 32 * 1024 * 1024


class PageKey(NamedTuple):
    """What a page is kept under: whose it is, which conversation, and the API's cursor (None: the newest page)."""

    tenant: str
    account_id: str
    target: Target
    cursor: str | None


class MemoryPageCache:
    """Keeps pages in this process, the least recently used going first beyond `max_bytes`."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock_s = clock_s
        self._kept: OrderedDict[PageKey, tuple[Page, float]] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: PageKey, *, policy: CachePolicy = ANY_CACHED) -> Page | None:
        """The page under `key`; None where there is none, it has expired, or `policy` does not accept it."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        page, bought_s = kept
        age_s = self._clock_s() - bought_s
        if age_s >= OLDER_TTL_S:
            self._drop(key)
            return None
        if key.cursor is None and not policy.continuing and age_s >= NEWEST_TTL_S:
            return None
        if not policy.accepts(page):
            return None
        self._kept.move_to_end(key)
        return page

    def put(self, key: PageKey, page: Page) -> None:
        self._drop(key)
        self._kept[key] = (page, self._clock_s())
        self.size_bytes += size_of(page)
        while self.size_bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: PageKey) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.size_bytes -= size_of(kept[0])


@dataclass(slots=True)
class _Flight:
    """One page being bought, and those who wait for it."""

    landed: anyio.Event = field(default_factory=anyio.Event)
    outcome: Page | UpstreamError | None = None


class CachedPages:
    """A `PageSource` that buys from another one only what it does not have. `hits` counts what it had."""

    def __init__(
        self,
        source: PageSource,
        cache: MemoryPageCache,
        *,
        account_id: str,
        tenant: str = "",
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hits = 0
        self._source = source
        self._cache = cache
        self._account_id = account_id
        self._tenant = tenant
        self._clock_s = clock_s
        self._flights: dict[PageKey, _Flight] = {}
        self._latched: tuple[UpstreamError, float] | None = None

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page, bought or kept; see `PageSource.page`. Credits are those that this call paid. Raises UpstreamError.

        A page kept may be longer or shorter than `count`.
        """
        key = PageKey(self._tenant, self._account_id, target, cursor)
        while True:
            if (kept := self._cache.get(key, policy=policy)) is not None:
                self.hits += 1
                return replace(kept, credits=0, maybe_extra=0, from_cache=True)
            self._refuse_while_latched()
            flight = self._flights.get(key)
            if flight is None:
                return await self._buy(key, count=count, deadline=deadline, policy=policy)
            with anyio.move_on_after(deadline - anyio.current_time()):
                await flight.landed.wait()
            match flight.outcome:
                case Page() as page if policy.accepts(page):
                    self.hits += 1
                    return replace(page, credits=0, maybe_extra=0, from_cache=True)
                case UpstreamError() as error:
                    raise _unpaid(error)
                case None if not flight.landed.is_set():
                    raise UpstreamTimeout("The API has not answered in time.")
                case _:
                    pass  # the caller that was fetching it went away, or its page is too short for this one

    async def _buy(self, key: PageKey, *, count: int, deadline: float, policy: CachePolicy) -> Page:
        flight = self._flights[key] = _Flight()
        try:
            page = await self._source.page(key.target, cursor=key.cursor, count=count, deadline=deadline, policy=policy)
        except UpstreamError as error:
            flight.outcome = error
            if error.concerns_account:
                self._latched = (_unpaid(error), self._clock_s() + LATCH_S)
            raise
        else:
            flight.outcome = page
            # A page that another replica fetched is older than it looks: its time runs in the shared store.
            if not page.from_cache:
                self._cache.put(key, page)
            return page
        finally:
            del self._flights[key]
            flight.landed.set()

    def _refuse_while_latched(self) -> None:
        if self._latched is None:
            return
        error, until_s = self._latched
        if self._clock_s() < until_s:
            raise _unpaid(error)
        self._latched = None


def size_of(page: Page) -> int:
    """About how many bytes a page takes in memory."""
    texts = sum(600 + 4 * (len(message.text) + len(message.id)) for message in page.messages)
    return 400 + 4 * len(page.next_cursor or "") + texts


def _unpaid(error: UpstreamError) -> UpstreamError:
    """The same error for another call, which did not pay for it."""
    again = copy.copy(error)
    again.credits_spent = again.maybe_extra = 0
    return again.with_traceback(None)
