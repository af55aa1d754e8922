"""All replicas together buy a page once; without the store each buys for itself, and nobody waits for it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.errors import UpstreamFailed
from mcp_server.upstream.breaker import StoreTimeout, StoreUnavailable
from mcp_server.upstream.sealing import Seal
from mcp_server.upstream.shared import LOOK_S, SharedPages
from tests.support.conversations import TARGET, chat

pytestmark = pytest.mark.anyio
SEAL = Seal("secret", tenant="", account_id="1")


class MemoryStore:
    """A store in this process. `away` makes it fail, `late` miss so many answers; what was written is in `values` and
    `locks`."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.locks: dict[str, str] = {}
        self.away = False
        self.late = 0

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable

    async def ask(self, name: str, holder: str) -> bytes | bool:
        self._check()
        if self.late:
            self.late -= 1
            raise StoreTimeout
        if name in self.values:
            return self.values[name]
        return self.locks.setdefault(name, holder) == holder

    async def keep(self, name: str, holder: str, value: bytes, *, ttl_s: float) -> None:
        self._check()
        self.values[name] = value
        await self.release(name, holder)

    async def renew(self, name: str, holder: str) -> None:
        self._check()

    async def release(self, name: str, holder: str) -> None:
        self._check()
        if self.locks.get(name) == holder:
            del self.locks[name]


class Shop:
    """Sells one page; waits for `open`, calls `when_asked` first."""

    def __init__(self, when_asked: Callable[[], None] = lambda: None) -> None:
        self.sold = 0
        self.open = anyio.Event()
        self.open.set()
        self.error: UpstreamFailed | None = None
        self._when_asked = when_asked

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        self._when_asked()
        self.sold += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return Page(tuple(chat(2)), "1", credits=1)


@asynccontextmanager
async def replicas(shop: Shop, store: MemoryStore, *, number: int = 3) -> AsyncIterator[list[SharedPages]]:
    """Several that share a store."""
    async with anyio.create_task_group() as background:
        yield [SharedPages(shop, store, SEAL, background) for _ in range(number)]
        background.cancel_scope.cancel()


async def ask(replica: SharedPages, *, within_s: float = 10) -> Page:
    return await replica.page(TARGET, cursor=None, count=2, deadline=anyio.current_time() + within_s)


async def test_who_goes_on_from_the_newest_page_has_it_from_any_replica() -> None:
    """When it is no longer the newest: it is kept under a second name, for longer."""
    shop, store = Shop(), MemoryStore()
    async with replicas(shop, store) as three:
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        del store.values[SEAL.name(TARGET, None)]  # its half a minute is over
        again = await three[1].page(
            TARGET, cursor=None, count=2, deadline=anyio.current_time() + 10, policy=CachePolicy(continuing=True)
        )
        assert (again.credits, again.from_cache, shop.sold) == (0, True, 1)
        store.values.clear()
        await three[2].page(
            TARGET, cursor=None, count=2, deadline=anyio.current_time() + 10, policy=CachePolicy(continuing=True)
        )
        await anyio.wait_all_tasks_blocked()
    assert shop.sold == 2
    assert list(store.values) != [SEAL.name(TARGET, None)]
    assert store.locks == {}


async def test_what_one_replica_bought_the_others_have() -> None:
    """At the same time and afterwards: one purchase, one payment."""
    shop, store = Shop(), MemoryStore()
    shop.open = anyio.Event()
    pages: list[Page] = []
    async with replicas(shop, store) as three:

        async def call(replica: SharedPages) -> None:
            pages.append(await ask(replica))

        async with anyio.create_task_group() as tasks:
            for replica in three:
                tasks.start_soon(call, replica)
            await anyio.wait_all_tasks_blocked()
            shop.open.set()
        pages.append(await ask(three[1]))
    assert shop.sold == 1
    assert sorted((page.credits, page.from_cache) for page in pages) == [(0, True)] * 3 + [(1, False)]
    assert len({page.messages for page in pages}) == 1
    assert store.locks == {}


async def test_when_the_buyer_fails_or_goes_away_another_one_buys() -> None:
    """The lock is given up at once; nothing is kept."""
    shop, store = Shop(), MemoryStore()
    shop.error = UpstreamFailed("The API failed.")
    async with replicas(shop, store) as three:
        with pytest.raises(UpstreamFailed):
            await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        assert (store.locks, store.values) == ({}, {})
        shop.error, shop.open = None, anyio.Event()
        with anyio.move_on_after(0.01):
            await ask(three[0])
        shop.open.set()
        assert (await ask(three[1])).credits == 1


async def test_waiting_for_another_replica_ends_before_the_deadline() -> None:
    """One that holds the lock and never finishes costs a second purchase, no answer, and not all of the call's time."""
    shop, store = Shop(), MemoryStore()
    store.locks[SEAL.name(TARGET, None)] = "somebody else"
    async with replicas(shop, store, number=1) as (replica,):
        assert (await ask(replica, within_s=0.05)).credits == 1
    async with anyio.create_task_group() as background:
        replica = SharedPages(shop, store, SEAL, background, longest_wait_s=0.05)
        with anyio.fail_after(5):
            assert (await ask(replica, within_s=60)).credits == 1
    assert store.locks == {SEAL.name(TARGET, None): "somebody else"}


async def test_a_poisoned_value_is_a_page_not_bought_yet() -> None:
    """It is bought, and the poison replaced."""
    shop, store = Shop(), MemoryStore()
    name = SEAL.name(TARGET, None)
    store.values[name] = b"\x01poison"
    async with replicas(shop, store) as three:
        assert (await ask(three[0])).credits == 1
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1])).from_cache
    assert shop.sold == 1


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_without_the_store_each_replica_buys(when: str) -> None:
    """Gone before the call, or while it was buying: an answer all the same."""
    store = MemoryStore()

    def goes_away() -> None:
        store.away = True

    shop = Shop(when_asked=goes_away)
    store.away = when == "before"
    async with replicas(shop, store) as three:
        assert [(await ask(replica)).credits for replica in three] == [1, 1, 1]


async def test_an_answer_that_is_late_costs_at_most_the_page_of_that_call() -> None:
    """Asked for the first time, it is bought and kept for the others; while another replica is buying, it is not."""
    shop, store = Shop(), MemoryStore()
    async with replicas(shop, store) as three:
        store.late = 1
        assert (await ask(three[0])).credits == 1
        await anyio.wait_all_tasks_blocked()
        assert (await ask(three[1])).from_cache
        store.values.clear()
        shop.open = anyio.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, three[0])
            tasks.start_soon(ask, three[1])
            await anyio.wait_all_tasks_blocked()
            store.late = 1
            await anyio.sleep(1.2 * LOOK_S)
            assert store.late == 0
            shop.open.set()
    assert shop.sold == 2


async def test_a_shared_page_that_is_too_short_is_fetched_again() -> None:
    """And a call that may spend nothing fetches none, and gives the lock up at once."""
    shop, store = Shop(), MemoryStore()
    async with replicas(shop, store) as three:
        await ask(three[0])
        await anyio.wait_all_tasks_blocked()
        deadline = anyio.current_time() + 10
        for policy, fetched in ((CachePolicy(min_messages=2), 1), (CachePolicy(min_messages=3), 2)):
            await three[1].page(TARGET, cursor=None, count=9, deadline=deadline, policy=policy)
            assert shop.sold == fetched
        with pytest.raises(NotCached):
            await three[2].page(TARGET, cursor="1", count=2, deadline=deadline, policy=CachePolicy(cached_only=True))
        await anyio.wait_all_tasks_blocked()
    assert (shop.sold, store.locks) == (2, {})
