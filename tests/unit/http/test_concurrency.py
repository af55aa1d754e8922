"""How many requests and calls are in progress at once, in all and of one caller."""

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.errors import RateLimited
from mcp_server.http.concurrency import CallSlots, RequestLimit
from mcp_server.http.tenants import current_subject

pytestmark = pytest.mark.anyio


class Held:
    """An application whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.let_go = anyio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.let_go.wait()
        await PlainTextResponse("in")(scope, receive, send)


async def post(app: RequestLimit, subject: str = "") -> httpx.Response:
    """The answer to a request of this caller."""
    current_subject.set(subject)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
        return await client.post("/mcp")


async def test_a_request_beyond_the_limit_is_sent_to_another_replica() -> None:
    """Until one of those in progress has ended."""
    held = Held()
    limit = RequestLimit(held, most=2)
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(post, limit)
        await anyio.wait_all_tasks_blocked()
        assert limit.is_full
        refused = await post(limit)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        held.let_go.set()
    assert not limit.is_full
    assert (await post(limit)).status_code == 200


async def test_no_caller_takes_more_than_a_share_of_the_places() -> None:
    """A second caller is served while the first has all of its share in progress."""
    held = Held()
    limit = RequestLimit(held, most=10, share=2)
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(post, limit, "alice")
        await anyio.wait_all_tasks_blocked()
        refused = await post(limit, "alice")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        tasks.start_soon(post, limit, "bob")
        await anyio.wait_all_tasks_blocked()
        held.let_go.set()
    assert (await post(limit, "alice")).status_code == 200


def test_a_caller_has_so_many_places_and_takes_none_from_others() -> None:
    """A place is free again when its call is over, however that ended."""
    slots = CallSlots(2)
    with slots.slot("alice"), slots.slot("bob"):
        with pytest.raises(ZeroDivisionError), slots.slot("alice"):
            raise ZeroDivisionError
        with slots.slot("alice"), pytest.raises(RateLimited) as caught, slots.slot("alice"):
            pass
    assert caught.value.explain().startswith("rate_limited: 2 calls of this caller are already in progress.")
    with slots.slot("alice"), slots.slot("alice"):
        pass


def test_where_nobody_shows_a_token_there_is_nobody_to_be_fair_to() -> None:
    """All callers are one then."""
    slots = CallSlots(1)
    with slots.slot(""), slots.slot(""):
        pass
