"""The messaging API's client: fetches one page at a time, retries where that is safe, and raises typed errors."""

import json
import logging
import random
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

import anyio
import anyio.to_thread

from mcp_server import __version__
from mcp_server.conversation.models import ANY_CACHED, INBOX, CachePolicy, NotCached, Page, Target
from mcp_server.errors import BadResponse, RateLimited, UpstreamTimeout
from mcp_server.settings import Settings
from mcp_server.upstream.inbox_wire import read_inbox
from mcp_server.upstream.outcome import Broken, judge_answer, judge_breakage
from mcp_server.upstream.retry import Cost, Failure, RetryBudget, next_delay_s
from mcp_server.upstream.wire import read_page

if TYPE_CHECKING:
    from mcp_server.upstream.transport import Transport

ATTEMPT_TIMEOUT_S = 20.0
PROBE_TIMEOUT_S = 30.0
# Larger answers are parsed in a thread, so that they do not block other calls.
INLINE_BODY_BYTES = 256 * 1024

_log = logging.getLogger(__name__)


class _Action(NamedTuple):
    """An action of the API, and what finds the page in its answer."""

    name: str
    read: Callable[[object], Page]


_READING = _Action("get_conversation", read_page)
_LISTING = _Action("list_inbox", read_inbox)


class MessagesClient:
    """Reads conversations over `POST {base}/v2/messages`. Implements `mcp_server.service.PageSource`.

    No connection is opened before the first request or `warm()`. Clients of several accounts may share a `transport`;
    the client does not close one that it was given. `pace(deadline)` is awaited before each attempt and may raise
    RateLimited. `possible_extra_requests` counts the requests that the API may have billed without reporting a price,
    so the bill may be higher than the sum of the pages' credits by that many requests.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        tls: ssl.SSLContext | None = None,
        transport: "Transport | None" = None,
        attempt_timeout_s: float = ATTEMPT_TIMEOUT_S,
        pace: Callable[[float], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        draw: Callable[[], float] = random.random,
        wall_clock_s: Callable[[], float] = time.time,
    ) -> None:
        self.possible_extra_requests = 0
        self._settings = settings
        self._tls = tls
        self._attempt_timeout_s = attempt_timeout_s
        self._pace = pace
        self._sleep = sleep
        self._draw = draw
        self._wall_clock_s = wall_clock_s
        self._budget = RetryBudget()
        self._opening = threading.Lock()
        self._transport = transport
        self._owns_transport = transport is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        transport, self._transport = self._transport, None
        if transport is not None and self._owns_transport:
            await transport.aclose()

    def warm(self) -> None:
        """Do the first request's preparation (some 200 ms, mostly imports) now. May be called from any thread."""
        self._open()

    async def page(
        self,
        target: Target,
        *,
        cursor: str | None,
        count: int,
        deadline: float,
        policy: CachePolicy = ANY_CACHED,
    ) -> Page:
        """Fetch one page of at most `count` messages: the newest, or those older than the API's own `cursor`.

        For `INBOX` they are the last messages of as many conversations.

        `deadline` is on `anyio.current_time()`'s clock and bounds all attempts together. Raises UpstreamError. The
        page's `credits`, or the error's `credits_spent`, add up what the answers to all attempts reported. Nothing is
        cached here: `cached_only` raises NotCached.
        """
        if policy.cached_only:
            raise NotCached
        params: dict[str, object] = {} if target == INBOX else {target.kind: target.value}
        params |= {"count": count} if cursor is None else {"count": count, "cursor": cursor}
        action = _LISTING if target == INBOX else _READING
        outcome = await self._outcome(action, params, cursor=cursor, deadline=deadline)
        if isinstance(outcome, Failure):
            raise outcome.error
        return replace(outcome, requested=count)

    async def probe(self, *, deadline: float | None = None) -> str:
        """Check network, key and account without spending a credit. Returns a sentence; raises UpstreamError.

        The request names no conversation. The API refuses it with INVALID_PARAMS after it has accepted the key (and,
        in the sandbox, the account); refusals are free. An API that validates the parameters before the account leaves
        the account unchecked, so the sentence does not claim that the account works.
        """
        limit = anyio.current_time() + PROBE_TIMEOUT_S if deadline is None else deadline
        outcome = await self._outcome(_READING, {}, cursor=None, deadline=limit)
        if isinstance(outcome, Page):
            outcome = Failure(BadResponse("The API answered a request that names no conversation."), Cost.FINAL)
        if outcome.code != "INVALID_PARAMS":
            raise outcome.error
        return (
            "The API is reachable and accepted the key; it raised no objection to the account. No credits were spent."
        )

    async def _outcome(
        self, action: "_Action", params: Mapping[str, object], *, cursor: str | None, deadline: float
    ) -> Page | Failure:
        """The result of a request after all the attempts that `retry` and the deadline allow."""
        body = json.dumps({"account_id": self._settings.account_id, "action": action.name, "params": params}).encode()
        earlier: list[Cost] = []
        spent = maybe_extra = 0
        if deadline <= (now_s := anyio.current_time()):
            return Failure(UpstreamTimeout("No time was left to ask the API."), Cost.FINAL)
        self._budget.note_call(now_s)
        while True:
            try:
                outcome = await self._attempt(body, action, cursor=cursor, deadline=deadline)
            except anyio.get_cancelled_exc_class():
                # The answer, which would have reported the price, will not be read.
                self.possible_extra_requests += 1
                raise
            if isinstance(outcome, Page):
                return replace(outcome, credits=outcome.credits + spent, maybe_extra=maybe_extra)
            spent += outcome.credits
            maybe_extra += outcome.cost.maybe_billed
            self.possible_extra_requests += outcome.cost.maybe_billed
            delay_s = self._delay_s(outcome, earlier, deadline=deadline)
            _log.info(
                "attempt %d: %s (%s), %s",
                len(earlier) + 1,
                outcome.error.code,
                outcome.cost.value,
                "given up" if delay_s is None else f"again in {delay_s:.2f} s",
            )
            if delay_s is None:
                outcome.error.credits_spent, outcome.error.maybe_extra = spent, maybe_extra
                return outcome
            earlier.append(outcome.cost)
            await self._sleep(delay_s)

    def _delay_s(self, failure: Failure, earlier: list[Cost], *, deadline: float) -> float | None:
        now_s = anyio.current_time()
        delay_s = next_delay_s(failure, earlier=earlier, remaining_s=deadline - now_s, draw=self._draw())
        if delay_s is None or failure.cost is Cost.STALE or self._budget.take_retry(now_s):
            return delay_s
        return None

    async def _attempt(self, body: bytes, action: "_Action", *, cursor: str | None, deadline: float) -> Page | Failure:
        transport = self._transport
        if transport is None:
            transport = await anyio.to_thread.run_sync(self._open)
        if self._pace is not None:
            try:
                await self._pace(deadline)
            except RateLimited as error:
                return Failure(error, Cost.FINAL)  # no request was sent, and no time is left to wait for a turn
        key = self._settings.api_key.get_secret_value()
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": f"conversation-mcp/{__version__}",
            "x-api-key": key,
        }
        began_s = anyio.current_time()
        try:
            answer = await transport.post(
                f"{self._settings.api_base_url}/v2/messages",
                headers=headers,
                body=body,
                deadline=min(deadline, began_s + self._attempt_timeout_s),
            )
        except Broken as broken:
            return judge_breakage(broken, ignored_proxy=self._settings.ignored_proxy)
        _log.debug(
            "HTTP %d, %d bytes, %.0f ms", answer.status, len(answer.body), (anyio.current_time() - began_s) * 1000
        )
        hidden = (key,) if cursor is None else (key, cursor)
        judge = partial(judge_answer, answer, hidden=hidden, now_s=self._wall_clock_s(), read=action.read)
        return await anyio.to_thread.run_sync(judge) if len(answer.body) > INLINE_BODY_BYTES else judge()

    def _open(self) -> "Transport":
        with self._opening:
            if self._transport is None:
                # Imported here: httpx and the certificates load slowly, and `initialize` needs neither.
                from mcp_server.upstream.transport import transport_for

                settings = self._settings
                self._transport = transport_for(settings.api_base_url, tls=self._tls, proxy=settings.proxy)
            return self._transport
