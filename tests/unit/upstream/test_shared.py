"""All replicas together fetch a page once; without the store each fetches for itself, and no call waits for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.errors import UpstreamFailed
from mcp_server.upstream.sealing import STAMP_BYTES, Seal
from mcp_server.upstream.shared import SharedPages
from tests.support.conversations import TARGET, chat
from tests.support.giving_up import give_up
from tests.support.memory_store import MemoryStore

pytestmark = pytest.mark.anyio
SEAL = Seal("secret", tenant="", account_id="1")
NEWEST = SEAL.name(TARGET, None)


class Api:
    """Gives one page; waits for `open`, calls `when_asked` first."""

    def __init__(self, when_asked: Callable[[], None] = lambda: None) -> None:
        self.asked = 0
        self.open = anyio.Event()
        self.open.set()
        self.error: UpstreamFailed | None = None
        self._when_asked = when_asked

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        self._when_asked()
        self.asked += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return Page(tuple(chat(2)), "1", credits=1)


@asynccontextmanager
async def replicas(api: Api, store: MemoryStore, *, number: int = 3) -> AsyncIterator[list[SharedPages]]:
    """Several that share a store."""
    async with anyio.create_task_group() as background:
        yield [SharedPages(api, store, SEAL, background) for _ in range(number)]
        background.cancel_scope.cancel()


async def ask(
    replica: SharedPages, cursor: str | None = None, *, within_s: float = 10, policy: CachePolicy = ANY_CACHED
) -> Page:
    return await replica.page(TARGET, cursor=cursor, count=2, deadline=anyio.current_time() + within_s, policy=policy)


async def test_what_one_replica_has_fetched_the_others_have() -> None:
    """At the same time and afterwards: one request, one payment."""
    api, store = Api(), MemoryStore()
    api.open = anyio.Event()
    pages: list[Page] = []
    async with replicas(api, store) as three:

        async def call(replica: SharedPages) -> None:
            pages.append(await ask(replica))

        async with anyio.create_task_group() as tasks:
            for replica in three:
                tasks.start_soon(call, replica)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
        pages.append(await ask(three[1]))
    assert api.asked == 1
    assert sorted((page.credits, page.from_cache) for page in pages) == [(0, True)] * 3 + [(1, False)]
    assert len({page.messages for page in pages}) == 1
    assert store.locks == {}


async def test_ages_are_those_of_the_stores_clock() -> None:
    """Whatever the clocks of the replicas say: the newest page for half a minute, or longer to continue from it."""
    api, store = Api(), MemoryStore()
    async with replicas(api, store) as three:
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        store.skipped_ms += 29_000
        page = await ask(three[1])
        assert page.age_s == pytest.approx(29, abs=0.5)
        store.skipped_ms += 2_000
        page = await ask(three[1], policy=CachePolicy(continuing=True))
        assert page.age_s == pytest.approx(31, abs=0.5)
        assert api.asked == 1
        assert (await ask(three[2])).credits == 1
        await anyio.wait_all_tasks_blocked()
        store.skipped_ms += 901_000
        assert (await ask(three[2], policy=CachePolicy(continuing=True))).credits == 1
    assert store.locks == {}


async def test_a_fresh_page_is_one_that_was_fetched_after_it_was_asked_for() -> None:
    """By this replica, or by another one that is at it: callers that insist at the same time share a request."""
    api, store = Api(), MemoryStore()
    async with replicas(api, store) as three:
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        store.skipped_ms += 1_000
        api.open = anyio.Event()
        pages: list[Page] = []

        async def insist(replica: SharedPages) -> None:
            pages.append(await ask(replica, policy=CachePolicy(fresh=True)))

        async with anyio.create_task_group() as tasks:
            for replica in three:
                tasks.start_soon(insist, replica)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
    assert api.asked == 2
    assert sorted(page.credits for page in pages) == [0, 0, 1]


async def test_when_the_fetching_replica_fails_or_goes_away_another_one_fetches() -> None:
    """The lock is given up at once; nothing is kept."""
    api, store = Api(), MemoryStore()
    api.error = UpstreamFailed("The API failed.")
    async with replicas(api, store) as three:
        with pytest.raises(UpstreamFailed):
            await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        assert (store.locks, store.values) == ({}, {})
        api.error, api.open = None, anyio.Event()
        await give_up(lambda: ask(three[0]))
        api.open.set()
        assert (await ask(three[1])).credits == 1


async def test_waiting_for_another_replica_ends_before_the_deadline() -> None:
    """One that holds the lock and never finishes costs a second request, no answer, and not all of the call's time."""
    api, store = Api(), MemoryStore()
    store.locks[NEWEST] = "somebody else"
    async with replicas(api, store, number=1) as (replica,):
        assert (await ask(replica, within_s=0.05)).credits == 1
    async with anyio.create_task_group() as background:
        replica = SharedPages(api, store, SEAL, background, max_wait_s=0.05)
        with anyio.fail_after(60):
            assert (await ask(replica, within_s=60)).credits == 1
    assert store.locks == {NEWEST: "somebody else"}


