"""Any exception of the Redis client means that the store is unavailable."""

import pytest
from redis.exceptions import ResponseError

from mcp_server.upstream.breaker import StoreUnavailable
from mcp_server.upstream.redis_store import redis_breaker

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
