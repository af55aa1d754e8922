"""Replicas that share a store build the same timeline: what one has fetched or joined, no other one pays for."""

import anyio
import pytest

from tests.support.caching import Api, Clock, walk
from tests.support.conversations import chat, message
from tests.support.memory_store import MemoryStore, replicas

pytestmark = pytest.mark.anyio


async def passes(store: MemoryStore, clock: Clock, seconds: int) -> None:
    """Time, once everything has been written to the store."""
    await anyio.wait_all_tasks_blocked()
    store.skipped_ms += 1000 * seconds
    clock.now_s += seconds


async def test_a_second_question_costs_nothing_at_any_replica() -> None:
    """Within half a minute of the first."""
    api, store, clock = Api(chat(200)), MemoryStore(), Clock()
    async with replicas(api, store, clock, 3) as three:
        spent = []
        for replica in three:
            found, credits = await walk(replica, 120)
            assert [each.id for each in found] == [each.id for each in api.messages[:120]]
            spent.append(credits)
            await passes(store, clock, 5)
    assert spent == [12, 0, 0]


async def test_after_half_a_minute_it_costs_one_credit_at_any_replica() -> None:
    """One that has read nothing joins a new page to those that others have fetched; a third one profits from that."""
    api, store, clock = Api(chat(200)), MemoryStore(), Clock()
    async with replicas(api, store, clock, 4) as (first, second, third, fourth):
        assert (await walk(first, 120))[1] == 12
        await passes(store, clock, 33)
        api.messages[:0] = [message(number) for number in range(203, 199, -1)]
        found, credits = await walk(second, 120)
        assert [each.id for each in found] == [each.id for each in api.messages[:120]]
        assert credits == 1
        await passes(store, clock, 5)
        found, credits = await walk(third, 120)
        assert [each.id for each in found] == [each.id for each in api.messages[:120]]
        assert credits == 0
        await passes(store, clock, 33)
        found, credits = await walk(fourth, 120)
        assert [each.id for each in found] == [each.id for each in api.messages[:120]]
        assert credits == 1
        assert api.credits == 14


async def test_without_the_store_a_replica_fetches_for_itself() -> None:
    """And keeps its own timeline."""
    api, store, clock = Api(chat(200)), MemoryStore(), Clock()
    store.away = True
    async with replicas(api, store, clock, 2) as two:
        assert [(await walk(replica, 60))[1] for replica in two] == [6, 6]
        await passes(store, clock, 33)
        assert [(await walk(replica, 60))[1] for replica in two] == [1, 1]
