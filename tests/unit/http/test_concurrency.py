"""At most so many at once; whoever watches the server gets in all the same."""

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.errors import RateLimited
from mcp_server.http.concurrency import CallSlots, RequestLimit

pytestmark = pytest.mark.anyio


async def test_one_request_too_many_is_sent_to_another_replica() -> None:
    """Until one of those before it is done. Probes and figures are not counted."""
    open_again = anyio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/mcp":
            await open_again.wait()
        await PlainTextResponse("in")(scope, receive, send)

    transport = httpx.ASGITransport(RequestLimit(app, most=2))
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(client.post, "/mcp")
            await anyio.wait_all_tasks_blocked()
            refused = await client.post("/mcp")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            for path in ("/health", "/ready", "/metrics"):
                assert (await client.get(path)).status_code == 200
            open_again.set()
        assert (await client.post("/mcp")).status_code == 200


def test_a_caller_has_so_many_places_and_takes_none_from_others() -> None:
    """A place is free again when its call is over, however that ended."""
    places = CallSlots(2)
    with places.place("alice"), places.place("bob"):
        with pytest.raises(ZeroDivisionError), places.place("alice"):
            raise ZeroDivisionError
        with places.place("alice"), pytest.raises(RateLimited) as caught, places.place("alice"):
            pass
    assert caught.value.explain().startswith("rate_limited: 2 calls of this caller are under way already.")
    with places.place("alice"), places.place("alice"):
        pass


def test_where_nobody_shows_a_token_there_is_nobody_to_be_fair_to() -> None:
    """All callers are one then."""
    places = CallSlots(1)
    with places.place(""), places.place(""):
        pass
