"""The store that replicas share: Redis, or Valkey. When it is slow or gone, nobody waits for it for long.

A page and the lock of whoever is buying it stand under one name. The lock is short and renewed, so that the purchase of
a replica that died is soon somebody else's.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from mcp_server.upstream.breaker import BACKGROUND_TIMEOUT_S, MAX_CONCURRENT, Breaker

LOCK_S = 2.0

_ASK = """
local kept = redis.call('GET', KEYS[1])
if kept then return kept end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0"""
_KEEP = """
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisStore:
    """Values and locks by name. Every method raises StoreUnavailable."""

    def __init__(self, client: "Redis", breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker

    async def ask(self, name: str, holder: str) -> bytes | bool:
        """The value kept under `name`; or True: there is none, and `holder` has the lock now; or False: another has."""
        ask = self._script(_ASK, (_value(name), _lock(name)), (holder, _ms(LOCK_S)))
        found = await self._breaker.run(ask)
        return found if isinstance(found, bytes) else found == 1

    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value and give up the lock."""
        keep = self._script(_KEEP, (_value(name), _lock(name)), (holder, value, _ms(ttl_s)))
        await self._breaker.run_in_background(keep)

    async def renew(self, name: str, holder: str) -> None:
        await self._breaker.run_in_background(self._script(_RENEW, (_lock(name),), (holder, _ms(LOCK_S))))

    async def release(self, name: str, holder: str) -> None:
        await self._breaker.run_in_background(self._script(_RELEASE, (_lock(name),), (holder,)))

    def _script(
        self, script: str, keys: tuple[str, ...], arguments: tuple[str | bytes | int, ...]
    ) -> Callable[[], Awaitable[Any]]:
        async def evaluate() -> Any:
            return await self._client.eval(script, len(keys), *keys, *arguments)

        return evaluate


def redis_breaker() -> Breaker:
    """A breaker that knows how this store fails: in any way. What answers at its address may be no Redis at all, and
    what the client raises at nonsense is not always one of its own errors."""
    return Breaker(Exception)


def open_redis(url: str) -> "Redis":
    """A client of the server at `url`; it connects when it is first used."""
    # One immediate retry, for a kept-alive connection that was closed; the breaker handles an unavailable server.
    return Redis.from_url(
        url,
        socket_connect_timeout=BACKGROUND_TIMEOUT_S,
        max_connections=4 * MAX_CONCURRENT,
        retry=Retry(NoBackoff(), 1),
    )


# The braces keep both on one node of a cluster.
def _value(name: str) -> str:
    return f"conversation-mcp:{{{name}}}:page"


def _lock(name: str) -> str:
    return f"conversation-mcp:{{{name}}}:lock"


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
