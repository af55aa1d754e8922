"""The store that replicas share: Redis, or Valkey, behind a circuit breaker.

A page and the lock of the replica that is fetching it have names with a common part. The lock expires soon and is
renewed, so that another replica can take over a fetch when one has died. Ages are measured by the store's clock alone:
the clocks of replicas may differ. Other users of the same Redis may write anything under these names.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ReadOnlyError

from mcp_server.upstream.breaker import BACKGROUND_TIMEOUT_S, MAX_CONCURRENT, Breaker
from mcp_server.upstream.sealing import STAMP_BYTES

LOCK_S = 2.0
MAX_VALUE_BYTES = 16 * 1024 * 1024
"""A longer value is not one of ours; it is not even read."""

_LATEST_MS = 1 << 48
"""The year 10889: a later time is none of a clock."""

# Stamps are estimated from an earlier answer of the store, so they may be a little ahead of its clock.
_TIME = """
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function stamp(value)
  local ms = 0
  for place = 2, {last} do ms = ms * 256 + string.byte(value, place) end
  return ms
end
""".replace("{last}", str(1 + STAMP_BYTES))
_LOOK_UP = (
    _TIME
    + """
local function found(max_age, max_bytes)
  local size = redis.pcall('STRLEN', KEYS[1])
  if type(size) ~= 'number' or size <= {stamped} or size > max_bytes then return nil end
  local value = redis.call('GET', KEYS[1])
  local age = now() - stamp(value)
  if age < -1000 or age >= max_age then return nil end
  return {value, math.max(age, 0)}
end
local value = found(tonumber(ARGV[1]), tonumber(ARGV[2]))
if value then return value end
""".replace("{stamped}", str(1 + STAMP_BYTES))
)
# A lock that would last longer than any of ours was forged.
_ASK = (
    _LOOK_UP
    + """
local left = redis.call('PTTL', KEYS[2])
if left == -1 or left > tonumber(ARGV[4]) then redis.call('DEL', KEYS[2]) end
if redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[4]) then return {1, now()} end
return {0, now()}"""
)
_SEE = _LOOK_UP + "return {0, now()}"
_KEEP = (
    _TIME
    + """
local kept = redis.pcall('GETRANGE', KEYS[1], 0, {last})
local newer = type(kept) == 'string' and #kept == {length} and stamp(kept) or 0
if newer <= stamp(ARGV[2]) or newer > now() + 1000 then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
if redis.pcall('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1""".replace("{last}", str(STAMP_BYTES)).replace("{length}", str(1 + STAMP_BYTES))
)
_RENEW = "if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = "if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Stored(NamedTuple):
    """A value, and how long ago it was stamped by the store's clock."""

    value: bytes
    age_s: float


class Missing(NamedTuple):
    """There is no value. `locked`: whether the caller has the lock now. `now_ms` is the store's time."""

    locked: bool
    now_ms: int


class RedisStore:
    """Values and locks by name. Every method raises StoreUnavailable."""

    def __init__(self, client: "Redis", breaker: Breaker) -> None:
        self._client = client
        self._breaker = breaker

    async def ask(self, name: str, holder: str, *, max_age_s: float) -> Stored | Missing:
        """The value under `name` if it is younger than `max_age_s`; otherwise `holder` gets the lock if it is free."""
        arguments = (_ms(max_age_s), MAX_VALUE_BYTES, holder, _ms(LOCK_S))
        return _answer(await self._breaker.run(self._script(_ASK, (_value(name), _lock(name)), arguments)))

    async def look_up(self, name: str, *, max_age_s: float) -> Stored | Missing:
        """As `ask`, without taking the lock."""
        return _answer(await self._breaker.run(self._script(_SEE, (_value(name),), (_ms(max_age_s), MAX_VALUE_BYTES))))

    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None:
        """Keep a value unless a later one is there, and give up the lock."""
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


def _answer(answer: object) -> Stored | Missing:
    match answer:
        case [bytes() as value, int() as age_ms] if 0 <= age_ms < _LATEST_MS:
            return Stored(value, age_ms / 1000)
        case [int() as locked, int() as now_ms] if not isinstance(locked, bool) and 0 <= now_ms < _LATEST_MS:
            return Missing(locked == 1, now_ms)
        case _:
            # No answer of these scripts: what listens there is no Redis, or lies. Nobody waits for a lock then.
            return Missing(locked=True, now_ms=0)


def redis_breaker() -> Breaker:
    """A breaker for this store. Every exception counts: the client raises more than its own errors when the server at
    its address is not a Redis."""
    return Breaker(Exception)


def open_redis(url: str) -> "Redis":
    """A client of the server at `url`; it connects when it is first used."""
    return Redis.from_url(url, max_connections=4 * MAX_CONCURRENT, **connection_options())


def connection_options() -> dict[str, Any]:
    """How each client of this store connects: with one immediate retry, over a new connection, where a kept-alive one
    was closed or leads to a master that only reads since a failover. The breaker handles an unavailable server."""
    return {
        "socket_connect_timeout": BACKGROUND_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
        "retry_on_error": [ReadOnlyError],
    }


# The braces keep both on one node of a cluster.
def _value(name: str) -> str:
    return f"conversation-mcp:{{{name}}}:page"


def _lock(name: str) -> str:
    return f"conversation-mcp:{{{name}}}:lock"


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
