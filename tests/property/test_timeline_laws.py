"""Laws of the timeline: whatever happens to a conversation, a walk over remembered pages is exact, and cheap."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import anyio
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, NotCached, Page, Target
from mcp_server.upstream.cache import CachedPages
from tests.support.caching import Clock, cached, walk, walk_whole
from tests.support.conversations import message
from tests.support.memory_store import MemoryStore, replicas

Cursors = Literal["offset", "older than", "from"]
_FIRST_PLACE = 1_776_000_000_000
"""Cursors that name a place are as long as times, as offsets never are."""


@dataclass
class Conversation:
    """An API whose cursors are offsets, or name the last message given (exclusive) or the next one (inclusive).

    `clamp` is the largest page it gives. `numbers` are the messages, newest first; `edited` ones have another text.
    `moved`: known messages are elsewhere now than where its cursors led to.
    """

    cursors: Cursors
    numbers: list[int]
    clamp: int = 100
    total: bool = True
    edited: list[int] = field(default_factory=list)
    requests: int = 0
    credits: int = 0
    moved: bool = False

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        await anyio.lowlevel.checkpoint()
        start = 0 if cursor is None else self._start(int(cursor) % _FIRST_PLACE)
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
        if self.cursors == "offset":
            return str(end)
        return str(_FIRST_PLACE + (last if self.cursors == "older than" else self.numbers[end]))


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
            conversation.moved |= step.kind == "delete" or (step.kind == "arrive" and conversation.cursors == "offset")
            pages = several[turn % number] if several else alone
            match step.kind:
                case "arrive":
                    # Where offsets move by more than a page, a walk may end early, and a call says so.
                    most = min(page_size, conversation.clamp) if conversation.cursors == "offset" else 24
                    for _ in range(step.number % (most + 1)):
                        arrived += 1
                        conversation.numbers.insert(0, arrived)
                case "delete" if conversation.cursors != "offset" or conversation.total:
                    del conversation.numbers[step.number : step.number + 2]
                case "edit":
                    conversation.edited.extend(conversation.numbers[step.number : step.number + 1])
                case "wait":
                    clock.now_s += 11 * step.number
                    store.skipped_ms += 11_000 * step.number
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
    found, _, is_whole = await walk_whole(pages, count, page_size=page_size, fresh=fresh)
    numbers = [int(each.id.removeprefix("urn:")) for each in found]
    assert numbers == sorted(set(numbers), reverse=True)
    assert is_whole or conversation.cursors == "offset"
    if not is_whole:
        return  # and a call says so
    if fresh:
        # Two callers share a request, which may be for the one message that one of them wants.
        first_page = min(count, page_size, conversation.clamp, 10 if alone else 1)
        assert found[:first_page] == expected[:first_page]
        assert len(found) >= min(count, len(there))
    if alone and not conversation.moved:
        # What is known costs nothing, and one request shows that nothing is new.
        again, credits = await walk(pages, count, page_size=page_size)
        assert ([each.id for each in again], credits) == ([each.id for each in found], 0)
        requests, credits = conversation.requests, conversation.credits
        again, _ = await walk(pages, count, page_size=page_size, fresh=True)
        assert len(again) == len((await walk(pages, count, page_size=page_size))[0])
        if fresh and conversation.clamp >= 10 and min(page_size, len(found)) >= 20:
            assert (conversation.requests - requests, conversation.credits - credits) == (1, 1)
    if numbers:
        between = [number for number in there if numbers[-1] <= number <= numbers[0]]
        assert between == [number for number in numbers if number in there]


@settings(max_examples=5 * settings().max_examples)
@example("offset", 11, 4, 3, True, 0, [Step("walk", 0, 7), Step("delete", 0), Step("walk", 0, 7)])
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
    """With arrivals, deletions, edits, clamped and shifting pages, two callers, replicas, and expiry in the middle.

    Without totals nothing shows that offsets have moved: there is no deletion then, and a single replica.
    """
    if cursors == "offset" and not total:
        number = 0
    conversation = Conversation(cursors, list(range(length, 0, -1)), clamp, total)
    anyio.run(partial(_walks, conversation, happenings, page_size, number))
