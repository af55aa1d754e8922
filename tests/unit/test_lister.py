"""Listing conversations over pages as odd as they come: what is shown, what it costs, what is remembered."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.known_people import KnownPeople
from mcp_server.conversation.models import ListQuery, Message, Reading
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.lister import ConversationLister
from mcp_server.listing.grammar import ConversationList, ListedEntry
from mcp_server.listing.parse import parse
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.caching import Api, Clock
from tests.support.conversations import JOHN, MemorySource, chat, query, reader
from tests.support.inbox import NEWEST_MS, conversation_id, inbox, listed, lister
from tests.support.reading import transcript

pytestmark = pytest.mark.anyio


class Inbox(Api):
    """A list whose cursors are places in time, as the API's are, so that pages do not shift."""

    async def page(self, target, *, cursor, count, deadline, policy=None):  # type: ignore[no-untyped-def]  # as its base
        start = 0
        if cursor is not None:
            start = sum((message.sent_at_ms or 0) >= int(cursor) for message in self.messages)
        page = await MemorySource(self.messages, total=False).page(
            target, cursor=str(start), count=count, deadline=deadline
        )
        self.asked.append((cursor, count))
        self.credits += page.credits
        last = page.messages[-1].sent_at_ms if page.messages else None
        return type(page)(page.messages, None if page.next_cursor is None else str(last), credits=page.credits)


def listing(api: object, clock: Clock, background: TaskGroup, **options: Any) -> ConversationLister:
    """A lister with an empty memory."""
    pages = CachedPages(api, TimelineCache(clock_s=clock), background, account_id="account")  # type: ignore[arg-type]  # any source
    return lister(pages, **options)


def read_back(reading: Reading) -> ConversationList:
    return parse(reading.text)


def entries(*readings: Reading) -> list[ListedEntry]:
    return [item for each in readings for item in read_back(each).items if isinstance(item, ListedEntry)]


def names(*readings: Reading) -> list[str]:
    return [entry.name for entry in entries(*readings)]


async def walk(
    reader: ConversationLister, asked: ListQuery, between: Callable[[], None] = lambda: None
) -> list[Reading]:
    """All answers of a walk; `between` is called after each."""
    readings = [await reader.read(asked)]
    while readings[-1].next_cursor is not None:
        assert len(readings) < 200
        between()
        readings.append(await reader.read(replace(asked, cursor=readings[-1].next_cursor)))
    return readings


@pytest.mark.parametrize("max_tokens", [200, 300, 2000])
@pytest.mark.parametrize("count", [1, 7, 20, 200])
async def test_a_walk_shows_every_conversation_once(background: TaskGroup, count: int, max_tokens: int) -> None:
    """Whatever fits an answer, and however many are looked at in one."""
    readings = await walk(listing(Inbox(inbox(45)), Clock(), background), ListQuery(count, max_tokens))
    assert names(*readings) == [f"Person {number}" for number in range(45)]
    assert readings[-1].text.endswith("No older conversations.")


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pause_s", [0, 40, 1000])
async def test_nothing_is_lost_or_repeated_while_messages_arrive(
    background: TaskGroup, seed: int, pause_s: float
) -> None:
    """What a walk does not show has moved to the top of the list since it began, and a new list shows it there."""
    draw, clock = random.Random(seed), Clock()
    api = Inbox(inbox(40))
    began_ms = NEWEST_MS

    def arrive() -> None:
        clock.now_s += pause_s
        for _ in range(draw.randrange(3)):
            moved = api.messages.pop(draw.randrange(len(api.messages)))
            assert moved.listed is not None
            newest_ms = max(message.sent_at_ms or 0 for message in api.messages)
            number = int(moved.listed.name.split()[1])
            api.messages.insert(0, listed(number, "Something new", at_ms=max(newest_ms, began_ms) + 1000))

    walking = listing(api, clock, background)
    readings = await walk(walking, ListQuery(draw.choice([5, 12]), draw.choice([250, 2000])), arrive)
    shown = names(*readings)
    assert len(shown) == len(set(shown))
    clock.now_s += 31
    fresh = await walk(walking, ListQuery(200, 20_000))
    moved = {message.listed.name for message in api.messages if message.listed and (message.sent_at_ms or 0) > began_ms}
    assert set(names(*fresh)) == {f"Person {number}" for number in range(40)}
    assert set(shown) | moved == set(names(*fresh))
    assert "call again without cursor" in readings[-1].text


