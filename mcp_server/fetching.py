"""Runs a walk: fetches its pages one after the other, within a deadline and a limit of credits."""

import math
from collections.abc import Callable
from typing import Protocol

import anyio

from mcp_server.audit import CallRecord
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, OnPage, Page, Target
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


class PageFetcher:
    """Fetches pages from `source`, at most `page_size` messages per request, `max_credits` and `timeout_s` per call."""

    def __init__(
        self, source: PageSource, *, page_size: int, max_credits: int | None, timeout_s: float, pricing: Pricing
    ) -> None:
        self.page_size = page_size
        self._timeout_s = timeout_s
        self._source = source
        self._max_credits = max_credits
        self._pricing = pricing

    async def fill(
        self, walk: Walk, target: Target, record: CallRecord, *, is_full: Callable[[], bool], on_page: OnPage | None
    ) -> None:
        """Fetch pages until the walk needs no more, `is_full` says so, or reading has to stop with a note.

        Raises UpstreamError if nothing could be read; its `credits_spent` excludes those of the walk.
        """
        time = TimeLimit(self._timeout_s)
        while walk.needs_more:
            count = self._request_count(walk, time)
            if count == 0:
                walk.stop(self._limit_note(walk, time))
                return
            record.waiting, asked_s = True, anyio.current_time()
            try:
                page = await self._source.page(
                    target, cursor=walk.page_cursor, count=count, deadline=time.deadline, policy=walk.policy
                )
            except UpstreamError as error:
                record.waiting = False
                if isinstance(error, RequestRejected) and walk.page_cursor is not None:
                    if walk.restart():
                        _charge(walk, error)
                        continue
                    error.advice = _START_AGAIN
                if not walk.messages:
                    raise
                _charge(walk, error)
                walk.stop(f"Older messages could not be read: {error.code}: {error.what} Use next_cursor to try again.")
                return
            record.waiting = False
            if not page.from_cache:
                time.learn(asked_s)
                self._pricing.learn(messages=len(page.messages), credits=page.credits)
            walk.take(page, requested=count)
            if on_page is not None:
                await on_page(min(len(walk.messages), walk.count), walk.count)
            if is_full():
                return
        self._check_found(walk)

    def _request_count(self, walk: Walk, time: "TimeLimit") -> int:
        """The size of the next request, 0 if a limit allows none."""
        if walk.messages and not time.allows_page:
            return 0
        wanted = min(walk.request_count, self.page_size)
        if self._max_credits is None:
            return wanted
        if walk.tally.unpriced_pages:
            return 0
        first = walk.tally.pages == 0
        return min(wanted, self._pricing.affordable(self._max_credits - walk.tally.credits, first=first))

    def _limit_note(self, walk: Walk, time: "TimeLimit") -> str:
        if not time.allows_page:
            return f"Reading stopped at the time limit per call, {self._timeout_s:g} s. Use next_cursor to continue."
        if walk.tally.unpriced_pages:
            return "The API did not report a charge, so reading stopped after one page. Use next_cursor to continue."
        most = "1 credit" if self._max_credits == 1 else f"{self._max_credits} credits"
        return f"Reading stopped at {most}, the limit per call. Use next_cursor to continue."

    def _check_found(self, walk: Walk) -> None:
        """Raise RequestRejected, or stop with a note, if a restarted walk did not find its place again."""
        if not walk.lost:
            return
        what = "The API no longer accepts its cursor, and the place to continue from was not found again."
        if not walk.messages:
            raise RequestRejected(what, advice=_START_AGAIN)
        walk.stop(f"Older messages could not be read: {what} {_START_AGAIN}")


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
