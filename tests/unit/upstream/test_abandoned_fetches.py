"""A request continues when its caller goes away: the others get its page, or it is kept, and its price is counted."""

import logging
from functools import partial

import anyio
import pytest

from mcp_server.conversation.models import Page, Target
from mcp_server.errors import UpstreamFailed
from mcp_server.upstream.cache import MAX_ABANDONED
from tests.support.caching import Api, Clock, ask, cached
from tests.support.conversations import chat
from tests.support.giving_up import give_up

pytestmark = pytest.mark.anyio


async def test_a_request_that_others_wait_for_continues_when_its_caller_goes_away() -> None:
    """Impatient callers, one after the other, cost one request; the first that stays pays."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    answers: list[Page] = []
    async with cached(api, clock) as pages:

        async def call() -> None:
            answers.append(await ask(pages))

        async with anyio.create_task_group() as patient:
            for _ in range(3):
                async with anyio.create_task_group() as impatient:
                    impatient.start_soon(call)
                    await anyio.wait_all_tasks_blocked()
                    patient.start_soon(call)
                    await anyio.wait_all_tasks_blocked()
                    impatient.cancel_scope.cancel()
            api.open.set()
    assert len(api.asked) == 1
    assert [page.credits for page in answers] == [1, 0, 0]


async def test_a_request_that_nobody_waits_for_is_kept_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """The next caller gets the page from memory; its price is in the log and reported once."""
    caplog.set_level(logging.INFO, "mcp_server.upstream.cache")
    api, clock, unclaimed = Api(chat(3)), Clock(), list[int]()
    api.close()
    async with cached(api, clock, on_unclaimed=unclaimed.append) as pages:
        await give_up(lambda: ask(pages))
        assert unclaimed == []
        api.open.set()
        await anyio.wait_all_tasks_blocked()
        page = await ask(pages)
    assert (page.credits, page.from_cache, len(api.asked)) == (0, True, 1)
    assert unclaimed == [1]
    assert [record.getMessage() for record in caplog.records] == [
        "abandoned fetch credits=1 maybe_extra=0 outcome=read"
    ]


async def test_a_failure_that_nobody_waits_for_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    """With what it cost; an unforeseen one may have cost something."""
    caplog.set_level(logging.INFO, "mcp_server.upstream.cache")
    for error, line in (
        (UpstreamFailed("The API failed."), "credits=2 maybe_extra=1 outcome=upstream_failed"),
        (ZeroDivisionError(), "credits=0 maybe_extra=1 outcome=internal_error"),
    ):
        api, clock = Api(chat(3)), Clock()
        api.close()
        api.error = error  # type: ignore[assignment]  # any exception
        error.credits_spent, error.maybe_extra = 2, 1  # type: ignore[union-attr]
        async with cached(api, clock) as pages:
            await give_up(lambda: ask(pages))
            api.open.set()
            await anyio.wait_all_tasks_blocked()
        assert caplog.messages[-1] == f"abandoned fetch {line}"


async def test_a_caller_that_comes_later_takes_over_an_abandoned_request() -> None:
    """It pays, because nobody else has."""
    api, clock, unclaimed = Api(chat(3)), Clock(), list[int]()
    api.close()
    async with cached(api, clock, on_unclaimed=unclaimed.append) as pages:
        await give_up(lambda: ask(pages))
        answers: list[Page] = []

        async def call() -> None:
            answers.append(await ask(pages))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
    assert [page.credits for page in answers] == [1]
    assert (unclaimed, len(api.asked)) == ([], 1)


async def test_abandoned_requests_are_bounded() -> None:
    """A client that starts calls and gives them up keeps few requests open; the oldest is cancelled first."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    async with cached(api, clock) as pages:
        for number in range(MAX_ABANDONED + 2):
            await give_up(partial(ask, pages, target=Target("conversation_id", str(number))))
        await anyio.wait_all_tasks_blocked()
        api.open.set()
        await anyio.wait_all_tasks_blocked()
        assert len(api.asked) == MAX_ABANDONED + 2
        for number in range(MAX_ABANDONED + 2):
            await ask(pages, target=Target("conversation_id", str(number)))
    assert len(api.asked) == MAX_ABANDONED + 4


async def test_a_page_too_short_for_a_second_caller_is_paid_by_nobody_twice() -> None:
    """The second caller fetches what it needs; the first page's price stays with the caller that started it."""
    api, clock = Api(chat(30)), Clock()
    api.close()
    credits: list[int] = []
    async with cached(api, clock) as pages:

        async def call(count: int, min_messages: int) -> None:
            credits.append((await ask(pages, count=count, min_messages=min_messages)).credits)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, 2, 0)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(call, 20, 20)
            await anyio.wait_all_tasks_blocked()
            api.open.set()
    assert credits == [1, 2]


async def test_calls_end_when_the_server_stops() -> None:
    """A request that is cancelled with everything else is an error, not an endless loop."""
    api, clock = Api(chat(3)), Clock()
    api.close()
    errors: list[Exception] = []
    async with anyio.create_task_group() as callers, cached(api, clock) as pages:

        async def call() -> None:
            with pytest.raises(UpstreamFailed) as caught:
                await ask(pages)
            errors.append(caught.value)

        callers.start_soon(call)
        await anyio.wait_all_tasks_blocked()
    assert "stopping" in str(errors[0])
