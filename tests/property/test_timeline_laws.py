"""Laws of the timeline: whatever happens to a conversation, a walk over remembered pages is exact, and cheap."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.upstream.cache import CachedPages
from tests.support.caching import Clock, cached, walk
from tests.support.conversations import message
from tests.support.memory_store import MemoryStore, replicas

Cursors = Literal["offset", "older than", "from"]


@dataclass
class Conversation:
    """An API whose cursors are offsets, or name the last message given (exclusive) or the next one (inclusive).

    `clamp` is the largest page it gives. `numbers` are the messages, newest first; `edited` ones have another text.
    """

    cursors: Cursors
    numbers: list[int]
    clamp: int = 100
    total: bool = True
    edited: list[int] = field(default_factory=list)
    requests: int = 0
    credits: int = 0

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        await anyio.lowlevel.checkpoint()
        start = 0 if cursor is None else self._start(int(cursor))
        given = self.numbers[start : start + min(count, self.clamp)]
        end = start + len(given)
        credits = max(1, -(-len(given) // 10))
        self.requests += 1
        self.credits += credits
        return Page(
            tuple(message(number, self.text(number)) for number in given),
            self._cursor(given[-1], end) if end < len(self.numbers) else None,
            total=len(self.numbers) if self.total else None,
            credits=credits,
        )

    def text(self, number: int) -> str:
        return f"{'edited ' * self.edited.count(number)}{number}"

    def _start(self, cursor: int) -> int:
        if self.cursors == "offset":
            return cursor
        oldest = cursor - 1 if self.cursors == "older than" else cursor
        return next((place for place, number in enumerate(self.numbers) if number <= oldest), len(self.numbers))

    def _cursor(self, last: int, end: int) -> str:
        return {"offset": str(end), "older than": str(last), "from": str(self.numbers[end])}[self.cursors]


@dataclass(frozen=True)
class Step:
    """What happens: messages arrive, one is deleted or edited, time passes, or two callers walk at the same time."""

    kind: Literal["arrive", "delete", "edit", "wait", "walk", "two walks"]
    number: int
    count: int = 10


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["arrive", "delete", "edit", "wait", "walk", "walk", "walk", "two walks"]),
        st.integers(0, 60),
        st.sampled_from([1, 3, 7, 10, 12, 25, 33, 60]),
    ),
    max_size=25,
)


async def _walks(conversation: Conversation, happenings: Sequence[Step], page_size: int, number: int) -> None:
    clock, store, arrived = Clock(), MemoryStore(), max(conversation.numbers, default=0)
    plain, sharing = cached(conversation, clock), replicas(conversation, store, clock, number)
    async with plain as alone, sharing as several:
        for turn, step in enumerate(happenings):
            pages = several[turn % number] if several else alone
            match step.kind:
                case "arrive":
                    for _ in range(step.number % 25):
                        arrived += 1
                        conversation.numbers.insert(0, arrived)
                case "delete" if conversation.cursors != "offset":
                    del conversation.numbers[step.number : step.number + 2]
                case "edit":
                    conversation.edited.extend(conversation.numbers[step.number : step.number + 1])
                case "wait":
                    clock.now_s += 10 * step.number
                    store.skipped_ms += 10_000 * step.number
                case "walk" | "two walks":
                    async with anyio.create_task_group() as callers:
                        for extra in range(1 if step.kind == "walk" else 2):
                            count = step.count + 9 * extra
                            # With offsets, a walk must begin with what is newest: later pages shift with arrivals.
                            fresh = step.number % 3 > 0 or conversation.cursors == "offset"
                            only = step.kind == "walk"
                            callers.start_soon(_check, pages, conversation, count, page_size, fresh, only)
                    await anyio.wait_all_tasks_blocked()
                case _:
                    pass


async def _check(
    pages: CachedPages, conversation: Conversation, count: int, page_size: int, fresh: bool, alone: bool
) -> None:
    """A walk shows what there is, once and in order, from the newest message as far as `fresh` asks for it.

    Messages deleted within the time that they are kept may be among it, and so may earlier texts.
    """
    there = list(conversation.numbers)
    expected = [message(number, conversation.text(number)) for number in there]
    found, _ = await walk(pages, count, page_size=page_size, fresh=fresh)
    numbers = [int(each.id.removeprefix("urn:")) for each in found]
    assert numbers == sorted(set(numbers), reverse=True)
    if fresh:
        first_page = min(count, page_size, conversation.clamp, 10)
        assert found[:first_page] == expected[:first_page]
        assert len(found) >= min(count, len(there))
    if alone:
        # What is known costs nothing, and one request shows that nothing is new.
        assert await walk(pages, count, page_size=page_size) == (found, 0)
        requests, credits = conversation.requests, conversation.credits
        again, _ = await walk(pages, count, page_size=page_size, fresh=True)
        assert again == (await walk(pages, count, page_size=page_size))[0]
        if conversation.clamp >= 10 and min(page_size, len(found)) >= 20:
            assert (conversation.requests - requests, conversation.credits - credits) == (1, 1)
    if numbers:
        between = [number for number in there if numbers[-1] <= number <= numbers[0]]
        assert between == [number for number in numbers if number in there]


@settings(max_examples=300)
@given(
    st.sampled_from(["offset", "older than", "from"]),
    st.integers(0, 80),
    st.sampled_from([4, 10, 50]),
    st.sampled_from([3, 100]),
    st.booleans(),
    st.sampled_from([0, 2]),
    steps,
)
def test_a_walk_over_remembered_pages_is_exact(
    cursors: Cursors, length: int, page_size: int, clamp: int, total: bool, number: int, happenings: list[Step]
) -> None:
    """With arrivals, deletions, edits, clamped and shifting pages, two callers, replicas, and expiry in the middle."""
    conversation = Conversation(cursors, list(range(length, 0, -1)), clamp, total)
    anyio.run(partial(_walks, conversation, happenings, page_size, number))
