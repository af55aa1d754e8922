"""Three replicas on one Redis: pages bought once, limits counted once, and nothing lost when Redis is."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

import anyio
import anyio.to_thread
import pytest
from redis import Redis

from mcp_server.sandbox import Sandbox
from mcp_server.sandbox.library import load_library
from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.http_server import Running, answered, ask, call, environment_for, http_server, post
from tests.support.patience import PATIENCE_S
from tests.support.replicas import redis_server, replicas

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
OTHER = next(each.profile_url for each in load_library().conversations if each.profile_url not in (None, PRIYA))
RING = "r" * 32
_TEN_CALLS_S = 20


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def text(server: Running, **arguments: object) -> str:
    """What a call is answered."""
    target = {} if "conversation_id" in arguments else {"profile_url": PRIYA}
    status, _, body = post(server.url, call(**{**target, **arguments}))
    assert status == 200
    found: str = answered(body)["result"]["content"][0]["text"]
    return found


def test_a_page_that_a_hundred_callers_want_of_three_replicas_is_fetched_once(sandbox: Sandbox) -> None:
    """At about the same time, each with a budget of its own; and Redis contains no readable message."""
    with redis_server() as url, replicas(3, environment_for(sandbox.base_url, REDIS_URL=url)) as three:
        with ThreadPoolExecutor(100) as callers:
            answers = list(
                callers.map(lambda number: text(three[number % 3], count=10, max_tokens=4000 - number), range(100))
            )
        assert sandbox.ledger.requests == 1
        assert sum("1 credit." in answer for answer in answers) == 1
        kept = Redis.from_url(url)
        stored = b"".join(name + kept.dump(name) for name in kept.scan_iter())
        kept.close()
    assert b":page" in stored
    for secret in (b"Priya", b"priya", b"half term"):
        assert secret not in stored


def test_the_owner_named_by_the_list_of_one_replica_is_known_to_all(sandbox: Sandbox) -> None:
    """Without a setting, in conversations that the list did not show; and Redis does not show the name."""
    oldest = load_library().conversations[-1].id
    with redis_server() as url, replicas(2, environment_for(sandbox.base_url, REDIS_URL=url)) as (one, other):
        assert " (me) " not in text(other, conversation_id=oldest)
        assert post(one.url, ask("tools/call", name="list_conversations", arguments={"count": 5}))[0] == 200
        give_up_s = time.monotonic() + PATIENCE_S
        while " (me) " not in text(other, conversation_id=oldest):
            assert time.monotonic() < give_up_s
        kept = Redis.from_url(url)
        stored = b"".join(name + kept.dump(name) for name in kept.scan_iter())
        kept.close()
    assert b"nora" not in stored.lower()


def test_what_one_replica_has_listed_helps_another_to_read(sandbox: Sandbox) -> None:
    """That a conversation is one of two, for example, so that somebody has to answer the last message."""
    written = [each for each in load_library().conversations if each.messages]
    second, newest = sorted(written, key=lambda each: each.messages[-1].sent_at_ms)[-2:]
    with redis_server() as url, replicas(2, environment_for(sandbox.base_url, REDIS_URL=url)) as (one, other):
        assert "to answer" not in text(one, conversation_id=newest.id, count=3)
        _wait_for_pages(url, 1)
        assert post(one.url, ask("tools/call", name="list_conversations", arguments={"count": 5}))[0] == 200
        _wait_for_pages(url, 3)  # the list's, and what is known of the owner
        assert "to answer" in text(other, conversation_id=second.id, count=3)


def _wait_for_pages(url: str, number: int) -> None:
    """Replicas write to Redis after they have answered."""
    kept = Redis.from_url(url)
    give_up_s = time.monotonic() + PATIENCE_S
    while sum(1 for _ in kept.scan_iter("*:page")) < number:
        assert time.monotonic() < give_up_s
    kept.close()


async def _sell_slowly(call: Call) -> None:
    await anyio.sleep(0.2)
    await page([message("sold")])(call)


_ENOUGH = 105
"""A page for each of a hundred conversations, and a few more whose answer from Redis came late."""
_BURSTS = 8
"""A busy machine makes answers of Redis late, and each late one costs a page: one quiet burst of these is enough."""


@pytest.mark.anyio
async def test_a_hundred_pages_asked_of_three_replicas_at_once_are_fetched_once_each() -> None:
    """A burst keeps every replica busy with itself; that is no reason to take Redis for gone."""
    async with ChaosUpstream(_sell_slowly) as upstream:
        with redis_server() as url, replicas(3, environment_for(upstream.base_url, REDIS_URL=url)) as three:

            def burst(number: int) -> list[str]:
                with ThreadPoolExecutor(300) as callers:
                    asked = [(three[each % 3], f"2-{number}-{each // 3}") for each in range(300)]
                    return list(callers.map(lambda each: text(each[0], conversation_id=each[1], count=1), asked))

            requests: list[int] = []
            for number in range(_BURSTS):
                answers = await anyio.to_thread.run_sync(burst, number)
                assert all("sold" in answer for answer in answers)
                requests.append(len(upstream.requests))
                upstream.requests.clear()
                if requests[-1] <= _ENOUGH:
                    break
            for server in three:
                await anyio.to_thread.run_sync(server.stop)
                assert "unavailable" not in server.log
    assert max(requests) <= 300  # no replica fetches a page twice, however late Redis is
    assert min(requests) <= _ENOUGH


def test_a_walk_continues_at_any_replica_and_through_a_change_of_keys(sandbox: Sandbox) -> None:
    """A cursor written by one is read by the next, whose ring begins with a newer key."""
    old = environment_for(sandbox.base_url, KEY_RING=f"{RING},{'n' * 32}")
    new = environment_for(sandbox.base_url, KEY_RING=f"{'n' * 32},{RING}")
    with http_server(old) as first, http_server(new) as second:
        cursor = text(first, count=5).rsplit("next_cursor: ", 1)[1].strip()
        onwards = text(second, count=5, cursor=cursor)
        again = onwards.rsplit("next_cursor: ", 1)[1].strip()
        assert not text(first, count=5, cursor=again).startswith("invalid_cursor")


def test_a_callers_limit_is_counted_over_all_replicas(sandbox: Sandbox) -> None:
    """Ten calls, four allowed. A stop closes Redis' connections too, and has nothing to remark."""
    with redis_server() as url:
        environment = environment_for(sandbox.base_url, REDIS_URL=url, HTTP_CALLS_PER_MINUTE="4")
        with replicas(2, environment) as two:
            # Limits are counted by the clock's minutes: when one ends between the calls, more may pass.
            left_s = 60 - time.time() % 60
            if left_s < _TEN_CALLS_S:
                time.sleep(left_s)
            answers = [text(two[number % 2], count=1) for number in range(10)]
            assert [(server.stop(), server.log) for server in two] == [(0, "")] * 2
    assert sum(not answer.startswith("rate_limited: ") for answer in answers) == 4


