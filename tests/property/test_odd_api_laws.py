"""Laws of walks over APIs that page in ways the documentation leaves open: exact, or honest about what is missing."""

from dataclasses import replace

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.models import Message, Reading
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import MemorySource, chat, query, reader
from tests.support.odd_sources import ExclusiveTimes, ExpiringCursors, InclusiveTimes, Losing
from tests.support.reading import texts, told

counts = st.integers(1, 30)
cached = st.booleans()


@st.composite
def tied_chats(draw: st.DrawFn) -> list[Message]:
    """Newest first, with runs of messages of one time."""
    runs = draw(st.lists(st.integers(1, 25), min_size=1, max_size=6))
    messages, times = chat(sum(runs)), [number for number, run in enumerate(runs) for _ in range(run)]
    return [replace(each, sent_at_ms=1_776_000_000_000 - at) for each, at in zip(messages, times, strict=True)]


async def answers(source: MemorySource, count: int, *, in_memory: bool) -> list[Reading]:
    """All answers of a walk to the end."""
    async with anyio.create_task_group() as background:
        pages = CachedPages(source, TimelineCache(), background, account_id="account") if in_memory else source
        conversation = reader(pages)
        found = [await conversation.read(query(count=count, max_tokens=20_000))]
        while (cursor := found[-1].next_cursor) is not None:
            assert len(found) < 300
            found.append(await conversation.read(query(count=count, max_tokens=20_000, cursor=cursor)))
        background.cancel_scope.cancel()
    return found


@given(tied_chats(), counts, cached)
def test_inclusive_time_cursors_lose_nothing(messages: list[Message], count: int, in_memory: bool) -> None:
    """However many messages share a time, up to half a full page."""
    found = anyio.run(lambda: answers(InclusiveTimes(messages), count, in_memory=in_memory))
    assert texts(*found) == told(len(messages))
    assert all(not answer.notes or "memory" in answer.notes[0] for answer in found)


@given(tied_chats(), counts, cached)
def test_exclusive_time_cursors_lose_no_message_without_a_word(
    messages: list[Message], count: int, in_memory: bool
) -> None:
    """The messages shown and those reported as undelivered are all there are."""
    found = anyio.run(lambda: answers(ExclusiveTimes(messages), count, in_memory=in_memory))
    shown = texts(*found)
    assert len(shown) == len(set(shown))
    assert len(shown) + int(str(found[-1].structured.get("undelivered", 0))) == len(messages)


@given(st.integers(1, 120), st.integers(0, 20), counts, cached)
def test_messages_that_are_never_delivered_are_counted(length: int, lost: int, count: int, in_memory: bool) -> None:
    """At the end of every walk, and only there."""
    source = Losing(chat(length + lost), lost=lost)
    found = anyio.run(lambda: answers(source, count, in_memory=in_memory))
    assert [int(str(answer.structured.get("undelivered", 0))) for answer in found] == [0] * (len(found) - 1) + [lost]


@given(st.integers(1, 120), counts, st.integers(2, 6), cached)
def test_forgotten_cursors_lose_and_repeat_nothing(length: int, count: int, every: int, in_memory: bool) -> None:
    """The API forgets its cursors after so many requests; the walk finds its place again as often."""
    source = ExpiringCursors(chat(length))

    def expire() -> None:
        if len(source.asked) % (3 * every) == every:
            source.expire()

    source.before = expire
    found = anyio.run(lambda: answers(source, count, in_memory=in_memory))
    assert texts(*found) == told(length)
