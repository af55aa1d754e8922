"""Every message is fetched once: kept in its conversation's timeline, and fetched by one request for all callers.

A page from memory costs nothing and states its age. A fetch belongs to no caller: when the caller that started it goes
away, the others still get its page, and a page that nobody waits for any more is kept.
"""

import copy
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple, assert_never

import anyio
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.conversation.pricing import MESSAGES_PER_CREDIT
from mcp_server.errors import RequestRejected, UpstreamError, UpstreamFailed, UpstreamTimeout
from mcp_server.fetching import PageSource
from mcp_server.upstream.gaps import closed
from mcp_server.upstream.timeline import Timeline
from mcp_server.upstream.timeline_run import OLDER_TTL_S

BLOCKED_S = 30.0
"""How long an error that concerns the whole account answers all its requests."""
MAX_BYTES = 32 * 1024 * 1024
MAX_ABANDONED = 8
"""Fetches of one account that continue although no caller waits for them; the oldest is cancelled beyond that."""

_log = logging.getLogger(__name__)


class TimelineKey(NamedTuple):
    """Whose conversation it is, and which."""

    tenant: str
    account_id: str
    target: Target


class TimelineCache:
    """The timelines of this process; beyond `max_bytes` the least recently used are dropped."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.clock_s = clock_s
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._kept: OrderedDict[TimelineKey, tuple[Timeline, int, float]] = OrderedDict()

    def timeline(self, key: TimelineKey) -> Timeline:
        """The timeline of a conversation; a new one is kept once `update` is called."""
        kept = self._kept.get(key)
        if kept is None:
            return Timeline()
        self._kept.move_to_end(key)
        return kept[0]

    def forget(self, key: TimelineKey) -> None:
        """Drop a timeline."""
        _, size_bytes, _ = self._kept.pop(key, (None, 0, 0.0))
        self.size_bytes -= size_bytes

    def update(self, key: TimelineKey, timeline: Timeline) -> None:
        """Keep a timeline that has changed, and drop others that have expired or that there is no room for."""
        _, size_bytes, _ = self._kept.pop(key, (None, 0, 0.0))
        timeline.trim(self._max_bytes)
        now_s = self.clock_s()
        self._kept[key] = timeline, timeline.size_bytes, now_s
        self.size_bytes += timeline.size_bytes - size_bytes
        while True:
            first = next(iter(self._kept))
            _, size_bytes, changed_s = self._kept[first]
            if self.size_bytes <= self._max_bytes and now_s - changed_s < OLDER_TTL_S:
                break
            del self._kept[first]
            self.size_bytes -= size_bytes


@dataclass(slots=True)
class _Fetch:
    """A request in flight. `outcome` is None when it was cancelled; its cost is reported to one caller, `claimed`."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    done: anyio.Event = field(default_factory=anyio.Event)
    outcome: Page | Exception | None = None
    waiting: int = 0
    claimed: bool = False