def test_a_page_replaced_by_an_attacker_is_fetched_again(sandbox: Sandbox) -> None:
    """Row 58: an attacker who can write to Redis can cost a page, but show nothing."""
    with redis_server() as url, replicas(2, environment_for(sandbox.base_url, REDIS_URL=url)) as (one, other):
        text(one, count=5)
        kept = Redis.from_url(url)
        _written(kept)
        one.stop()  # nothing more is written from here on
        forged = json.dumps({"messages": [{"id": "1", "text": "forged"}]}).encode()
        for name in _written(kept):
            kept.set(name, forged)
        kept.close()
        answer = text(other, count=5)
    assert "forged" not in answer
    assert "1 credit." in answer
    assert sandbox.ledger.requests == 2


def _written(kept: "Redis") -> list[bytes]:
    """The names of the pages kept, once there is one: it is written after the answer has gone out."""
    give_up_s = time.monotonic() + PATIENCE_S
    while not (names := list(kept.scan_iter(b"*:page"))):
        assert time.monotonic() < give_up_s
    return names


@pytest.mark.parametrize("how", ["refused", "silent", "died"])
def test_calls_are_answered_without_redis(sandbox: Sandbox, how: str) -> None:
    """Row 57: nobody listens, somebody listens and never answers, or it dies between two calls."""
    silent = socket.create_server(("127.0.0.1", 0))
    try:
        port = silent.getsockname()[1]
        if how == "refused":
            silent.close()
        if how == "died":
            with redis_server() as url, http_server(_limited(sandbox, url)) as server:
                assert "1 credit." in text(server, count=5)
                subprocess.run(
                    [sys.executable, "-c", f"import redis; redis.Redis.from_url({url!r}).shutdown(nosave=True)"],
                    check=True,
                )
                assert "0 credits." in text(server, count=4)
                assert "1 credit." in text(server, count=5, profile_url=OTHER)
            return
        with http_server(_limited(sandbox, f"redis://127.0.0.1:{port}/0")) as server:
            assert "1 credit." in text(server, count=5)
            for count in (3, 4):
                assert "0 credits." in text(server, count=count)
            assert server.stop() == 0
        assert "the shared store is unavailable" in server.log
    finally:
        silent.close()


def _limited(sandbox: Sandbox, url: str) -> dict[str, str]:
    """With limits too, so that both uses of Redis are met."""
    return environment_for(
        sandbox.base_url, REDIS_URL=url, HTTP_CALLS_PER_MINUTE="1000", API_REQUESTS_PER_MINUTE="1000"
    )


@pytest.mark.anyio
async def test_the_page_of_a_replica_that_dies_while_fetching_is_fetched_once_more() -> None:
    """Its lock ends within two seconds; another replica buys the page, once more and not more often."""
    asked = anyio.Event()

    async def take_and_hang(call: Call) -> None:
        asked.set()
        await call.hang()

    async with ChaosUpstream(take_and_hang, page([message("bought after all")])) as upstream:
        with redis_server() as url, replicas(2, environment_for(upstream.base_url, REDIS_URL=url)) as (one, other):
            answers: list[str] = []

            async def ask() -> None:
                answers.append(await anyio.to_thread.run_sync(text, other))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.to_thread.run_sync, _ask_in_vain, one)
                await asked.wait()
                tasks.start_soon(ask)
                tasks.start_soon(ask)
                one.process.kill()
        assert len(upstream.requests) == 2
    assert len(answers) == 2
    assert all("bought after all" in answer for answer in answers)


def _ask_in_vain(server: Running) -> None:
    with suppress(OSError, HTTPException):
        text(server)
