"""A page is bought once, whoever asks for it and however many do at the same time."""

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.errors import OutOfCredits, UpstreamError, UpstreamFailed, UpstreamTimeout
from mcp_server.upstream.cache import (
    LATCH_S,
    NEWEST_TTL_S,
    OLDER_TTL_S,
    CachedPages,
    MemoryPageCache,
    PageKey,
    size_of,
)
from tests.support.conversations import TARGET, chat, message

pytestmark = pytest.mark.anyio
OTHER = Target("conversation_id", "urn:other")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Shop:
    """Sells pages of two messages; `open` holds them back until set, `error` refuses instead."""

    def __init__(self) -> None:
        self.sold: list[tuple[Target, str | None]] = []
        self.open = anyio.Event()
        self.open.set()
        self.error: UpstreamError | None = None

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        self.sold.append((target, cursor))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return Page(tuple(chat(2)), "1", credits=1)


def pages(shop: Shop, clock: Clock, **options: str) -> CachedPages:
    """Cached pages of a shop, for one account."""
    cache = MemoryPageCache(clock_s=clock)
    return CachedPages(shop, cache, clock_s=clock, **{"account_id": "account", **options})


async def ask(source: CachedPages, cursor: str | None = None, *, target: Target = TARGET, count: int = 2) -> Page:
    """One page, within ten seconds."""
    return await source.page(target, cursor=cursor, count=count, deadline=anyio.current_time() + 10)


async def test_a_page_is_bought_once_whatever_its_length() -> None:
    """The second ask, longer or shorter, is served from what was bought, and costs nothing."""
    shop, clock = Shop(), Clock()
    source = pages(shop, clock)
    bought = [await ask(source, count=count) for count in (2, 1, 50)]
    assert [page.credits for page in bought] == [1, 0, 0]
    assert bought[0].messages == bought[2].messages
    assert (len(shop.sold), source.hits) == (1, 2)


async def test_pages_are_kept_for_their_time() -> None:
    """The newest page for half a minute, older ones for a quarter of an hour."""
    for cursor, ttl_s in ((None, NEWEST_TTL_S), ("older", OLDER_TTL_S)):
        shop, clock = Shop(), Clock()
        source = pages(shop, clock)
        await ask(source, cursor)
        clock.now_s += ttl_s - 1
        await ask(source, cursor)
        assert len(shop.sold) == 1
        clock.now_s += 1
        await ask(source, cursor)
        assert len(shop.sold) == 2


async def test_who_goes_on_from_the_newest_page_is_served_it_as_it_was() -> None:
    """For a quarter of an hour, while whoever begins there buys it anew after half a minute."""
    shop, clock = Shop(), Clock()
    source = pages(shop, clock)
    await ask(source)
    clock.now_s += OLDER_TTL_S - 1
    again = await source.page(
        TARGET, cursor=None, count=2, deadline=anyio.current_time() + 10, policy=CachePolicy(continuing=True)
    )
    assert (again.credits, again.from_cache, len(shop.sold)) == (0, True, 1)
    await ask(source)
    assert len(shop.sold) == 2
    clock.now_s += OLDER_TTL_S
    await source.page(
        TARGET, cursor=None, count=2, deadline=anyio.current_time() + 10, policy=CachePolicy(continuing=True)
    )
    assert len(shop.sold) == 3


async def test_tenants_accounts_conversations_and_places_share_nothing() -> None:
    """What one may see is never served to another."""
    shop, clock, cache = Shop(), Clock(), MemoryPageCache()
    for tenant, account in (("a", "1"), ("b", "1"), ("a", "2")):
        source = CachedPages(shop, cache, tenant=tenant, account_id=account, clock_s=clock)
        for target, cursor in ((TARGET, None), (OTHER, None), (TARGET, "x")):
            await ask(source, cursor, target=target)
    assert len(shop.sold) == 9


async def test_many_callers_of_one_page_buy_it_once() -> None:
    """A hundred at the same time: one request, one payment, a hundred answers."""
    shop, clock = Shop(), Clock()
    shop.open = anyio.Event()
    source = pages(shop, clock)
    answers: list[Page] = []

    async def call() -> None:
        answers.append(await ask(source))

    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        shop.open.set()
    assert (len(shop.sold), len(answers), sum(page.credits for page in answers)) == (1, 100, 1)