async def test_a_walk_whose_next_conversation_has_moved_to_the_top_continues_after_its_place(
    background: TaskGroup,
) -> None:
    """Not from the top, where it would show again what it has shown; and it says where that conversation is."""
    api, clock = Inbox(inbox(9)), Clock()
    reader = listing(api, clock, background)
    first = await reader.read(ListQuery(4))
    api.messages.insert(0, listed(4, "New", at_ms=NEWEST_MS + 1))
    del api.messages[5]
    clock.now_s += 1000
    rest = await reader.read(ListQuery(9, cursor=first.next_cursor))
    assert names(first, rest) == [f"Person {number}" for number in (0, 1, 2, 3, 5, 6, 7, 8)]
    assert "The conversation this cursor points to has moved to the top of the list." in rest.text


async def test_requests_are_filled_up_and_kept(background: TaskGroup) -> None:
    """Five cost as much as ten, so ten are asked for; the next five, and the same list again, cost nothing."""
    api, clock = Inbox(inbox(45)), Clock()
    reader = listing(api, clock, background)
    first = await reader.read(ListQuery(5))
    second = await reader.read(ListQuery(5, cursor=first.next_cursor))
    third = await reader.read(ListQuery(6))
    assert (first.credits, second.credits, third.credits) == (1, 0, 0)
    assert names(first, second) == [f"Person {number}" for number in range(10)]
    assert api.asked == [(None, 10)]
    clock.now_s += 30
    assert (await reader.read(ListQuery(7))).credits == 1


async def test_a_list_that_is_asked_for_again_is_fetched_again(background: TaskGroup) -> None:
    """Word for word: the caller waits for something new."""
    api, clock = Inbox(inbox(5)), Clock()
    reader = listing(api, clock, background)
    await reader.read(ListQuery())
    api.messages.insert(0, listed(9, at_ms=NEWEST_MS + 1))
    assert names(await reader.read(ListQuery()))[0] == "Person 9"


async def test_what_is_known_of_a_list_is_joined_to_what_is_new(background: TaskGroup) -> None:
    """After half a minute one request of ten shows that the rest has not changed."""
    api, clock = Inbox(inbox(45)), Clock()
    reader = listing(api, clock, background)
    assert (await reader.read(ListQuery(40, 20_000))).credits == 4
    clock.now_s += 31
    moved = api.messages.pop(33)
    api.messages.insert(0, listed(33, "New", at_ms=NEWEST_MS + 1))
    again = await reader.read(ListQuery(40, 20_000))
    assert moved.listed is not None
    assert (again.credits, names(again)[0], len(entries(again))) == (1, "Person 33", 40)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ListQuery(9, show="unread"), ["Person 4", "Person 8"]),
        (ListQuery(9, show="to_answer"), ["Person 0", "Person 1", "Person 3", "Person 4", "Person 6", "Person 7"]),
        (ListQuery(9, query="PERSON 8"), ["Person 8"]),
        (ListQuery(9, query="invoice"), ["Person 2"]),
        (ListQuery(9, query="invoice person"), ["Person 2"]),
        (ListQuery(9, query="person-7"), ["Person 7"]),
        (ListQuery(9, query="nobody"), []),
        (ListQuery(9, query="...", show="unread"), ["Person 4", "Person 8"]),
    ],
)
async def test_an_answer_says_of_how_many_it_shows_those_that_match(asked: ListQuery, expected: list[str]) -> None:
    """In names, headlines, profiles and last messages; what was not looked at is not known."""
    conversations = inbox(30)
    conversations[2] = listed(2, mine=True, headline="Invoices and more")
    reading = await lister(MemorySource(conversations)).read(asked)
    header = read_back(reading).header
    assert names(reading) == expected
    assert (header.looked_at, header.matched, header.shown) == (9, len(expected), len(expected))
    assert header.to_answer == 6
    assert (header.show, header.search is not None) == (asked.show, asked.query is not None)
    assert reading.next_cursor is not None


