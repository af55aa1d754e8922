"""Every message is fetched once for all callers, kept for its time, and never served to another tenant."""

from collections.abc import Callable
from dataclasses import replace

import anyio
import pytest

from mcp_server.conversation.models import NotCached, Page, Target
from mcp_server.errors import OutOfCredits, UpstreamFailed, UpstreamTimeout
from mcp_server.upstream.cache import BLOCKED_S, TimelineCache
from mcp_server.upstream.timeline_run import NEWEST_TTL_S, OLDER_TTL_S
from tests.support.caching import Api, Clock, ask, cached, walk
from tests.support.conversations import TARGET, chat, message

pytestmark = pytest.mark.anyio
OTHER = Target("conversation_id", "urn:other")


async def test_a_page_is_fetched_once_whatever_its_length() -> None:
    """A second request, longer or shorter, is answered from memory, states its age and costs nothing."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        fetched = await ask(pages, count=10)
        clock.now_s += 12
        known = [await ask(pages, count=count) for count in (3, 50)]
    assert (fetched.credits, fetched.from_cache, fetched.age_s) == (1, False, None)
    for page in known:
        assert (page.messages, page.next_cursor) == (fetched.messages, fetched.next_cursor)
        assert (page.credits, page.from_cache, page.age_s) == (0, True, 12)
        assert (page.total, page.unread) == (30, 0)
    assert api.asked == [(None, 10)]


async def test_messages_that_share_an_identity_are_kept_apart() -> None:
    """The API uses an identity again on a later page, and of another text with the same time it is an edit."""
    messages = [message(5), message(4), replace(message(3), id=message(5).id), replace(message(2), id=message(4).id)]
    async with cached(Api(messages), Clock()) as pages:
        fetched, cost = await walk(pages, 4, page_size=2)
        known, nothing = await walk(pages, 4)
    assert [each.text for each in fetched] == [each.text for each in messages]
    assert (known, cost, nothing) == (fetched, 2, 0)
    edited = [message(5, "first"), message(5, "edited")]
    async with cached(Api(edited), Clock()) as pages:
        assert len((await walk(pages, 2, page_size=1))[0]) == 1


@pytest.mark.parametrize(("cursor", "ttl_s"), [(None, NEWEST_TTL_S), ("10", OLDER_TTL_S)])
async def test_messages_are_kept_for_their_time(cursor: str | None, ttl_s: float) -> None:
    """The newest page for half a minute, older messages for a quarter of an hour."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        await ask(pages, cursor)
        clock.now_s += ttl_s - 1
        await ask(pages, cursor)
        assert len(api.asked) == 1
        clock.now_s += 1
        await ask(pages, cursor)
        assert len(api.asked) == 2


async def test_a_call_that_continues_gets_the_newest_page_as_it_was() -> None:
    """For a quarter of an hour, while a call that starts at the newest message fetches it after half a minute."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        await ask(pages)
        clock.now_s += OLDER_TTL_S - 1
        page = await ask(pages, continuing=True)
        assert (page.credits, page.from_cache, len(api.asked)) == (0, True, 1)
        await ask(pages)
        assert len(api.asked) == 2
        clock.now_s += OLDER_TTL_S
        await ask(pages, continuing=True)
        assert len(api.asked) == 3


async def test_a_fresh_page_is_fetched_and_replaces_the_known_one() -> None:
    """However young the known one is."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        await ask(pages)
        api.messages.insert(0, message(30, "new"))
        page = await ask(pages, fresh=True)
        assert (page.messages[0].text, page.credits, page.from_cache) == ("new", 1, False)
        assert (await ask(pages)).messages[0].text == "new"


