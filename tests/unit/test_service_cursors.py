"""The API's own cursors: times that lead nowhere, and cursors that the API has forgotten."""

from dataclasses import replace

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import Message
from mcp_server.errors import RequestRejected, UpstreamError
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import MemorySource, chat, message, query, reader
from tests.support.odd_sources import Changed, ExpiringCursors, InclusiveTimes
from tests.support.reading import FaultySource, remarks, texts, told

pytestmark = pytest.mark.anyio

RESTARTED = "The API no longer accepts this cursor, so its place was searched for from the newest message on."
START_AGAIN = "Call again without cursor to start from the newest message."


def same_time(length: int, tied: int) -> list[Message]:
    """A chat whose newest messages have one time."""
    messages = chat(length)
    return [replace(each, sent_at_ms=messages[0].sent_at_ms) for each in messages[:tied]] + messages[tied:]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("count", "tied"), [(1, 2), (3, 4), (10, 12), (10, 30)])
async def test_a_time_cursor_that_leads_to_itself_is_tried_with_a_full_page(
    count: int, tied: int, cached: bool, background: TaskGroup
) -> None:
    """More messages of one time than `count`: the whole conversation is still read, once and in order."""
    source = InclusiveTimes(same_time(60, tied))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account") if cached else source)
    answers = [await conversation.read(query(count=count, max_tokens=20_000))]
    while (cursor := answers[-1].next_cursor) is not None:
        answers.append(await conversation.read(query(count=count, max_tokens=20_000, cursor=cursor)))
    assert texts(*answers) == told(60)
    assert [remarks(answer) for answer in answers] == [()] * len(answers)


async def test_more_messages_of_one_time_than_a_full_page_end_reading() -> None:
    """No longer page can be requested, so the note says that the API's pages lead nowhere."""
    conversation = reader(InclusiveTimes(same_time(60, 55)), page_size=20)
    reading = await conversation.read(query(count=60, max_tokens=20_000))
    assert texts(reading) == told(60)[-20:]
    assert reading.notes == ("The API repeats its pages; reading stopped here.",)


async def test_a_longer_cached_page_is_enough(background: TaskGroup) -> None:
    """A call for 50 messages does not stop at the page that a call for 10 has left in the cache."""
    source = InclusiveTimes(same_time(60, 12))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account"))
    await conversation.read(query(count=10))
    reading = await conversation.read(query(count=50, max_tokens=20_000))
    assert (texts(reading), remarks(reading)) == (told(60)[-50:], ())


@pytest.mark.parametrize("cached", [False, True])
async def test_a_cursor_that_the_api_has_forgotten_is_found_again_from_the_newest_message(
    cached: bool, background: TaskGroup
) -> None:
    """With messages that arrived meanwhile: nothing is lost, repeated or unsaid."""
    source = ExpiringCursors(chat(60))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account") if cached else source)
    first = await conversation.read(query(count=20, max_tokens=20_000))
    source.expire()
    source.messages[:0] = [message(number) for number in range(62, 59, -1)]
    second = await conversation.read(query(count=20, max_tokens=20_000, cursor=first.next_cursor))
    assert texts(first, second) == told(60)[-40:]
    assert remarks(second) == (RESTARTED,)
    assert second.credits <= 5
    third = await conversation.read(query(count=20, max_tokens=20_000, cursor=second.next_cursor))
    assert (texts(third), remarks(third), third.next_cursor) == (told(60)[:20], (), None)


async def test_a_cursor_forgotten_in_the_middle_of_a_message_resumes_there() -> None:
    """By the characters already shown."""
    long = "".join(f"word {number} " for number in range(2000))
    source = ExpiringCursors([*chat(3), message(-1, long), message(-2)])
    conversation = reader(source)
    options: dict[str, object] = {"count": 5, "max_tokens": 500, "detail": "verbatim"}
    first = await conversation.read(query(**options))
    middle = await conversation.read(query(cursor=first.next_cursor, **options))
    source.expire()
    after = await conversation.read(query(cursor=middle.next_cursor, **options))
    shown = texts(middle)[0]
    assert long.startswith(shown + texts(after)[0])


async def test_a_cursor_forgotten_within_a_call_is_found_again_too() -> None:
    """Between its second and its third page."""
    source = ExpiringCursors(chat(60))

    def expire() -> None:
        if len(source.asked) == 2:
            source.expire()

    source.before = expire
    reading = await reader(source, page_size=20).read(query(count=60, max_tokens=20_000))
    assert texts(reading) == told(60)
    assert reading.notes == (RESTARTED,)


