"""Laws of reading from memory: calls joined by their cursors show every message once, whatever happens between them."""

from functools import partial

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.models import Reading
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.caching import Clock
from tests.support.conversations import MemorySource, TimeSource, chat, message, query, reader
from tests.support.reading import texts, told

pauses = st.lists(st.sampled_from([0, 20, 40, 600, 1000]), min_size=1, max_size=6)


async def _read(
    source: MemorySource, count: int, detail: str, waits: list[int], arriving: int, others: bool
) -> tuple[list[str], int]:
    """A walk by cursors, with pauses and arrivals between its calls, and other calls from the newest message on."""
    clock, shown, credits, cursor, arrived = Clock(), list[str](), 0, None, 10_000
    async with anyio.create_task_group() as background:
        pages = CachedPages(source, TimelineCache(clock_s=clock), background, account_id="account")
        reading = reader(pages, page_size=20)
        for call in range(400):
            answer = await reading.read(query(count=count, cursor=cursor, detail=detail, max_tokens=20_000))
            shown, credits, cursor = texts(answer) + shown, credits + answer.credits, answer.next_cursor
            if cursor is None:
                break
            clock.now_s += waits[call % len(waits)]
            for _ in range(arriving):
                arrived += 1
                source.messages.insert(0, message(arrived, f"new {arrived}"))
            if others:
                newest = await reading.read(query(count=30, max_tokens=20_000 - call))
                assert len(set(texts(newest))) == len(texts(newest))
        else:
            raise AssertionError("the walk does not end")
    return shown, credits


@given(
    st.sampled_from([MemorySource, TimeSource]),
    st.integers(1, 70),
    st.sampled_from([1, 3, 10, 12, 33]),
    st.sampled_from(["condensed", "verbatim"]),
    pauses,
    st.integers(0, 3),
    st.booleans(),
)
def test_calls_joined_by_their_cursors_are_the_whole_conversation(
    source_type: type[MemorySource],
    length: int,
    count: int,
    detail: str,
    waits: list[int],
    arriving: int,
    others: bool,
) -> None:
    """As it was when the walk began: messages that arrive, expiry and other calls disturb nothing."""
    source = source_type(chat(length))
    shown, _ = anyio.run(partial(_read, source, count, detail, waits, arriving, others))
    assert [text for text in shown if not text.startswith("new ")] == [f"message number {n}" for n in range(length)]
    assert len(shown) == length


async def _read_and_delete(
    source: MemorySource, count: int, waits: list[int], deleted: list[int], arriving: int
) -> tuple[list[Reading], set[str]]:
    """A walk by cursors, with pauses, deletions and arrivals between its calls; and the texts deleted meanwhile."""
    clock, found, gone, cursor = Clock(), list[Reading](), set[str](), None
    async with anyio.create_task_group() as background:
        pages = CachedPages(source, TimelineCache(clock_s=clock), background, account_id="account")
        reading = reader(pages, page_size=20)
        for call in range(400):
            found.append(await reading.read(query(count=count, cursor=cursor, max_tokens=20_000)))
            cursor = found[-1].next_cursor
            if cursor is None:
                return found, gone
            clock.now_s += waits[call % len(waits)]
            if call < len(deleted) and deleted[call] < len(source.messages):
                gone.add(source.messages.pop(deleted[call]).text)
            for _ in range(arriving if call % 2 else 0):
                number = 10_000 + len(source.asked)
                source.messages.insert(0, message(number, f"new {number}"))
    raise AssertionError("the walk does not end")


@given(
    st.sampled_from([MemorySource, TimeSource]),
    st.integers(1, 70),
    st.sampled_from([3, 10, 12, 33]),
    pauses,
    st.lists(st.integers(0, 40), max_size=8),
    st.integers(0, 1),
)
def test_deletions_hide_no_other_message_without_a_word(
    source_type: type[MemorySource], length: int, count: int, waits: list[int], deleted: list[int], arriving: int
) -> None:
    """Each message that stayed is shown once, or an answer says that some may be missing."""
    source = source_type(chat(length))
    found, gone = anyio.run(partial(_read_and_delete, source, count, waits, deleted, arriving))
    shown = [text for text in texts(*found) if not text.startswith("new ")]
    there = [text for text in told(length) if text not in gone]
    assert len(shown) == len(set(shown))
    assert [text for text in told(length) if text in shown] == shown
    warned = any("deleted while" in note or "not delivered" in note for answer in found for note in answer.notes)
    assert set(there) <= set(shown) or warned
    if source_type is TimeSource:
        assert set(there) <= set(shown)