async def test_a_page_is_long_enough_for_the_policy() -> None:
    """A known page that is too short is fetched again, with the length that the caller asks for."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        await ask(pages, count=2)
        assert len((await ask(pages, count=20, min_messages=20)).messages) == 20
        assert len((await ask(pages, count=20, min_messages=20)).messages) == 20
    assert api.asked == [(None, 2), (None, 20)]


async def test_nothing_is_fetched_for_a_call_that_takes_known_pages_only() -> None:
    """`cached_only` is answered from memory or not at all."""
    api, clock = Api(chat(30)), Clock()
    async with cached(api, clock) as pages:
        with pytest.raises(NotCached):
            await ask(pages, cached_only=True)
        await ask(pages)
        assert (await ask(pages, cached_only=True)).from_cache
    assert len(api.asked) == 1


async def test_tenants_accounts_and_conversations_share_nothing() -> None:
    """No message is served to a caller that may not see it."""
    api, clock = Api(chat(3)), Clock()
    cache = TimelineCache(clock_s=clock)
    for tenant, account in (("a", "1"), ("b", "1"), ("a", "2")):
        async with cached(api, clock, cache=cache, tenant=tenant, account_id=account) as pages:
            for target in (TARGET, OTHER):
                await ask(pages, target=target)
    assert len(api.asked) == 6


async def test_concurrent_callers_share_one_request() -> None:
    """A hundred at the same time: one request, one payment, a hundred answers without an age."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    answers: list[Page] = []
    async with cached(api, clock) as pages:

        async def call() -> None:
            answers.append(await ask(pages))

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
    assert (len(api.asked), len(answers), sum(page.credits for page in answers)) == (1, 100, 1)
    assert {page.age_s for page in answers} == {None}


async def test_a_failure_is_shared_by_concurrent_callers_and_not_remembered() -> None:
    """A failing API gets one request for all of them, one of them pays, and the next call tries again."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    api.error = UpstreamFailed("The API failed.")
    api.error.credits_spent = 3
    spent: list[int] = []
    async with cached(api, clock) as pages:

        async def call() -> None:
            with pytest.raises(UpstreamFailed) as caught:
                await ask(pages)
            spent.append(caught.value.credits_spent)

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
        assert sorted(spent) == [0, 0, 3]
        api.error = None
        assert (await ask(pages)).credits == 1
    assert len(api.asked) == 2


async def test_waiting_for_another_callers_request_ends_at_the_deadline() -> None:
    """Each caller has its own deadline."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    async with cached(api, clock) as pages, anyio.create_task_group() as tasks:
        tasks.start_soon(ask, pages)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(UpstreamTimeout):
            await pages.page(TARGET, cursor=None, count=2, deadline=anyio.current_time() + 0.01)
        api.open.set()


async def test_after_an_error_that_concerns_the_account_no_request_is_sent_for_a_while() -> None:
    """Half a minute long every call of the account gets the same error."""
    api, clock = Api(chat(30)), Clock()
    api.error = OutOfCredits("No credits.")
    api.error.concerns_account = True
    async with cached(api, clock) as pages:
        for target in (TARGET, OTHER, TARGET):
            with pytest.raises(OutOfCredits):
                await ask(pages, target=target)
        assert len(api.asked) == 1
        clock.now_s += BLOCKED_S
        api.error = None
        assert (await ask(pages)).credits == 1


async def test_a_refusal_of_one_conversation_does_not_block_the_others() -> None:
    """Only an error code of the API that concerns the account does; a bare 402 or 403 may be about its target."""
    api, clock = Api(chat(3)), Clock()
    api.error = OutOfCredits("The API requires a payment first (HTTP 402).")
    async with cached(api, clock) as pages:
        for target in (TARGET, OTHER):
            with pytest.raises(OutOfCredits):
                await ask(pages, target=target)
    assert len(api.asked) == 2


async def test_an_unforeseen_failure_reaches_the_caller() -> None:
    """It does not end the task group that all requests share."""

    class Broken(Api):
        page: Callable[..., object] = None  # type: ignore[assignment]

    clock = Clock()
    async with cached(Broken(chat(3)), clock) as pages:
        for _ in range(2):
            with pytest.raises(TypeError):
                await ask(pages)


async def test_the_cache_is_bounded() -> None:
    """Beyond its bytes the least recently used conversation goes first, and expired ones go when another changes."""
    api, clock = Api([message(1, "x" * 100_000)]), Clock()
    size_bytes = 3 * (100_000 + 1_500)
    cache = TimelineCache(max_bytes=size_bytes, clock_s=clock)
    targets = [Target("conversation_id", str(number)) for number in range(4)]
    async with cached(api, clock, cache=cache) as pages:
        for target in (*targets[:3], targets[0], targets[3]):
            await ask(pages, target=target)
        assert len(api.asked) == 4
        assert cache.size_bytes <= size_bytes
        await ask(pages, target=targets[0])
        assert len(api.asked) == 4
        await ask(pages, target=targets[1])
        assert len(api.asked) == 5
        clock.now_s += OLDER_TTL_S
        await ask(pages, target=OTHER)
        assert cache.size_bytes < size_bytes / 2
