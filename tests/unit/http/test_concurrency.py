"""How many requests and calls are in progress at once, in all and of one caller."""

from collections.abc import Sequence

import anyio
import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.errors import RateLimited
from mcp_server.http.concurrency import CallSlots, FairPace, RequestLimit
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


def waits(pace: FairPace, *subjects: str) -> Sequence[float]:
    """How long each request of these callers waits, all of them at one moment."""
    return [round(pace.wait_s(subject), 3) for subject in subjects]


def test_a_crowd_of_requests_begins_at_a_pace_while_another_caller_calls() -> None:
    """Half a second's worth begins at once, and the others one by one; the other caller waits for none of them."""
    now_s = 1000.0
    pace = FairPace(per_s=4, clock_s=lambda: now_s)
    assert waits(pace, "bob", *["mallory"] * 5) == [0, 0, 0, 0, 0.25, 0.5]
    now_s += 0.25
    assert waits(pace, "bob", "mallory") == [0, 0.5]


def test_a_caller_who_is_alone_has_no_pace() -> None:
    """Neither at first nor once the other has been silent for a second; what it called meanwhile is not held against
    it."""
    now_s = 1000.0
    pace = FairPace(per_s=4, clock_s=lambda: now_s)
    assert set(waits(pace, *["alice"] * 20)) == {0}
    assert waits(pace, "bob", *["alice"] * 4) == [0, 0, 0, 0, 0.25]
    now_s += 1.1
    assert set(waits(pace, *["alice"] * 20)) == {0}


def test_callers_at_an_honest_pace_never_wait() -> None:
    """However many there are, and for however long."""
    now_s = 1000.0
    pace = FairPace(per_s=4, clock_s=lambda: now_s)
    for _ in range(50):
        assert set(waits(pace, *map(str, range(100)))) == {0}
        now_s += 0.25


async def test_requests_beyond_the_pace_wait_at_the_door() -> None:
    """They wait in their places; another caller's request is answered meanwhile."""
    limit = RequestLimit(PlainTextResponse("in"), pace=FairPace(per_s=0.001))
    assert (await post(limit, "bob")).status_code == 200
    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(post, limit, "mallory")
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(post, limit, "mallory")
        await anyio.wait_all_tasks_blocked()
        assert (await post(limit, "carol")).status_code == 200
        tasks.cancel_scope.cancel()


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