async def test_a_cursor_forgotten_again_is_found_again() -> None:
    """Twice within a call, with progress in between; the note says it once."""
    source = ExpiringCursors(chat(100))

    def expire() -> None:
        if len(source.asked) in (2, 6):
            source.expire()

    source.before = expire
    reading = await reader(source, page_size=20).read(query(count=100, max_tokens=20_000))
    assert (texts(reading), reading.notes) == (told(100), (RESTARTED,))


async def test_a_place_that_cannot_be_found_again_is_refused_with_advice() -> None:
    """The message is gone and undated; the search ends after as many messages as the cursor saved."""
    source = ExpiringCursors([replace(each, sent_at_ms=None) for each in chat(400)])
    conversation = reader(source, page_size=10)
    first = await conversation.read(query(count=20))
    source.expire()
    del source.messages[19]
    with pytest.raises(RequestRejected) as caught:
        await conversation.read(query(count=20, cursor=first.next_cursor))
    assert caught.value.explain() == (
        "request_rejected: The API no longer accepts its cursor, and the place to continue from was not found again. "
        f"{START_AGAIN} Credits spent: {caught.value.credits_spent}."
    )
    assert caught.value.credits_spent <= 4


async def test_a_place_without_time_and_number_is_not_searched_for() -> None:
    """Nothing would end the search, so nothing is spent on it."""
    source = ExpiringCursors([replace(each, sent_at_ms=None) for each in chat(60)], total=False)
    conversation = reader(source)
    first = await conversation.read(query(count=20))
    source.expire()
    source.asked.clear()
    with pytest.raises(RequestRejected) as caught:
        await conversation.read(query(count=20, cursor=first.next_cursor))
    assert (len(source.asked), caught.value.advice, caught.value.credits_spent) == (1, START_AGAIN, 0)


async def test_the_end_of_a_failed_search_within_a_call_is_a_note() -> None:
    """The messages read so far are answered."""
    undated = [replace(each, sent_at_ms=None) for each in chat(60)]
    source = ExpiringCursors(undated)

    def expire() -> None:
        if len(source.asked) == 2:
            source.expire()
            del source.messages[39]

    source.before = expire
    reading = await reader(source, page_size=20).read(query(count=60, max_tokens=20_000))
    assert texts(reading) == told(60)[-40:]
    assert reading.notes[-1].endswith(f"the place to continue from was not found again. {START_AGAIN}")


async def test_a_refusal_that_has_nothing_to_do_with_the_cursor_is_raised() -> None:
    """The newest page is refused too: the target is wrong, not the cursor."""
    refusals: dict[int, UpstreamError] = {number: RequestRejected("The API rejected the request.") for number in (1, 2)}
    source = FaultySource(chat(60), refusals)
    conversation = reader(source, page_size=10)
    first = await conversation.read(query(count=10))
    with pytest.raises(RequestRejected) as caught:
        await conversation.read(query(count=10, cursor=first.next_cursor))
    assert caught.value.advice == RequestRejected.advice


async def test_since_is_not_reached_by_one_old_message_among_newer_ones() -> None:
    """Half a day apart, the third newest dated 400 days back: it alone is left out, with a note about the order."""
    day_ms = 86_400_000
    messages = [
        replace(each, sent_at_ms=1_790_000_000_000 - number * day_ms // 2) for number, each in enumerate(chat(60))
    ]
    messages[2] = replace(messages[2], sent_at_ms=1_790_000_000_000 - 400 * day_ms)
    since_ms = 1_790_000_000_000 - 50 * day_ms
    reading = await reader(MemorySource(messages), page_size=10).read(
        query(count=60, max_tokens=20_000, since_ms=since_ms)
    )
    assert texts(reading) == [text for text in told(60) if text != messages[2].text]
    assert reading.notes == ("The messages are not in order of time; reading continued past an older one.",)
    assert reading.text.endswith("\nNo older messages.")


async def test_a_repeated_identity_with_another_text_is_shown() -> None:
    """Two different messages of one identity, on two pages."""
    messages = chat(30)
    messages[15] = replace(messages[15], id=messages[3].id)
    reading = await reader(Changed(messages, lambda page: page), page_size=10).read(query(count=30, max_tokens=20_000))
    assert texts(reading) == told(30)