class CachedPages:
    """A `PageSource` that fetches from another one only what its conversation's timeline lacks.

    `unit` is the number of messages that cost one credit. `on_unclaimed(credits)` is called with the price of a fetch
    whose callers had all gone away. `publish` is given where the source is shared with other replicas: it is called
    with a page that was not fetched as such, but is known since its messages were joined to others, and with the
    identity of the message that precedes it.
    """

    def __init__(
        self,
        source: PageSource,
        cache: TimelineCache,
        background: TaskGroup,
        *,
        account_id: str,
        tenant: str = "",
        unit: int = MESSAGES_PER_CREDIT,
        publish: Callable[[Target, str, Page, str], None] | None = None,
        on_unclaimed: Callable[[int], None] | None = None,
    ) -> None:
        self._source = source
        self._cache = cache
        self._background = background
        self._tenant = tenant
        self._account_id = account_id
        self._unit = unit
        self._publish = publish
        self._on_unclaimed = on_unclaimed
        self._in_flight: dict[tuple[Target, str | None], _Fetch] = {}
        self._abandoned: list[_Fetch] = []
        self._blocked: tuple[UpstreamError, float] | None = None

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page, from memory or fetched; see `PageSource.page`. Its credits are those that this call pays.

        A page from memory may be longer or shorter than `count`. Raises UpstreamError and NotCached.
        """
        key = TimelineKey(self._tenant, self._account_id, target)
        while True:
            if (known := self._cache.timeline(key).page(cursor, policy, now_s=self._cache.clock_s())) is not None:
                return known
            if policy.cached_only:
                policy = replace(policy, after=self._cache.timeline(key).before(cursor))
                page = await self._source.page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
                gap = self._cache.timeline(key).gap_before(cursor, page, policy)
                return self._splice(key, cursor, page) if gap is None else replace(page, gap=gap.messages)
            fetch = self._in_flight.get((target, cursor))
            starts = fetch is None
            if fetch is None:
                self._raise_if_blocked()
                fetch = self._in_flight[target, cursor] = _Fetch()
                self._background.start_soon(self._run, fetch, key, cursor, count, deadline, policy)
            # A fetch has the deadline of the caller that starts it, and ends by itself with what it cost.
            await self._wait(fetch, until=math.inf if starts else deadline)
            outcome = fetch.outcome
            if isinstance(outcome, Page) and not starts and not replace(policy, fresh=False).accepts(outcome):
                self._leave(fetch)  # too short for this caller
                continue
            return self._claim(fetch)

    async def _wait(self, fetch: _Fetch, *, until: float) -> None:
        """Return when the fetch is done. Raises UpstreamTimeout at the time `until`; the fetch then continues."""
        fetch.waiting += 1
        if fetch in self._abandoned:
            self._abandoned.remove(fetch)
        try:
            with anyio.fail_after(until - anyio.current_time()):
                await fetch.done.wait()
        except BaseException as error:
            fetch.waiting -= 1
            self._leave(fetch)
            if isinstance(error, TimeoutError):
                raise UpstreamTimeout("The API has not answered in time.") from None
            raise
        fetch.waiting -= 1

    def _claim(self, fetch: _Fetch) -> Page:
        """The page of a fetch that is done. The first caller to get it pays. Raises what the fetch raised."""
        pays, fetch.claimed = not fetch.claimed, True
        match fetch.outcome:
            case UpstreamError() as error:
                raise _copy_of(error, paid=pays)
            case Exception() as error:
                raise error
            case Page() as page:
                return page if pays else replace(page, credits=0, maybe_extra=0, from_cache=True)
            case None:
                raise UpstreamFailed("The request was cancelled because the server is stopping.")
            case _:
                assert_never(fetch.outcome)

    def _leave(self, fetch: _Fetch) -> None:
        """A caller has gone away. Its fetch continues, with a few others that nobody waits for."""
        if fetch.waiting:
            return
        if fetch.done.is_set():
            self._settle(fetch)
            return
        self._abandoned.append(fetch)
        if len(self._abandoned) > MAX_ABANDONED:
            self._abandoned.pop(0).scope.cancel()

    async def _run(
        self, fetch: _Fetch, key: TimelineKey, cursor: str | None, count: int, deadline: float, policy: CachePolicy
    ) -> None:
        """Fetch a page and put it into the timeline. Runs in the background and raises nothing but cancellation."""
        try:
            with fetch.scope:
                fetch.outcome = await self._fetch(key, cursor, count=count, deadline=deadline, policy=policy)
        except UpstreamError as error:
            fetch.outcome = error
            if error.concerns_account:
                self._blocked = _copy_of(error, paid=False), self._cache.clock_s() + BLOCKED_S
            if isinstance(error, RequestRejected) and cursor is not None:
                # The API has forgotten its cursor, and probably the others of this conversation, too.
                self._cache.forget(key)
        except Exception as error:  # noqa: BLE001 - raised again in the calls that wait for it
            fetch.outcome = error
        finally:
            del self._in_flight[key.target, cursor]
            fetch.done.set()
            if not fetch.waiting:
                self._settle(fetch)

    async def _fetch(
        self, key: TimelineKey, cursor: str | None, *, count: int, deadline: float, policy: CachePolicy
    ) -> Page:
        target, timeline = key.target, self._cache.timeline(key)
        if cursor is None and timeline.is_empty and self._publish is not None:
            await self._look_up(key, timeline, count=count, deadline=deadline)
            if (known := timeline.page(cursor, policy, now_s=self._cache.clock_s())) is not None:
                return known
        if not policy.min_messages:
            count = timeline.count_to_ask(cursor, count, unit=self._unit, now_s=self._cache.clock_s())
        policy = replace(policy, after=timeline.before(cursor))
        page = await self._source.page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
        if (gap := timeline.gap_before(cursor, page, policy)) is not None:
            page = await closed(page, gap, partial(self._source.page, target, deadline=deadline), spare=policy.spare)
        return self._splice(key, cursor, page)

    async def _look_up(self, key: TimelineKey, timeline: Timeline, *, count: int, deadline: float) -> None:
        """See what other replicas know of a conversation that is new here: its newest page and what follows it."""
        cursor: str | None = None
        found = 0
        with suppress(NotCached):
            while found < count and (cursor is not None or not found):
                policy = CachePolicy(continuing=True, cached_only=True, after=timeline.before(cursor))
                page = await self._source.page(key.target, cursor=cursor, count=count, deadline=deadline, policy=policy)
                if timeline.gap_before(cursor, page, policy) is not None:
                    break
                timeline.splice(cursor, timeline.distinct(page), now_s=self._cache.clock_s())
                cursor, found = page.next_cursor, found + max(1, len(page.messages))
        if not timeline.is_empty:
            self._cache.update(key, timeline)

    def _splice(self, key: TimelineKey, cursor: str | None, page: Page) -> Page:
        """Put a page into its timeline; returns it with the identities that its messages have there."""
        timeline, now_s = self._cache.timeline(key), self._cache.clock_s()
        page = timeline.distinct(page)
        joined_at = timeline.splice(cursor, page, now_s=now_s)
        self._cache.update(key, timeline)
        if joined_at is not None and self._publish is not None:
            following = timeline.page(joined_at, ANY_CACHED, now_s=now_s)
            if following is not None:
                self._publish(key.target, joined_at, following, page.messages[-1].id)
        return page

    def _settle(self, fetch: _Fetch) -> None:
        """Report the price of a fetch that no caller waits for."""
        if fetch in self._abandoned:
            self._abandoned.remove(fetch)
        if fetch.claimed or fetch.outcome is None:
            return
        fetch.claimed = True
        match fetch.outcome:
            case Page(credits=credits, maybe_extra=maybe_extra):
                outcome = "read"
            case UpstreamError(credits_spent=credits, maybe_extra=maybe_extra) as error:
                outcome = error.code
            case _:
                credits, maybe_extra, outcome = 0, 1, "internal_error"
        _log.info("abandoned fetch credits=%d maybe_extra=%d outcome=%s", credits, maybe_extra, outcome)
        if self._on_unclaimed is not None:
            self._on_unclaimed(credits)

    def _raise_if_blocked(self) -> None:
        if self._blocked is None:
            return
        error, until_s = self._blocked
        if self._cache.clock_s() < until_s:
            raise _copy_of(error, paid=False)
        self._blocked = None


def _copy_of(error: UpstreamError, *, paid: bool) -> UpstreamError:
    """The same error for one call, without what it cost if the call did not pay."""
    copied = copy.copy(error)
    if not paid:
        copied.credits_spent = copied.maybe_extra = 0
    return copied.with_traceback(None)
