"""The owner of an account, as replicas share it: known to its own tenant only, and never in the way of a call."""

from dataclasses import replace

import anyio
import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.known_people import UNKNOWN, KnownPeople
from mcp_server.conversation.models import INBOX, Target
from mcp_server.upstream.sealing import Seal
from mcp_server.upstream.shared import SharedPages
from mcp_server.upstream.shared_owner import OWNER_TTL_S, SharedOwner
from tests.support.conversations import JOHN, TARGET, MemorySource, chat, query, reader
from tests.support.inbox import OWNER, listed
from tests.support.memory_store import MemoryStore

pytestmark = pytest.mark.anyio


def memory(store: MemoryStore, background: TaskGroup, *, tenant: str = "a", account: str = "1") -> SharedOwner:
    return SharedOwner(store, Seal("secret", tenant=tenant, account_id=account), background)


async def shared(store: MemoryStore, profile: str = OWNER) -> None:
    """The owner is in the store, written by another replica."""
    async with anyio.create_task_group() as writing:
        memory(store, writing).share(profile)


async def test_what_one_replica_learns_from_a_list_another_knows(background: TaskGroup) -> None:
    """The newest word counts."""
    store = MemoryStore()
    assert await memory(store, background).recall() is None
    await shared(store, "in/someone")
    store.skipped_ms += 1000
    await shared(store)
    assert await memory(store, background).recall() == OWNER
    assert OWNER.encode() not in b"".join(store.values.values())


async def test_other_tenants_and_accounts_do_not_know_it(background: TaskGroup) -> None:
    """Each has names and keys of its own."""
    store = MemoryStore()
    await shared(store)
    assert await memory(store, background, tenant="b").recall() is None
    assert await memory(store, background, account="2").recall() is None


async def test_a_day_after_the_last_list_it_is_forgotten(background: TaskGroup) -> None:
    """By the store's clock."""
    store = MemoryStore()
    await shared(store)
    store.skipped_ms += int(OWNER_TTL_S * 1000) - 60_000
    assert await memory(store, background).recall() == OWNER
    store.skipped_ms += 120_000
    assert await memory(store, background).recall() is None


async def test_a_value_that_is_not_ours_names_nobody(background: TaskGroup) -> None:
    """Others may write to the store."""
    store = MemoryStore()
    await shared(store)
    for name, value in store.values.items():
        store.values[name] = value[:-1] + bytes([value[-1] ^ 1])
    assert await memory(store, background).recall() is None


async def test_without_the_store_lists_and_reads_go_their_way(background: TaskGroup) -> None:
    """The owner is then known to the process that listed."""
    store = MemoryStore()
    store.away = True
    people = KnownPeople(memory(store, background))
    await people.recall_owner()
    people.note([listed(1, mine=True, owner=OWNER)])
    await anyio.wait_all_tasks_blocked()
    assert people.owner == OWNER
    assert store.values == {}


async def test_a_replica_that_has_listed_nothing_marks_the_owner(background: TaskGroup) -> None:
    """With the setting, the store is not asked."""
    store = MemoryStore()
    await shared(store, str(JOHN.profile))
    people = KnownPeople(memory(store, background))
    assert "(me) in/john-smith-99" in (await reader(MemorySource(chat(4)), people=people).read(query())).text
    people = KnownPeople(memory(store, background))
    await reader(MemorySource(chat(4)), people=people, self_profile="in/john-smith-99").read(query())
    assert people.owner is None


async def test_what_another_replica_has_listed_lately_helps_to_read(background: TaskGroup) -> None:
    """Sealed as a page of the list, and looked up once in half a minute for conversations that are not known."""
    store = MemoryStore()
    group = replace(listed(0, profile=None, is_group=True), id=TARGET.value)
    seal = Seal("secret", tenant="", account_id="1")
    pages = SharedPages(MemorySource([group]), store, seal, background)
    await pages.page(INBOX, cursor=None, count=10, deadline=anyio.current_time() + 5)
    await anyio.wait_all_tasks_blocked()
    people = KnownPeople(SharedOwner(store, seal, background))
    read = await reader(MemorySource(chat(30)), people=people).read(query())
    assert "\nA in/" in f"\n{read.text}"
    assert people.of(TARGET).is_group is True
    assert people.owner is None
    other = Target("conversation_id", "2-other")
    store.values.clear()
    await people.recall(other, now_s=anyio.current_time())
    late = KnownPeople(SharedOwner(store, seal, background))
    await late.recall(TARGET, now_s=anyio.current_time())
    assert late.of(TARGET) is UNKNOWN
