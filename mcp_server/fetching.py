"""Runs a walk: fetches its pages one after the other, within a deadline and a limit of credits."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import anyio

from mcp_server.audit import CallRecord
from mcp_server.conversation.known_people import UNKNOWN, KnownConversation
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, OnPage, Page, Target
from mcp_server.conversation.page_sizes import PageSizes
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.pricing import Pricing
from mcp_server.errors import RequestRejected, UpstreamError

_START_AGAIN = "Call again without cursor to start from the newest message."


class PageSource(Protocol):
    """Fetches pages of a conversation."""

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page of at most `count` messages; a cached page may be longer.

        `cursor` is the API's own, None for the newest page. `deadline` is on the clock of `anyio.current_time()`.
        `policy` limits which cached pages are accepted. Raises UpstreamError, and NotCached if the policy is
        `cached_only`.
        """
        ...


class SkippingCosts(Exception):
    """Pages before the first message to show are not cached; reading costs `credits` because of them."""

    def __init__(self, credits: int) -> None:
        super().__init__()
        self.credits = credits


class PageFetcher:
    """Fetches pages from `source`: in requests of `sizes`, filled up at the price in `pricing`.

    A call spends `max_credits` and takes `timeout_s` seconds at most.
    """

    def __init__(
        self, source: PageSource, *, sizes: PageSizes, pricing: Pricing, max_credits: int | None, timeout_s: float
    ) -> None:
        self.sizes = sizes
        self._source = source
        self._pricing = pricing
        self._max_credits = max_credits
        self._timeout_s = timeout_s

    async def fill(
        self,
        walk: Walk,
        target: Target,
        record: CallRecord,
        *,
        refresh: bool = False,
        in_window: bool = False,
        is_full: Callable[[], bool] | None,
        on_page: OnPage | None,
        known: KnownConversation = UNKNOWN,
    ) -> None:
        """Fetch pages until the walk needs no more, `is_full` says so, or reading has to stop with a note.

        `refresh`: take no newest page from the cache. `in_window`: the walk starts at a number of a window cursor.
        `is_full` is None if the answer can hold any number of messages. `known` completes the newest page. Raises
        UpstreamError if nothing could be read; its `credits_spent` excludes those of the walk. Raises SkippingCosts
        instead of paying for messages to skip.
        """
        time = TimeLimit(self._timeout_s)
        while walk.needs_more:
            count = self._request_count(walk, time, grow=is_full is None)
            costs = self._costs_of_skipping(walk) if in_window else None
            policy = replace(
                walk.policy,
                fresh=walk.policy.fresh or (refresh and walk.page_cursor is None),
                cached_only=count == 0 or costs is not None,
                spare=self._spare(walk, count),
            )
            try:
                page = await self._page(walk, target, record, time, count=count or walk.request_count, policy=policy)
            except NotCached:
                if costs is not None:
                    raise costs from None
                walk.stop(self._limit_note(walk, time))
                return
            except UpstreamError as error:
                if isinstance(error, RequestRejected) and (self.sizes.refuse(count) or _restarts(walk, error)):
                    _charge(walk, error)
                    continue
                if not walk.messages:
                    raise
                _charge(walk, error)
                older = f"Older {walk.tally.noun}s could not be read"
                walk.stop(f"{older}: {error.code}: {error.what} Use next_cursor to try again.")
                return
            is_newest = walk.from_newest and walk.page_cursor is None
            walk.take(known.completed(page) if is_newest else page)
            if on_page is not None:
                await on_page(min(len(walk.messages), walk.count), walk.count)
            if is_full is not None and is_full():
                return
        self._check_found(walk)

    async def _page(
        self, walk: Walk, target: Target, record: CallRecord, time: "TimeLimit", *, count: int, policy: CachePolicy
    ) -> Page:
        """The next page of a walk. Learns from its size, price and time. Raises UpstreamError and NotCached."""
        wanted, began_s = walk.request_count, anyio.current_time()
        record.waiting = True
        try:
            page = await self._source.page(
                target, cursor=walk.page_cursor, count=count, deadline=time.deadline, policy=policy
            )
        except (UpstreamError, NotCached):
            record.waiting = False
            raise
        record.waiting = False
        if page.from_cache:
            walk.tally.credits_saved += self._pricing.credits_for(min(wanted, len(page.messages)))
        else:
            time.learn(began_s)
            if not page.joined:
                self._pricing.learn(
                    messages=len(page.messages) + page.skipped, credits=page.credits, is_last=page.next_cursor is None
                )
        if page.requested and not page.from_cache:
            self.sizes.learn(
                requested=page.requested,
                delivered=len(page.messages) + page.skipped,
                is_last=page.next_cursor is None,
                elapsed_s=anyio.current_time() - began_s,
            )
        return page

    def _costs_of_skipping(self, walk: Walk) -> "SkippingCosts | None":
        """What the next messages cost if they cost more because of those to skip before them, else None."""
        wanted, skipped = walk.request_count, walk.to_skip
        credits = self._pricing.credits_for(wanted)
        if skipped < self._pricing.unit or credits <= self._pricing.credits_for(wanted - skipped):
            return None
        return SkippingCosts(credits)

    def _request_count(self, walk: Walk, time: "TimeLimit", *, grow: bool) -> int:
        """The size of the next request, 0 if a limit allows none."""
        if walk.messages and not time.allows_page:
            return 0
        size = self.sizes.limit(time.deadline - anyio.current_time()) if grow else self.sizes.first
        if walk.since_ms is not None:
            # How many messages are later than `since` is not known: the first request is small, the next ones double.
            size = min(size, self._pricing.unit << min(walk.tally.pages, 20))
        count = self._pricing.filled(walk.request_count, page_size=size)
        if self._max_credits is None:
            return count
        left = max(0, self._max_credits - walk.tally.credits_at_most)
        if not self._pricing.is_known:
            # The API may charge for every message, and the limit must not be exceeded by filling up.
            count = max(min(walk.request_count, size), min(count, left))
        if walk.tally.unpriced_pages:
            # What the API does not report cannot show the price: each message counts as a credit here, too.
            count = min(count, left)
        return min(count, self._pricing.affordable(left, first=walk.tally.pages == 0))

    def _spare(self, walk: Walk, count: int) -> int:
        """How many messages besides `count` may be fetched to close a gap: as many as the call is for, or one page."""
        most = max(walk.count, self.sizes.first)
        if self._max_credits is None:
            return most
        if walk.tally.unpriced_pages or not self._pricing.is_known:
            return 0
        left = self._max_credits - walk.tally.credits_at_most - self._pricing.credits_for(count)
        return min(most, self._pricing.affordable(left, first=False))

    def _limit_note(self, walk: Walk, time: "TimeLimit") -> str:
        if not time.allows_page:
            return f"Reading stopped at the time limit per call, {self._timeout_s:g} s. Use next_cursor to continue."
        most = "1 credit" if self._max_credits == 1 else f"{self._max_credits} credits"
        stopped = f"eading stopped at {most}, the limit per call. Use next_cursor to continue."
        if walk.tally.unpriced_pages:
            return f"The API did not report a charge, so each message counted as a credit: r{stopped}"
        return f"R{stopped}"

    def _check_found(self, walk: Walk) -> None:
        """Raise RequestRejected, or stop with a note, if a restarted walk did not find its place again."""
        if not walk.lost:
            return
        what = "The API no longer accepts its cursor, and the place to continue from was not found again."
        if not walk.messages:
            raise RequestRejected(what, advice=_START_AGAIN)
        walk.stop(f"Older {walk.tally.noun}s could not be read: {what} {_START_AGAIN}")


class TimeLimit:
    """The end of a call, at `deadline`, and whether another page can arrive before it."""

    def __init__(self, timeout_s: float) -> None:
        self.deadline = anyio.current_time() + timeout_s
        self._shortest_s = math.inf

    @property
    def allows_page(self) -> bool:
        """False once less time is left than the quickest page took: a request cut off may be charged for nothing."""
        needed_s = 0.0 if self._shortest_s == math.inf else self._shortest_s
        return anyio.current_time() + needed_s < self.deadline

    def learn(self, asked_s: float) -> None:
        """Note that a page requested at `asked_s` has arrived."""
        self._shortest_s = min(self._shortest_s, anyio.current_time() - asked_s)


def _charge(walk: Walk, error: UpstreamError) -> None:
    """Add the credits of a failed request to those of the walk."""
    walk.tally.credits += error.credits_spent
    walk.tally.maybe_extra += error.maybe_extra


def _restarts(walk: Walk, error: RequestRejected) -> bool:
    """Whether reading restarts after a refusal, because the API may have forgotten its cursor."""
    if walk.page_cursor is None:
        return False
    if walk.restart():
        return True
    error.advice = _START_AGAIN
    return False