async def test_when_the_buyer_goes_away_another_one_buys() -> None:
    """A cancelled call leaves those who waited for its page no worse off."""
    shop, clock = Shop(), Clock()
    shop.open = anyio.Event()
    source = pages(shop, clock)
    answers: list[Page] = []

    async def call() -> None:
        answers.append(await ask(source))

    async with anyio.create_task_group() as waiting:
        async with anyio.create_task_group() as buying:
            buying.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            waiting.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            buying.cancel_scope.cancel()
        await anyio.wait_all_tasks_blocked()
        shop.open.set()
    assert (len(shop.sold), len(answers)) == (2, 1)


async def test_a_failure_is_shared_by_those_who_waited_and_forgotten_after() -> None:
    """Nobody asks a failing API once more for each caller; the next call tries again."""
    shop, clock = Shop(), Clock()
    shop.open, shop.error = anyio.Event(), UpstreamFailed("The API failed.")
    shop.error.credits_spent = 3
    source = pages(shop, clock)
    spent: list[int] = []

    async def call() -> None:
        with pytest.raises(UpstreamFailed) as caught:
            await ask(source)
        spent.append(caught.value.credits_spent)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        shop.open.set()
    assert sorted(spent) == [0, 0, 3]
    shop.error = None
    assert (await ask(source)).credits == 1
    assert len(shop.sold) == 2


async def test_waiting_for_anothers_page_ends_with_the_deadline() -> None:
    """A call that waits keeps its own time."""
    shop, clock = Shop(), Clock()
    shop.open = anyio.Event()
    source = pages(shop, clock)

    async def call() -> None:
        await ask(source)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(call)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(UpstreamTimeout):
            await source.page(TARGET, cursor=None, count=2, deadline=anyio.current_time() + 0.01)
        shop.open.set()


async def test_without_credits_nothing_is_asked_for_a_while() -> None:
    """After "no credits" the same answer is given for half a minute without a request."""
    shop, clock = Shop(), Clock()
    shop.error = OutOfCredits("No credits.")
    shop.error.concerns_account = True
    source = pages(shop, clock)
    for _ in range(3):
        with pytest.raises(OutOfCredits):
            await ask(source)
    assert len(shop.sold) == 1
    clock.now_s += LATCH_S
    shop.error = None
    assert (await ask(source)).credits == 1
    assert (await ask(source, "older")).credits == 1


def test_what_is_kept_is_bounded() -> None:
    """Beyond its bytes the page used longest ago goes first; replacing a page adds nothing."""
    page = Page((message(1, "x" * 100_000),), None)
    cache = MemoryPageCache(max_bytes=3 * size_of(page))
    keys = [PageKey("", "account", TARGET, str(number)) for number in range(4)]
    for key in (*keys[:3], keys[2]):
        cache.put(key, page)
    assert cache.get(keys[0]) is page
    cache.put(keys[3], page)
    assert [cache.get(key) is page for key in keys] == [True, False, True, True]
    assert cache.size_bytes == 3 * size_of(page)


async def test_a_cached_page_that_is_too_short_is_fetched_again() -> None:
    """The longer one takes its place; the last page of a conversation is never too short."""
    shop, clock = Shop(), Clock()
    source, deadline = pages(shop, clock), anyio.current_time() + 10
    await ask(source)
    for min_messages, fetched in ((2, 1), (3, 2)):
        policy = CachePolicy(min_messages=min_messages)
        await source.page(TARGET, cursor=None, count=9, deadline=deadline, policy=policy)
        assert len(shop.sold) == fetched
    assert CachePolicy(min_messages=3).accepts(Page(tuple(chat(2)), None))


async def test_a_call_that_may_spend_nothing_is_served_from_the_cache_alone() -> None:
    """Nothing is sent for it, whether a page is there or not."""
    shop, clock = Shop(), Clock()
    source, deadline = pages(shop, clock), anyio.current_time() + 10
    await ask(source)
    policy = CachePolicy(cached_only=True)
    assert (await source.page(TARGET, cursor=None, count=2, deadline=deadline, policy=policy)).from_cache
    shop.sold.clear()
    with pytest.raises(NotCached):
        await source.page(TARGET, cursor="1", count=2, deadline=deadline, policy=policy)


async def test_a_refusal_of_one_conversation_does_not_block_the_others() -> None:
    """Only an error code of the API that concerns the account does; the first 403 may be about its target alone."""
    shop, clock = Shop(), Clock()
    shop.error = OutOfCredits("The API requires a payment first (HTTP 402).")
    source = pages(shop, clock)
    for target in (TARGET, OTHER):
        with pytest.raises(OutOfCredits):
            await ask(source, target=target)
    assert [target for target, _ in shop.sold] == [TARGET, OTHER]
