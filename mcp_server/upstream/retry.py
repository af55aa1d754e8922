"""Decides whether and when a failed attempt is retried, by what it may have cost. Pure: it neither waits nor sends.

| cost | failure | retries |
|---|---|---|
| FREE | never connected, 429, 500, 503: certainly not billed | up to two |
| AMBIGUOUS | sent, but no complete answer; 502, 504: may have been billed | one |
| STALE | a kept-alive connection turned out to be closed | one, immediately, on a new connection |
| LOST | an unreadable answer, which may have been billed | none: the next one would be unreadable too |
| FINAL | a permanent refusal: 4xx, TLS, a redirect | none |
"""

import math
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum

from mcp_server.errors import UpstreamError

MAX_RETRIES = 2
BACKOFF_BASE_S = 0.5
# Callers that were given the same wait retry spread over this additional share of it.
RETRY_AFTER_SPREAD = 0.1
MAX_RETRY_AFTER_S = 86_400.0
# With less time left than this, an attempt would be paid for without being read.
LEAST_ATTEMPT_S = 1.0

_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_MAX_HEADER_CHARS = 64


class Cost(Enum):
    """What a failed attempt may have cost; see the module's table."""

    FREE = "free"
    AMBIGUOUS = "ambiguous"
    STALE = "stale"
    LOST = "lost"
    FINAL = "final"

    @property
    def maybe_billed(self) -> bool:
        return self in (Cost.AMBIGUOUS, Cost.LOST)


_RETRIES = {Cost.FREE: MAX_RETRIES, Cost.AMBIGUOUS: 1, Cost.STALE: 1, Cost.LOST: 0, Cost.FINAL: 0}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt: the error to raise if there is no retry, its possible cost, and the API's Retry-After.

    `credits` is the price that the failed answer reported, `code` the API's own error code.
    """

    error: UpstreamError
    cost: Cost
    retry_after_s: float | None = None
    credits: int = 0
    code: str | None = None


def next_delay_s(failure: Failure, *, earlier: Sequence[Cost], remaining_s: float, draw: float) -> float | None:
    """Seconds to wait before the next attempt, or None for no retry.

    `earlier`: the costs of the attempts that failed before this one. `remaining_s`: the time until the deadline.
    `draw`: a random number in [0, 1). The backoff is exponential with full jitter.
    """
    if earlier.count(failure.cost) >= _RETRIES[failure.cost]:
        return None
    if failure.cost is Cost.STALE:
        delay_s = 0.0
    else:
        retries = sum(cost is not Cost.STALE for cost in earlier)
        if retries >= MAX_RETRIES:
            return None
        if failure.retry_after_s is not None:
            delay_s = failure.retry_after_s * (1 + draw * RETRY_AFTER_SPREAD)
        else:
            delay_s = draw * BACKOFF_BASE_S * 2**retries
    return delay_s if delay_s + LEAST_ATTEMPT_S <= remaining_s else None


def cost_of_status(status: int) -> Cost:
    """The possible cost of a refusal with this HTTP status and none of the API's codes."""
    if status in (429, 500, 503):
        return Cost.FREE
    return Cost.AMBIGUOUS if status >= 500 else Cost.FINAL


def parse_retry_after(raw: str | None, *, now_s: float) -> float | None:
    """Seconds from a Retry-After header: a number, or an HTTP date compared with `now_s` (seconds since 1970).

    At most a day. None for an invalid header, a negative number or a date in the past.
    """
    header = (raw or "").strip()
    if len(header) > _MAX_HEADER_CHARS:
        return None
    if _SECONDS.fullmatch(header):
        seconds = float(header)
    else:
        try:
            moment = parsedate_to_datetime(header)
            # `-0000` parses without a zone; `timestamp()` would then assume this machine's.
            utc = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            seconds = math.ceil(utc.timestamp() - now_s)
        except (ValueError, OverflowError):
            return None
    return min(seconds, MAX_RETRY_AFTER_S) if seconds > 0 else None


class RetryBudget:
    """Keeps retries from multiplying the load on an API that is already failing.

    Within any window, retries are at most `ratio` of the first attempts or `allowance`, whichever is more: a lone
    caller still gets its two retries, and under load there are at most 1.1 requests per call.
    """

    def __init__(self, *, ratio: float = 0.1, allowance: int = 10, window_s: float = 10.0) -> None:
        self._ratio = ratio
        self._allowance = allowance
        self._window_s = window_s
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def note_call(self, now_s: float) -> None:
        """Record a first attempt at `now_s`, on a monotonic clock."""
        self._forget(now_s)
        self._calls.append(now_s)

    def take_retry(self, now_s: float) -> bool:
        """Whether a retry may be made. If so, it is counted."""
        self._forget(now_s)
        if len(self._retries) >= max(self._allowance, int(len(self._calls) * self._ratio)):
            return False
        self._retries.append(now_s)
        return True

    def _forget(self, now_s: float) -> None:
        for moments in (self._calls, self._retries):
            while moments and moments[0] <= now_s - self._window_s:
                moments.popleft()
