"""The size of requests: filled up to what is paid for, and growing while the API is fast; what skipping costs."""

import re
from dataclasses import replace

import anyio
import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import InvalidArguments, RequestRejected
from mcp_server.transcript.grammar import Gap
from mcp_server.upstream.cache import CachedPages, TimelineCache
from mcp_server.upstream.timeline_run import NEWEST_TTL_S, OLDER_TTL_S
from tests.support.conversations import chat, message, query, reader
from tests.support.prices import Charging, by_message, by_request
from tests.support.reading import texts, told, transcript

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_requests_are_filled_up_to_what_is_paid_for(background: TaskGroup) -> None:
    """Three messages are shown of ten that cost the same; the others answer the next calls."""
    source = Charging(chat(60))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account"))
    answers = [await conversation.read(query(count=3))]
    for _ in range(3):
        answers.append(await conversation.read(query(count=3, cursor=answers[-1].next_cursor)))
    assert texts(*answers) == told(60)[-12:]
    assert [answer.credits for answer in answers] == [1, 0, 0, 1]
    assert source.asked == [(None, 10), ("10", 10)]


async def test_the_unit_of_the_price_is_a_setting() -> None:
    source = Charging(chat(60))
    await reader(source, messages_per_credit=25).read(query(count=3))
    assert source.asked == [(None, 25)]


async def test_an_api_that_charges_for_each_message_gets_one_request_that_is_filled_up() -> None:
    source = Charging(chat(60), by_message)
    conversation = reader(source)
    await conversation.read(query(count=3))
    await conversation.read(query(count=4))
    assert source.asked == [(None, 10), (None, 4)]


async def test_an_api_that_charges_for_each_request_gets_large_ones() -> None:
    """Once it has shown that."""
    source = Charging(chat(300), by_request)
    conversation = reader(source)
    await conversation.read(query(count=50))
    await conversation.read(query(count=4))
    assert source.asked == [(None, 50), (None, 50)]


async def test_a_walk_that_ends_at_since_begins_with_one_unit_and_doubles() -> None:
    """Eleven messages are later than `since`; a call for 300 does not fetch 50 for them."""
    source = Charging(chat(300))
    reading = await reader(source).read(query(count=300, since_ms=message(288).sent_at_ms, max_tokens=20_000))
    assert texts(reading) == told(300)[-11:]
    assert source.asked == [(None, 10), ("10", 20)]


async def test_requests_grow_while_the_api_is_fast() -> None:
    """1,000 messages in three requests; a verbatim answer, which may be full soon, keeps to the first size."""
    source = Charging(chat(1000))
    reading = await reader(source).read(query(count=1000))
    assert [count for _, count in source.asked] == [50, 200, 750]
    assert reading.structured["covered"] == 1000
    source.asked.clear()
    await reader(source).read(query(count=1000, detail="verbatim"))
    assert {count for _, count in source.asked} == {50}


async def test_the_largest_request_is_a_setting() -> None:
    source = Charging(chat(300))
    await reader(source, max_page_size=100).read(query(count=300))
    assert [count for _, count in source.asked] == [50, 100, 100, 50]


@pytest.mark.parametrize(("most", "requests"), [(50, 22), (70, 22), (100, 12)])
async def test_a_refused_size_is_not_tried_again(most: int, requests: int) -> None:
    """The API gives `most` messages at most and refuses more, at no charge; the next call knows."""

    class Refusing(Charging):
        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            if count > most:
                self.asked.append((cursor, -count))
                raise RequestRejected(f'The API rejected the request, in its words: "count must be at most {most}."')
            return await super().page(target, cursor=cursor, count=count, deadline=deadline)

    source = Refusing(chat(1000))
    conversation = reader(source)
    reading = await conversation.read(query(count=1000, max_tokens=20_000))
    assert (reading.structured["covered"], reading.notes) == (1000, ())
    assert all(number > 0 for _, number in source.asked[4:])
    assert len(source.asked) == requests
    source.asked.clear()
    await conversation.read(query(count=1000))
    assert all(number > 0 for _, number in source.asked)


async def test_a_short_page_teaches_the_apis_maximum() -> None:
    """It gives 50 messages at most, whatever is requested: one request for more is enough to know."""
    source = Charging(chat(1000), most=50)
    await reader(source).read(query(count=1000))
    assert [count for _, count in source.asked][:4] == [50, 200, 50, 50]
    assert len(source.asked) == 20


