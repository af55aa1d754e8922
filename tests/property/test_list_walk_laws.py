"""Laws of walking through the list: no conversation is lost or repeated, whatever happens between the calls."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import anyio
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_server.conversation.listed import Show
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, ListQuery, Message, NotCached, Page, Target
from mcp_server.errors import InvalidArguments
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.caching import Clock
from tests.support.conversations import counter
from tests.support.inbox import NEWEST_MS, listed, lister

Cursors = Literal["places", "offsets"]


class Inbox:
    """A list of conversations. Its cursors are the place of the last one (time and id), as the API's, or offsets."""

    def __init__(self, conversations: Sequence[Message], cursors: Cursors, most: int) -> None:
        self.conversations = list(conversations)
        self.credits = 0
        self._cursors = cursors
        self._most = most

    def say(self, name: str) -> None:
        """Let a message arrive in this conversation, which moves it to the top."""
        found = next(each for each in self.conversations if each.listed is not None and each.listed.name == name)
        newest_ms = max(each.sent_at_ms or 0 for each in self.conversations)
        self.conversations.remove(found)
        self.conversations.insert(0, replace(found, text="Something new", sent_at_ms=newest_ms + 1))

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        start = 0
        if cursor is not None and self._cursors == "offsets":
            start = int(cursor)
        elif cursor is not None:
            at_ms, _, identity = cursor.partition(" ")
            place = (int(at_ms), identity)
            start = sum((each.sent_at_ms or 0, each.id) >= place for each in self.conversations)
        batch = self.conversations[start : start + min(count, self._most)]
        self.credits += (credits := -(-len(batch) // 10))
        more = start + len(batch) < len(self.conversations)
        offset = str(start + len(batch))
        following = offset if self._cursors == "offsets" else f"{batch[-1].sent_at_ms} {batch[-1].id}" if batch else ""
        return Page(tuple(batch), following if more else None, credits=credits, requested=count)


def conversations(ties: Sequence[int]) -> list[Message]:
    """As many as there are numbers; each number is how many steps of time lie before the next, 0 for none."""
    made, at_ms = [], NEWEST_MS
    for number, step in enumerate(ties):
        made.append(listed(number, at_ms=at_ms, unread=number % 2, mine=number % 3 == 0))
        at_ms -= step * 3_600_000
    return sorted(made, key=lambda each: (each.sent_at_ms or 0, each.id), reverse=True)


async def walked(
    inbox: Inbox, asked: ListQuery, budgets: Sequence[int], pauses: Sequence[int], arrivals: Sequence[int]
) -> tuple[list[str], set[str], int]:
    """The names shown, those with a new message since the walk began, and the credits of all answers."""
    clock, shown, moved, credits, cursor = Clock(), list[str](), set[str](), 0, None
    names = [each.listed.name for each in inbox.conversations if each.listed is not None]
    async with anyio.create_task_group() as background:
        pages = CachedPages(inbox, TimelineCache(clock_s=clock), background, account_id="account")
        listing = lister(pages)
        for call in range(300):
            budget = budgets[call % len(budgets)]
            answer = await listing.read(replace(asked, cursor=cursor, max_tokens=budget))
            assert counter().count(answer.text) <= budget
            shown += [item.name for item in parse(answer.text).items if isinstance(item, ListedEntry)]
            credits, cursor = credits + answer.credits, answer.next_cursor
            if cursor is None:
                return shown, moved, credits
            clock.now_s += pauses[call % len(pauses)]
            for number in arrivals[call * 2 : call * 2 + 2]:
                inbox.say(names[number % len(names)])
                moved.add(names[number % len(names)])
    raise AssertionError("the walk does not end")


@given(
    st.lists(st.integers(0, 2), max_size=45),
    st.sampled_from(["places", "offsets"]),
    st.sampled_from([3, 10, 100]),
    st.sampled_from([1, 4, 10, 25, 200]),
    st.sampled_from(["all", "unread", "to_answer"]),
    st.lists(st.sampled_from([300, 450, 2000, 20_000]), min_size=1, max_size=3),
    st.lists(st.sampled_from([0, 20, 40, 1000]), min_size=1, max_size=4),
    st.lists(st.integers(0, 44), max_size=12),
)
@example([1, 1], "places", 3, 1, "all", [300], [1000], [1])
@example([1] * 30, "offsets", 100, 10, "all", [2000], [0], [9, 20])
def test_a_walk_shows_each_conversation_once_while_messages_arrive(
    ties: list[int],
    cursors: Cursors,
    most: int,
    count: int,
    show: Show,
    budgets: list[int],
    pauses: list[int],
    arrivals: list[int],
) -> None:
    """What it does not show has moved to the top since it began; every credit spent is reported once.

    Where messages arrive, no two conversations have one time, as a conversation that has moved is passed over by its
    old time.
    """
    if arrivals:
        ties = [max(1, step) for step in ties]
    inbox = Inbox(conversations(ties), cursors, most)
    asked = ListQuery(count, show=show)
    expected = {
        each.listed.name
        for each in inbox.conversations
        if each.listed is not None
        and (show == "all" or (each.listed.unread > 0 if show == "unread" else each.listed.awaits_answer))
    }
    try:
        shown, moved, credits = anyio.run(partial(walked, inbox, asked, budgets, pauses, arrivals))
    except InvalidArguments:
        assert min(budgets) == 300
        return
    assert len(shown) == len(set(shown))
    assert set(shown) <= expected
    assert expected - set(shown) <= moved
    assert credits == inbox.credits
