"""Calls whose messages are in memory: what they cost, what they say of their age, and when they look for new ones."""

from dataclasses import replace

import anyio
import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import Reading, Target
from mcp_server.service import ConversationReader
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.caching import Api, Clock
from tests.support.conversations import JANE, chat, message, query, reader
from tests.support.reading import texts, told, transcript

pytestmark = pytest.mark.anyio
WITH_JANE = Target("profile_url", "https://www.linkedin.com/in/jane-doe-42")
SELF = "https://www.linkedin.com/in/john-smith-99"


def reading_from(api: Api, clock: Clock, background: TaskGroup, **options: object) -> ConversationReader:
    """A reader with an empty cache."""
    pages = CachedPages(api, TimelineCache(clock_s=clock), background, account_id="account")
    return reader(pages, self_profile=SELF, **options)


def awaited(reading: Reading) -> str | None:
    """Whose turn it is, as the answer says."""
    latest = transcript(reading).header.latest
    return None if latest is None else latest.awaited


async def test_a_slow_walk_pays_for_every_page_once(background: TaskGroup) -> None:
    """After the first pause the newest page is too old for a new call, but not for continuing."""
    api, clock = Api(chat(50)), Clock()
    walking = reading_from(api, clock, background, page_size=20)
    shown: list[str] = []
    credits_spent, cursor = 0, None
    while True:
        answer = await walking.read(query(count=50, max_tokens=270, detail="verbatim", cursor=cursor))
        shown, credits_spent, cursor = texts(answer) + shown, credits_spent + answer.credits, answer.next_cursor
        if cursor is None:
            break
        clock.now_s += 40
    assert shown == told(50)
    assert api.asked == [(None, 20), ("20", 20), ("40", 20)]
    assert credits_spent == 5


async def test_a_new_call_from_the_newest_message_sees_what_is_new(background: TaskGroup) -> None:
    """Forty seconds later, because it continues nothing."""
    api, clock = Api(chat(50)), Clock()
    reading = reading_from(api, clock, background)
    await reading.read(query(count=10))
    clock.now_s += 40
    await reading.read(query(count=10))
    assert api.asked == [(None, 10), (None, 10)]


@pytest.mark.parametrize(
    "change",
    [{"count": 30}, {"count": 5}, {"max_tokens": 900}, {"detail": "verbatim"}, {"focus": "number"}, {"since_ms": 1}],
)
async def test_an_answer_from_memory_states_its_age_and_claims_no_turn(
    change: dict[str, object], background: TaskGroup
) -> None:
    """A message may have arrived since, so an agent that has just replied is not asked to reply again."""
    api, clock = Api([message(2, sender=JANE), *chat(50)[1:]]), Clock()
    reading = reading_from(api, clock, background)
    fetched = await reading.read(replace(query(count=10), target=WITH_JANE))
    assert (awaited(fetched), fetched.notes) == ("<", ())
    api.messages.insert(0, message(60, "my reply"))
    clock.now_s += 12
    known = await reading.read(replace(query(**{"count": 10, **change}), target=WITH_JANE))
    assert "my reply" not in texts(known)
    assert awaited(known) is None
    assert known.notes == ("From memory, 12 seconds old.",)
    assert f"! {known.notes[0]}\n" in str(known.structured["transcript"])


async def test_a_call_repeated_word_for_word_fetches_the_newest_page_again(background: TaskGroup) -> None:
    """Right after its answer, whether that came from the API or from memory; every time."""
    api, clock = Api(chat(50)), Clock()
    reading = reading_from(api, clock, background)
    await reading.read(query(count=10))
    api.messages.insert(0, message(60, "arrived"))
    repeated = await reading.read(query(count=10))
    assert texts(repeated)[-1] == "arrived"
    assert (repeated.notes, repeated.credits) == ((), 1)
    known = await reading.read(query(count=5))
    assert known.credits == 0
    api.messages.insert(0, message(61, "arrived later"))
    repeated = await reading.read(query(count=5))
    assert texts(repeated)[-1] == "arrived later"
    assert (await reading.read(query(count=5))).credits == 1


async def test_a_repeat_while_the_first_call_is_running_joins_it(background: TaskGroup) -> None:
    """It is a retry of the client, and no insisting: one request, and both answers are as fresh as it."""
    api, clock = Api(chat(50)), Clock()
    api.close()
    reading = reading_from(api, clock, background)
    answers: list[Reading] = []

    async def call() -> None:
        answers.append(await reading.read(replace(query(count=10), target=WITH_JANE)))

    async with anyio.create_task_group() as tasks:
        for _ in range(2):
            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
        api.open.set()
    assert len(api.asked) == 1
    assert sorted(answer.credits for answer in answers) == [0, 1]
    assert [answer.notes for answer in answers] == [(), ()]
    assert awaited(answers[0]) == awaited(answers[1]) is not None


async def test_a_client_that_calls_three_times_without_cancelling_pays_once_and_then_for_the_newest_page(
    background: TaskGroup,
) -> None:
    """As CrewAI does: each time the answer takes too long, it calls again, and the earlier calls go on."""
    api, clock = Api(chat(50)), Clock()
    reading = reading_from(api, clock, background, page_size=10)
    api.close()
    answers: list[Reading] = []

    async def call() -> None:
        answers.append(await reading.read(query(count=50)))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            clock.now_s += 31
        api.open.set()
    requests = [(cursor, 10) for cursor in (None, "10", "20", "30", "40")]
    assert api.asked == requests
    assert [texts(answer) for answer in answers] == [told(50)] * 3
    assert sum(answer.credits for answer in answers) == 5
    assert (await reading.read(query(count=50))).credits == 1
    assert api.asked == [*requests, (None, 10)]


async def test_a_repeated_call_with_a_cursor_is_answered_from_memory(background: TaskGroup) -> None:
    """A cursor says where to read; what is new is not there."""
    api, clock = Api(chat(50)), Clock()
    reading = reading_from(api, clock, background)
    first = await reading.read(query(count=10))
    older = await reading.read(query(count=10, cursor=first.next_cursor))
    clock.now_s += 180
    older = await reading.read(query(count=10, cursor=first.next_cursor))
    assert texts(older) == told(50)[30:40]
    assert older.credits == 0
    assert older.notes == ("From memory, up to 3 minutes old.",)
    assert len(api.asked) == 2


async def test_credits_of_calls_that_grow(background: TaskGroup) -> None:
    """Ten messages, then sixty, then the same sixty half a minute later: six credits, and one for what may be new."""
    api, clock = Api(chat(100)), Clock()
    reading = reading_from(api, clock, background)
    spent = [(await reading.read(query(count=count))).credits for count in (10, 60)]
    clock.now_s += 33
    spent.append((await reading.read(query(count=60))).credits)
    assert spent == [1, 5, 1]
    assert api.credits == 7


async def test_an_answer_knows_what_its_messages_from_memory_would_have_cost(background: TaskGroup) -> None:
    """By the price that the API has charged so far."""
    api, clock = Api(chat(100)), Clock()
    reading = reading_from(api, clock, background)
    answers = [await reading.read(query(count=count)) for count in (10, 60, 35)]
    assert [(answer.credits, answer.credits_saved) for answer in answers] == [(1, 0), (5, 1), (0, 4)]