async def test_a_slow_api_gets_no_larger_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of 50 takes five seconds."""
    clock = Clock()
    monkeypatch.setattr(anyio, "current_time", clock)

    class Slow(Charging):
        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            clock.now_s += count / 10
            return await super().page(target, cursor=cursor, count=count, deadline=deadline)

    source = Slow(chat(300))
    await reader(source).read(query(count=300))
    assert {count for _, count in source.asked} == {50}


async def test_an_expired_gap_costs_what_was_asked_for_or_is_refused_with_its_price(background: TaskGroup) -> None:
    """`count` 1 never pays for the messages before it; the advice names a call that shows all that is paid for."""
    clock, source = Clock(), Charging(chat(300))
    pages = CachedPages(source, TimelineCache(clock_s=clock), background, account_id="account")
    conversation = reader(pages, max_page_size=50)
    reading = await conversation.read(query(count=300, max_tokens=1000))
    window = reading.structured["window_cursor"]
    for number in (entry.at for entry in transcript(reading).entries if isinstance(entry, Gap)):
        assert number is not None
        clock.now_s += OLDER_TTL_S
        source.bill = 0
        with pytest.raises(InvalidArguments) as caught:
            await conversation.read(query(cursor=f"{window}:{number}", count=1))
        assert (source.bill, caught.value.credits_spent) == (0, 0)
        refusal = re.fullmatch(
            rf"invalid_arguments: Message \[{number}\] is no longer in memory, and the API can only be read from "
            r"message \[(\d+)\] on, for about (\d+) credits\. To spend them, call again with count (\d+) and the same "
            r"cursor ending in :\1\. Credits spent: 0\.",
            caught.value.explain(),
        )
        assert refusal is not None
        nearest, price, count = map(int, refusal.groups())
        paid = await conversation.read(query(cursor=f"{window}:{nearest}", count=count, max_tokens=20_000))
        assert 1 < paid.credits <= price
        assert texts(paid)[0] == message(299 - number).text
    clock.now_s += OLDER_TTL_S
    assert (await conversation.read(query(cursor=f"{window}:9", count=1))).credits == 1


async def test_a_gap_in_memory_is_free(background: TaskGroup) -> None:
    """However many pages lie between it and the nearest one that the cursor lists."""
    source = Charging(chat(300))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account"), max_page_size=50)
    reading = await conversation.read(query(count=300, max_tokens=1000))
    one = await conversation.read(query(cursor=f"{reading.structured['window_cursor']}:290", count=1))
    assert (texts(one), one.credits) == ([message(9).text], 0)


async def test_whose_turn_it_is_is_known_from_messages_that_are_not_shown() -> None:
    """One message is asked for, and the other person is known from those that cost nothing more."""
    conversation = reader(Charging(chat(30)), self_profile="https://www.linkedin.com/in/jane-doe-42")
    with_john = Target("profile_url", "https://www.linkedin.com/in/john-smith-99")
    reading = await conversation.read(replace(query(count=1), target=with_john))
    assert len(texts(reading)) == 1
    latest = transcript(reading).header.latest
    assert latest is not None
    assert (latest.mark, latest.awaited) == (">", "<")
    assert [(speaker.mark, speaker.me) for speaker in transcript(reading).speakers] == [(">", False), ("<", True)]
    asked = await conversation.read(
        replace(query(count=1), target=Target("profile_url", "https://www.linkedin.com/in/john-smith-99"))
    )
    assert "to answer" in asked.text


async def test_cached_pages_are_read_beyond_the_limit(background: TaskGroup) -> None:
    """The newest page is fetched again for the one credit that the call may spend; the others cost nothing."""
    clock, source = Clock(), Charging(chat(60))
    cache = TimelineCache(clock_s=clock)
    await reader(CachedPages(source, cache, background, account_id="account")).read(query(count=60))
    clock.now_s += NEWEST_TTL_S
    source.asked.clear()
    limited = reader(CachedPages(source, cache, background, account_id="account"), max_credits=1)
    reading = await limited.read(query(count=60, max_tokens=20_000))
    assert (texts(reading), reading.credits) == (told(60), 1)
    assert source.asked == [(None, 10)]
