"""A neighbour in Redis that writes what it likes: it can cost a request, never a wrong page or a long wait."""

from collections.abc import AsyncIterator, Iterator

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import TaskGroup
from redis import Redis

from mcp_server.conversation.models import CachePolicy, Page
from mcp_server.upstream.redis_store import (
    LOCK_S,
    MAX_VALUE_BYTES,
    Missing,
    RedisStore,
    Stored,
    open_redis,
    redis_breaker,
)
from mcp_server.upstream.sealing import STAMP_BYTES, Seal
from mcp_server.upstream.shared import SharedPages
from tests.support.caching import Api
from tests.support.conversations import TARGET, chat, message
from tests.support.replicas import redis_server

pytestmark = pytest.mark.anyio
SEAL = Seal("secret", tenant="", account_id="1")
NAME = SEAL.name(TARGET, None)
VALUE, LOCK = f"conversation-mcp:{{{NAME}}}:page", f"conversation-mcp:{{{NAME}}}:lock"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with redis_server() as running:
        yield running


@pytest.fixture
def neighbour(url: str) -> Iterator["Redis"]:
    """Another client of the same Redis, which is empty at first."""
    client = Redis.from_url(url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
async def store(url: str, neighbour: "Redis") -> AsyncIterator[RedisStore]:
    client = open_redis(url)
    yield RedisStore(client, redis_breaker())
    await client.aclose()


async def sealed(store: RedisStore, *, ago_s: float = 0, text: str = "hello") -> bytes:
    """A page of this tenant, fetched so long ago by the store's clock."""
    now = await store.look_up("nothing", max_age_s=1)
    assert isinstance(now, Missing)
    page = Page((message(1, text),), None, credits=1)
    return SEAL.close(NAME, page, fetched_at_ms=now.now_ms - int(ago_s * 1000))


@pytest.mark.parametrize("kind", ["list", "hash"])
async def test_values_and_locks_of_other_types_count_as_none(store: RedisStore, neighbour: "Redis", kind: str) -> None:
    """They do not make the store look broken, and are overwritten."""

    def write(name: str) -> None:
        if kind == "list":
            neighbour.lpush(name, "x")
        else:
            neighbour.hset(name, "x", "y")

    write(VALUE)
    write(LOCK)
    found = await store.ask(NAME, "me", max_age_s=900)
    assert isinstance(found, Missing)
    assert found.locked
    await store.keep(NAME, "me", await sealed(store), ttl_s=900)
    assert isinstance(await store.ask(NAME, "me", max_age_s=900), Stored)
    neighbour.delete(LOCK)
    write(LOCK)
    await store.renew(NAME, "me")
    await store.release(NAME, "me")


@pytest.mark.parametrize("expiry_s", [None, 3600])
async def test_a_forged_lock_is_taken_over_at_once(store: RedisStore, neighbour: "Redis", expiry_s: int | None) -> None:
    """None of ours lasts longer than two seconds; a shorter one is respected."""
    neighbour.set(LOCK, "forged", ex=expiry_s)
    found = await store.ask(NAME, "me", max_age_s=900)
    assert isinstance(found, Missing)
    assert found.locked
    neighbour.set(LOCK, "another replica", px=int(LOCK_S * 1000))
    found = await store.ask(NAME, "me", max_age_s=900)
    assert isinstance(found, Missing)
    assert not found.locked


@pytest.mark.parametrize(
    "value", [b"", b"x", b"\x02" + bytes(STAMP_BYTES), b"\x02" + b"\xff" * 40, b"x" * (MAX_VALUE_BYTES + 1)]
)
async def test_other_values_count_as_none(store: RedisStore, neighbour: "Redis", value: bytes) -> None:
    """Too short, from the beginning of time, from the future, or too long to be read."""
    neighbour.set(VALUE, value)
    found = await store.ask(NAME, "me", max_age_s=900)
    assert isinstance(found, Missing)
    assert found.locked
    await store.keep(NAME, "me", await sealed(store), ttl_s=900)
    assert isinstance(await store.ask(NAME, "me", max_age_s=900), Stored)


async def test_an_old_page_written_again_is_still_old(store: RedisStore, neighbour: "Redis") -> None:
    """A neighbour may keep a sealed page and put it back later, or take its expiry away: its age is inside it."""
    neighbour.set(VALUE, await sealed(store, ago_s=901))
    assert isinstance(await store.look_up(NAME, max_age_s=900), Missing)
    neighbour.set(VALUE, await sealed(store, ago_s=40))
    assert isinstance(await store.look_up(NAME, max_age_s=30), Missing)
    found = await store.look_up(NAME, max_age_s=900)
    assert isinstance(found, Stored)
    assert 40 <= found.age_s < 60
    younger = await sealed(store)
    forged = younger[: 1 + STAMP_BYTES] + found.value[1 + STAMP_BYTES :]
    assert SEAL.open(NAME, forged) is None


async def test_a_replica_that_lost_its_lock_replaces_no_later_page(store: RedisStore) -> None:
    """Two replicas fetched at once, and the slower one of them writes last."""
    older, newer = await sealed(store, ago_s=5, text="older"), await sealed(store, text="newer")
    await store.keep(NAME, "one", newer, ttl_s=900)
    await store.keep(NAME, "other", older, ttl_s=900)
    found = await store.look_up(NAME, max_age_s=900)
    assert isinstance(found, Stored)
    assert found.value == newer


async def test_a_forged_page_costs_one_request(
    store: RedisStore, neighbour: "Redis", background: TaskGroup, anyio_backend: str
) -> None:
    """A page of another conversation under this name, unchanged: it does not open, is fetched and replaced."""
    api = Api(chat(3))
    pages = SharedPages(api, store, SEAL, background)
    other = SEAL.close("another name", Page((message(1, "forged"),), None), fetched_at_ms=0)
    value = await sealed(store)
    neighbour.set(VALUE, value[: 1 + STAMP_BYTES] + other[1 + STAMP_BYTES :])
    fetched = await pages.page(TARGET, cursor=None, count=3, deadline=1e12)
    assert "forged" not in {each.text for each in fetched.messages}
    assert len(api.asked) == 1
    known = CachePolicy(cached_only=True, continuing=True)
    for _ in range(1000):  # until it is written, in the background
        found = await store.look_up(NAME, max_age_s=900)
        if isinstance(found, Stored) and SEAL.open(NAME, found.value) is not None:
            break
    assert (await pages.page(TARGET, cursor=None, count=3, deadline=1e12, policy=known)).from_cache


async def test_a_lock_that_is_lost_while_its_holder_fetches_costs_one_request(
    store: RedisStore, neighbour: "Redis", background: TaskGroup, anyio_backend: str
) -> None:
    """It expired, was evicted or deleted: another replica fetches too, both get the page, and no lock is left. The one
    that had it first does not give up the other's."""
    apis = Api(chat(3)), Api(chat(3))
    first, second = (SharedPages(api, store, SEAL, background) for api in apis)
    for api in apis:
        api.close()
    pages: list[Page] = []

    async def ask(replica: SharedPages) -> None:
        pages.append(await replica.page(TARGET, cursor=None, count=3, deadline=1e12))

    async def started(api: Api) -> None:
        while not api.asked:
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(ask, first)
        await started(apis[0])
        neighbour.delete(LOCK)
        tasks.start_soon(ask, second)
        await started(apis[1])
        holder = neighbour.get(LOCK)
        apis[0].open.set()
        while not pages:
            await anyio.lowlevel.checkpoint()
        while not neighbour.exists(VALUE):
            await anyio.lowlevel.checkpoint()
        assert neighbour.get(LOCK) == holder
        apis[1].open.set()
    assert [page.credits for page in pages] == [1, 1]
    while neighbour.exists(LOCK):
        await anyio.lowlevel.checkpoint()


async def test_an_evicted_page_is_fetched_again(
    store: RedisStore, neighbour: "Redis", background: TaskGroup, anyio_backend: str
) -> None:
    """So is one whose store was emptied, or restarted without it."""
    api = Api(chat(3))
    pages = SharedPages(api, store, SEAL, background)
    for number in (1, 2):
        assert not (await pages.page(TARGET, cursor=None, count=3, deadline=1e12)).from_cache
        while not neighbour.exists(VALUE):
            await anyio.lowlevel.checkpoint()
        assert (await pages.page(TARGET, cursor=None, count=3, deadline=1e12)).from_cache
        assert len(api.asked) == number
        neighbour.flushall()


@pytest.mark.parametrize("how", ["reads only", "is full"])
async def test_a_store_that_takes_nothing_is_left_alone(
    url: str, neighbour: "Redis", background: TaskGroup, anyio_backend: str, how: str
) -> None:
    """It refuses every lock: each replica fetches for itself until the store is tried again."""
    client, api = open_redis(url), Api(chat(3))
    pages = SharedPages(api, RedisStore(client, redis_breaker()), SEAL, background)
    if how == "reads only":
        neighbour.replicaof("127.0.0.1", "1")
    else:
        neighbour.config_set("maxmemory", "1")
    try:
        for number in (1, 2):
            assert (await pages.page(TARGET, cursor=None, count=3, deadline=1e12)).credits == 1
            assert len(api.asked) == number
    finally:
        neighbour.replicaof("NO", "ONE")
        neighbour.config_set("maxmemory", "0")
        await client.aclose()
