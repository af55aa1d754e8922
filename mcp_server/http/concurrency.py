"""Limits of requests in progress, in one process and of one caller, and of calls of one caller."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.errors import RateLimited
from mcp_server.http.tenants import current_subject

MAX_REQUESTS = 1_000
"""Requests in progress in one process; beyond them the answer is 503, for the balancer to ask another replica."""
MAX_SHARE = MAX_REQUESTS // 4
"""Requests in progress of one verified caller, its unfinished bodies included; beyond them the answer is 429."""
PACE_PER_S = 50
"""Requests that one verified caller may begin per second while others call too. An agent makes a few per minute."""
_BURST_S = 0.5
"""How far a caller may be ahead of that pace."""
_COMPANY_S = 1.0
"""How long after a request its caller counts as calling."""


class FairPace:
    """The pace of each caller while there are several: the calls of one caller, however many, take processor time from
    everybody. A caller who is alone has no limit."""

    def __init__(self, *, per_s: float = PACE_PER_S, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = 1 / per_s
        self._clock_s = clock_s
        self._due_s: dict[str, float] = {}  # the caller of the oldest request first
        self._latest: tuple[str, float] | None = None
        self._latest_of_another: tuple[str, float] | None = None

    def wait_s(self, subject: str) -> float:
        """Count a request of this caller, and return the seconds after which it may begin."""
        now_s = self._clock_s()
        if self._latest is not None and self._latest[0] != subject:
            self._latest_of_another = self._latest
        self._latest = subject, now_s
        due_s = max(self._due_s.pop(subject, 0.0), now_s - _BURST_S)
        while self._due_s and next(iter(self._due_s.values())) < now_s - _BURST_S:
            del self._due_s[next(iter(self._due_s))]
        if self._latest_of_another is None or self._latest_of_another[1] < now_s - _COMPANY_S:
            return 0.0
        self._due_s[subject] = due_s + self._interval_s
        return max(0.0, due_s - now_s)


class RequestLimit:
    """ASGI middleware that turns away requests beyond a limit, before their bodies are read.

    It comes after authentication: a request that is refused there takes no place, and each verified caller has at most
    `share` of the places, and begins at its `pace`. Callers without a token are one caller, and share all of them.
    """

    def __init__(
        self, app: ASGIApp, *, most: int = MAX_REQUESTS, share: int = MAX_SHARE, pace: FairPace | None = None
    ) -> None:
        self._app = app
        self._most = most
        self._share = share
        self._pace = pace or FairPace()
        self._total = 0
        self._of_subject: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        """Whether the next request will be turned away, regardless of its caller."""
        return self._total >= self._most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        subject = current_subject.get()
        if self.is_full:
            await _refusal("Too many requests are in progress.", 503)(scope, receive, send)
            return
        if subject and self._of_subject[subject] >= self._share:
            await _refusal("Too many requests of this caller are in progress.", 429)(scope, receive, send)
            return
        self._total += 1
        self._of_subject[subject] += 1
        try:
            if subject and (wait_s := self._pace.wait_s(subject)) > 0:
                await anyio.sleep(wait_s)
            await self._app(scope, receive, send)
        finally:
            self._total -= 1
            _give_back(self._of_subject, subject)


class CallSlots:
    """Limits the calls that one caller may have in progress. A caller without a name has no limit: no token is asked
    for then, so there is nobody else to be fair to."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    def __contains__(self, subject: str) -> bool:
        """Whether a call of this caller is in progress."""
        return subject in self._taken

    @contextmanager
    def slot(self, subject: str) -> Iterator[None]:
        """One of this caller's slots, for as long as the context lasts. Raises RateLimited where all are taken."""
        if subject and self._taken[subject] >= self._most:
            raise RateLimited(f"{self._most} calls of this caller are already in progress.", retry_after_s=1.0)
        self._taken[subject] += 1
        try:
            yield
        finally:
            _give_back(self._taken, subject)


def _give_back(taken: Counter[str], subject: str) -> None:
    taken[subject] -= 1
    if not taken[subject]:
        del taken[subject]


def _refusal(text: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(text, status, {"Retry-After": "1"})
