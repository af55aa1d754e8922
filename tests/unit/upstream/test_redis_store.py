"""Any exception of the Redis client means that the store is unavailable, and any answer is one."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from redis.exceptions import ResponseError

from mcp_server.upstream.breaker import StoreUnavailable
from mcp_server.upstream.redis_store import Missing, RedisStore, open_redis, redis_breaker
from tests.support.redis_wire import raw_store

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [ResponseError, ConnectionRefusedError, ValueError, RecursionError, OverflowError])
async def test_any_exception_of_the_client_makes_the_store_unavailable(error: type[Exception]) -> None:
    """An invalid answer raises more than the client's own errors; one of these would end the background tasks."""

    async def fail() -> None:
        raise error

    breaker = redis_breaker()
    with pytest.raises(StoreUnavailable):
        await breaker.run(fail)
    with pytest.raises(StoreUnavailable):
        await redis_breaker().run_in_background(fail)


@asynccontextmanager
async def store_at(reply: Callable[[int, list[bytes]], bytes]) -> AsyncIterator[RedisStore]:
    """Our side of a store that answers scripts so."""
    async with raw_store(reply) as url:
        client = open_redis(url)
        yield RedisStore(client, redis_breaker())
        await client.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        b"*2\r\n:1\r\n(340282366920938463463374607431768211456\r\n",
        b"*2\r\n:0\r\n:-5\r\n",
        b"*2\r\n$1\r\nx\r\n:-5\r\n",
        b"*2\r\n$1\r\nx\r\n(340282366920938463463374607431768211456\r\n",
        b"*2\r\n,inf\r\n,nan\r\n",
        b"*2\r\n#t\r\n#t\r\n",
        b"*3\r\n:1\r\n:1\r\n:1\r\n",
        b"+OK\r\n",
        b"_\r\n",
    ],
)
async def test_an_answer_of_no_script_means_that_there_is_nothing(answer: bytes) -> None:
    """Times that no clock shows, other types and other lengths: nobody waits, and nothing is kept under such a time."""
    async with store_at(lambda *_: answer) as store:
        assert await store.ask("name", "me", max_age_s=900) == Missing(locked=True, now_ms=0)


async def test_after_a_failover_the_new_master_is_used() -> None:
    """The connection to the old one stays open, and answers that it only reads now: another one leads to the new."""
    readonly = b"-READONLY You can't write against a read only replica.\r\n"
    async with store_at(lambda connection, _: b"*2\r\n:1\r\n:7\r\n" if connection else readonly) as store:
        assert await store.ask("name", "me", max_age_s=900) == Missing(locked=True, now_ms=7)