async def test_a_poisoned_value_is_a_page_not_fetched_yet() -> None:
    """It is fetched, and the poison replaced."""
    api, store = Api(), MemoryStore()
    store.values[NEWEST] = b"\x02" + store.now_ms.to_bytes(STAMP_BYTES) + b"poison"
    async with replicas(api, store) as three:
        assert (await ask(three[0])).credits == 1
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1])).from_cache
    assert api.asked == 1


async def test_a_page_that_is_too_short_is_fetched_and_replaced() -> None:
    """The policy of the caller decides; pages of the store are no longer than they were."""
    api, store = Api(), MemoryStore()
    async with replicas(api, store) as three:
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1], policy=CachePolicy(min_messages=3))).credits == 1
        await anyio.wait_all_tasks_blocked()
    assert api.asked == 2


async def test_nothing_is_fetched_for_a_call_that_takes_known_pages_only() -> None:
    """A page of another replica or none; and no lock is left behind."""
    api, store = Api(), MemoryStore()
    known = CachePolicy(cached_only=True, continuing=True)
    async with replicas(api, store) as three:
        with pytest.raises(NotCached):
            await ask(three[0], policy=known)
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1], policy=known)).from_cache
        store.away = True
        with pytest.raises(NotCached):
            await ask(three[1], policy=known)
    assert (api.asked, store.locks) == (1, {})


async def test_a_published_page_is_known_to_the_others() -> None:
    """With the age of its messages; one that has expired is not kept."""
    api, store = Api(), MemoryStore()
    page = Page(tuple(chat(3)), "9", from_cache=True, age_s=100)
    async with replicas(api, store) as three:
        three[0].publish(TARGET, "6", page, "urn:7")
        three[0].publish(TARGET, "7", Page(page.messages, "9", age_s=901), "urn:7")
        await anyio.wait_all_tasks_blocked()
        found = await ask(three[1], "6")
        assert (found.messages, found.next_cursor, found.from_cache) == (page.messages, "9", True)
        assert found.age_s == pytest.approx(100, abs=0.5)
        assert (await ask(three[2], "6", policy=CachePolicy(after="urn:7"))).from_cache
        assert not (await ask(three[2], "6", policy=CachePolicy(after="urn:8"))).from_cache
        assert SEAL.name(TARGET, "7") not in store.values


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_without_the_store_each_replica_fetches(when: str) -> None:
    """Gone before the call, or while it was fetching: an answer anyway."""
    store = MemoryStore()

    def goes_away() -> None:
        store.away = True

    api = Api(when_asked=goes_away)
    store.away = when == "before"
    async with replicas(api, store) as three:
        assert [(await ask(replica)).credits for replica in three] == [1, 1, 1]


async def test_an_answer_that_is_late_costs_at_most_the_page_of_that_call() -> None:
    """At first it is fetched and kept for the others; while another replica is fetching, the call waits for that."""
    api, store = Api(), MemoryStore()
    async with replicas(api, store) as three:
        store.late = 1
        assert (await ask(three[0])).credits == 1
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1])).from_cache
        store.values.clear()
        api.open = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, three[0])
            tasks.start_soon(ask, three[1])
            await anyio.wait_all_tasks_blocked()
            store.late, store.timed_out = 1, anyio.Event()
            with anyio.fail_after(60):
                await store.timed_out.wait()
            api.open.set()
    assert api.asked == 2
