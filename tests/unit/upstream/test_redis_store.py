"""Whatever answers at the store's address, it is at worst a store that is away."""

import pytest
from redis.exceptions import ResponseError

from mcp_server.upstream.breaker import StoreAway
from mcp_server.upstream.redis_store import redis_breaker

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("error", [ResponseError, ConnectionRefusedError, ValueError, RecursionError, OverflowError])
async def test_whatever_the_client_raises_the_store_is_away(error: type[Exception]) -> None:
    """At nonsense it raises more than its own errors; one of them would end the task that writes, and all others."""

    async def fail() -> None:
        raise error

    breaker = redis_breaker()
    with pytest.raises(StoreAway):
        await breaker.run(fail)
    with pytest.raises(StoreAway):
        await redis_breaker().run_behind(fail)
