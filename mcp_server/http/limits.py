"""Rate limits: calls per minute of a caller and requests per minute with an API key, counted over all replicas.

The library `limits` counts, in Redis where it is configured; while Redis is unreachable each replica counts alone.
"""

import hashlib
import time

import anyio
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from mcp_server.errors import RateLimited
from mcp_server.upstream.breaker import Breaker, StoreUnavailable

_LEAST_WAIT_S = 0.05


class Counts:
    """Sliding-window counts by name; in this process alone when `redis_url` is None."""

    def __init__(self, redis_url: str | None, breaker: Breaker | None) -> None:
        self._local = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._breaker = breaker
        self._shared = None
        if redis_url is not None:
            # Imported here: counting in one process needs no client of Redis.
            from mcp_server.upstream.redis_store import connection_options

            storage = RedisStorage(
                f"async+{redis_url}",
                implementation="redispy",
                key_prefix="conversation-mcp:limit",
                **connection_options(),
            )
            self._shared = SlidingWindowCounterRateLimiter(storage)

    async def wait_s(self, per_minute: int, name: str) -> float:
        """Count one and return 0.0; where that would exceed the limit, count nothing and return the seconds to wait."""
        shared, breaker = self._shared, self._breaker
        if shared is not None and breaker is not None:
            try:
                return await breaker.run(lambda: _hit(shared, per_minute, name))
            except StoreUnavailable:
                pass
        return await _hit(self._local, per_minute, name)

    async def admit(self, subject: str, per_minute: int) -> None:
        """Count a call of this caller. Raises RateLimited with the time to wait."""
        wait_s = await self.wait_s(per_minute, "calls:" + hashlib.sha256(subject.encode()).hexdigest()[:32])
        if wait_s > 0:
            raise RateLimited(
                f"More than {per_minute} calls in a minute; the next is allowed in {wait_s:.0f} s.",
                retry_after_s=wait_s,
            )


async def _hit(limiter: SlidingWindowCounterRateLimiter, per_minute: int, name: str) -> float:
    item = RateLimitItemPerMinute(per_minute)
    if await limiter.hit(item, name):
        return 0.0
    window = await limiter.get_window_stats(item, name)
    return max(window.reset_time - time.time(), _LEAST_WAIT_S)


class Pace:
    """Limits requests with one API key to `per_minute`, by waiting where the deadline allows."""

    def __init__(self, counts: Counts, *, per_minute: int, api_key: str) -> None:
        self._counts = counts
        self._per_minute = per_minute
        self._name = "api:" + hashlib.sha256(b"conversation-mcp limit" + api_key.encode()).hexdigest()[:32]

    async def __call__(self, deadline: float) -> None:
        """Return once a request may be sent. Raises RateLimited where that would be after the deadline."""
        while (wait_s := await self._counts.wait_s(self._per_minute, self._name)) > 0:
            if anyio.current_time() + wait_s >= deadline:
                raise RateLimited(
                    "This server has sent the API as many requests as it may in a minute.", retry_after_s=wait_s
                )
            await anyio.sleep(wait_s)