async def test_the_whole_budget_is_for_those_that_match() -> None:
    """The others take none of it; the cursor leads to what was not looked at, and without the query all are free."""
    conversations = [listed(number, f"{number % 20 or 'The invoice'}: {'and so on ' * 20}end") for number in range(80)]
    reader = lister(MemorySource(conversations))
    found = await reader.read(ListQuery(60, 500, query="invoice"))
    assert names(found) == ["Person 0", "Person 20", "Person 40"]
    assert all(entry.text.endswith("end") for entry in entries(found))
    rest = await reader.read(ListQuery(60, 500, query="invoice", cursor=found.next_cursor))
    assert (names(rest), rest.next_cursor) == (["Person 60"], None)
    everyone = entries(await reader.read(ListQuery(60, 500)))
    assert len(everyone) > 3
    assert not any(entry.text for entry in everyone)


async def test_two_conversations_with_one_profile_are_named_by_their_ids() -> None:
    """The API would resolve the profile to one of them."""
    twins = [listed(number, profile="in/twin") for number in (1, 2)] + [listed(3), listed(4, profile=None)]
    shown = entries(await lister(MemorySource(twins)).read(ListQuery()))
    assert [entry.target for entry in shown] == [
        conversation_id(1),
        conversation_id(2),
        "in/person-3",
        conversation_id(4),
    ]


async def test_what_has_neither_id_nor_profile_is_listed_but_not_to_be_read() -> None:
    """It is counted, so it is shown."""
    (entry,) = entries(await lister(MemorySource([listed(profile=None, has_id=False)])).read(ListQuery()))
    assert entry.target == "-"


async def test_the_list_tells_the_first_tool_who_is_me() -> None:
    """As soon as one of its last messages is the owner's, and from then on."""
    people = KnownPeople()
    reading = reader(MemorySource(chat(4)), people=people)
    assert "(me)" not in (await reading.read(query())).text
    await lister(MemorySource([listed(1), listed(2, mine=True, owner=JOHN.profile)]), people).read(ListQuery())
    await lister(MemorySource([listed(1)]), people).read(ListQuery())
    assert [(each.name, each.mark) for each in transcript(await reading.read(query())).speakers if each.me] == [
        (JOHN.name, "<")
    ]


@pytest.mark.parametrize("count", [0, 201])
async def test_a_count_beyond_the_limits_is_refused_before_any_request(count: int) -> None:
    """For callers that are no clients."""
    source = MemorySource(inbox(3))
    with pytest.raises(InvalidArguments):
        await lister(source).read(ListQuery(count))
    assert source.asked == []


@pytest.mark.parametrize("length", [0, 1, 2])
async def test_a_budget_that_holds_no_conversation_is_refused(length: int) -> None:
    """With the advice to raise it."""
    with pytest.raises(InvalidArguments, match="max_tokens is too small for this list"):
        await lister(MemorySource(inbox(length))).read(ListQuery(max_tokens=200, notes=("a long note " * 60,)))


async def test_a_cursor_is_bound_to_its_list(background: TaskGroup) -> None:
    """One of another account, or of a conversation, is refused before any request."""
    cursor = (await lister(MemorySource(inbox(30)), secret="other key").read(ListQuery(5))).next_cursor
    of_conversation = (await reader(MemorySource(inbox(30))).read(query())).next_cursor
    source = MemorySource(inbox(3))
    for wrong in (cursor, of_conversation, "x", ""):
        with pytest.raises(InvalidCursor, match="this list"):
            await lister(source).read(ListQuery(cursor=wrong))
    assert source.asked == []


async def test_an_empty_list_is_an_answer() -> None:
    """Nothing in it, and nothing after it."""
    reading = await lister(MemorySource([])).read(ListQuery())
    assert reading.text == ("0 looked at (UTC), 0 matched, 0 shown, 0 to answer. 0 credits.\nNo older conversations.")


async def test_undated_conversations_are_listed_in_their_place() -> None:
    """No date is invented for them."""
    conversations: Sequence[Message] = [listed(1), listed(2, at_ms=None), listed(3, at_ms=None, mine=None)]
    shown = entries(await lister(MemorySource(conversations)).read(ListQuery()))
    assert [(entry.time, entry.turn) for entry in shown][1:] == [("??:??", ">"), ("??:??", "?")]
