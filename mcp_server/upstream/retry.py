"""When a failed attempt is made again: by what it may have cost. Decisions only; waiting and sending are elsewhere.

| cost | what happened | again |
|---|---|---|
| FREE | never connected, 429, 500, 503: certainly not billed | up to twice |
| AMBIGUOUS | sent, but no whole answer; 502, 504: may have been billed | once |
| STALE | a kept-alive connection turned out to be closed | once, at once, on a new connection |
| LOST | an answer came, may have been billed, and makes no sense | never: it would make no sense again |
| FINAL | refused for a reason that stays: 4xx, TLS, a redirect | never |
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
# Callers that were all told the same wait come back spread over this share more of it.
RETRY_AFTER_SPREAD = 0.1
MAX_RETRY_AFTER_S = 86_400.0
# With less time than this left, an attempt would be paid for and thrown away.
LEAST_ATTEMPT_S = 1.0

_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_MAX_HEADER_CHARS = 64


class Cost(Enum):
    """What a failed attempt may have cost; the module's table says what follows from it."""

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
    """One failed attempt: the error to raise if it stays, what it may have cost, and the wait the API asked for.

    `credits` is what a failed answer itself said it cost, `code` the API's own code for the failure.
    """

    error: UpstreamError
    cost: Cost
    retry_after_s: float | None = None
    credits: int = 0
    code: str | None = None


def next_delay_s(failure: Failure, *, earlier: Sequence[Cost], remaining_s: float, draw: float) -> float | None:
    """Seconds to wait before the next attempt, or None where there must not be one.

    `earlier` are the costs of the attempts that failed before this one, `remaining_s` the time until the deadline,
    `draw` a random number in [0, 1). The backoff is exponential with full jitter.
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
    """What a refusal with this HTTP status and no code of the API may have cost."""
    if status in (429, 500, 503):
        return Cost.FREE
    return Cost.AMBIGUOUS if status >= 500 else Cost.FINAL


def parse_retry_after(raw: str | None, *, now_s: float) -> float | None:
    """Seconds out of a Retry-After header (a number, or an HTTP date compared with `now_s` since 1970).

    At most a day. None for nonsense, for a negative number and for a date that has passed: plain backoff then.
    """
    header = (raw or "").strip()
    if len(header) > _MAX_HEADER_CHARS:
        return None
    if _SECONDS.fullmatch(header):
        seconds = float(header)
    else:
        try:
            moment = parsedate_to_datetime(header)
            # `-0000` parses without a zone, which would be read as this machine's.
            utc = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            seconds = math.ceil(utc.timestamp() - now_s)
        except (ValueError, OverflowError):
            return None
    return min(seconds, MAX_RETRY_AFTER_S) if seconds > 0 else None


class RetryBudget:
    """Keeps retries from multiplying the load on an API that is failing already.

    Within any window, retries are at most a tenth of the first attempts, or `allowance` where that is more, so that
    a lone caller still gets its two. Under load, requests stay at or under 1.1 times the calls.
    """

    def __init__(self, *, ratio: float = 0.1, allowance: int = 10, window_s: float = 10.0) -> None:
        self._ratio = ratio
        self._allowance = allowance
        self._window_s = window_s
        self._calls: deque[float] = deque()
        self._retries: deque[float] = deque()

    def note_call(self, now_s: float) -> None:
        """A first attempt is made at `now_s`, on a clock that never goes back."""
        self._forget(now_s)
        self._calls.append(now_s)

    def take_retry(self, now_s: float) -> bool:
        """Whether a retry may be made; if so, it counts as made."""
        self._forget(now_s)
        if len(self._retries) >= max(self._allowance, int(len(self._calls) * self._ratio)):
            return False
        self._retries.append(now_s)
        return True

    def _forget(self, now_s: float) -> None:
        for moments in (self._calls, self._retries):
            while moments and moments[0] <= now_s - self._window_s:
                moments.popleft()
