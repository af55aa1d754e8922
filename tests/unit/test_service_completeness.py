"""What an answer says about messages that did not arrive, and where reading cannot continue."""

from dataclasses import replace

import pytest

from mcp_server.conversation.models import Message, Page, Reading
from mcp_server.transcript.grammar import End
from tests.support.conversations import MemorySource, chat, message, query, reader
from tests.support.odd_sources import Changed, ExclusiveTimes, LongCursors, Losing
from tests.support.reading import texts, told, transcript

pytestmark = pytest.mark.anyio


async def whole_walk(source: MemorySource, *, count: int = 10) -> list[Reading]:
    """All answers from the newest message to the end."""
    conversation = reader(source, page_size=10)
    answers = [await conversation.read(query(count=count, max_tokens=20_000))]
    while answers[-1].next_cursor is not None:
        answers.append(await conversation.read(query(count=count, max_tokens=20_000, cursor=answers[-1].next_cursor)))
    return answers


def tied(length: int) -> list[Message]:
    """A chat in which the tenth and the eleventh newest message have the same time."""
    messages = chat(length)
    messages[10] = replace(messages[10], sent_at_ms=messages[9].sent_at_ms)
    return messages


@pytest.mark.parametrize("count", [7, 10, 60])
async def test_messages_that_the_api_counts_but_does_not_deliver_are_reported(count: int) -> None:
    """In a note, in the last line, and in the structured content; only at the end of the conversation."""
    *before, last = await whole_walk(Losing(chat(60), lost=3), count=count)
    assert last.notes == ("3 of 60 messages were not delivered by the API.",)
    assert "! 3 of 60 messages were not delivered by the API.\n" in last.text
    assert last.text.endswith("\nNo older messages were delivered.")
    assert last.structured["undelivered"] == 3
    assert all(not answer.notes and "undelivered" not in answer.structured for answer in before)


async def test_messages_missing_before_since_was_reached_are_reported_in_both_channels() -> None:
    """The last page ends before `since`: those that are missing may have been asked for."""
    source = Losing(chat(60), lost=3)
    since_ms = source.messages[-5].sent_at_ms
    reading = await reader(source).read(query(count=100, max_tokens=20_000, since_ms=since_ms))
    assert transcript(reading).footer == End("asked")
    assert reading.notes == ("3 of 60 messages were not delivered by the API.",)
    assert reading.structured["undelivered"] == 3


async def test_a_message_lost_between_two_of_one_time_is_reported() -> None:
    """An exclusive time cursor skips the second message of that time."""
    *_, last = await whole_walk(ExclusiveTimes(tied(30)))
    assert last.notes == ("1 of 30 messages was not delivered by the API.",)


async def test_a_message_lost_after_a_deletion_is_reported() -> None:
    """A deleted message shifts the API's offsets, so one is skipped between two pages."""

    def delete(source: MemorySource) -> None:
        if len(source.asked) == 1:
            del source.messages[3]

    reading = await reader(MemorySource(chat(30), on_page=delete), page_size=10).read(query(count=30))
    assert reading.notes == ("1 of 30 messages was not delivered by the API.",)
    assert transcript(reading).footer == End("incomplete")


@pytest.mark.parametrize("source", [MemorySource(chat(60)), MemorySource(chat(60), total=False), MemorySource([])])
async def test_a_complete_conversation_lacks_nothing(source: MemorySource) -> None:
    """Nor does one of which the API does not say how long it is."""
    *_, last = await whole_walk(source)
    assert (last.notes, last.text.split("\n")[-1]) == ((), "No older messages.")
    assert "undelivered" not in last.structured


async def test_new_messages_are_not_taken_for_undelivered_ones() -> None:
    """They arrive during the walk and are no part of it."""
    arriving = iter(range(100, 200))

    def arrive(source: MemorySource) -> None:
        if source.asked:
            source.messages.insert(0, message(next(arriving)))

    *_, last = await whole_walk(MemorySource(chat(60), on_page=arrive))
    assert last.notes == ()


async def test_messages_that_could_not_be_parsed_were_delivered() -> None:
    """They have a note of their own."""
    skipping = Changed(chat(10), lambda page: replace(page, messages=page.messages[1:], skipped=1))
    reading = await reader(skipping).read(query())
    assert reading.notes == ("1 message could not be read and was skipped.",)


async def test_a_total_that_is_too_small_is_not_believed() -> None:
    """The API counted 3 messages and delivered 12."""
    reading = await reader(Changed(chat(12), lambda page: replace(page, total=3))).read(query(count=12))
    assert reading.structured["total"] == 12
    assert reading.text.startswith("> in/jane-doe-42 Jane Doe\n< in/john-smith-99 John Smith\n12 of 12 messages, ")


@pytest.mark.parametrize("detail", ["condensed", "verbatim"])
async def test_a_cursor_that_would_be_refused_is_not_given_out(detail: str) -> None:
    """The API's cursors are too long to be part of one, so reading ends with a note; one call reads several pages."""
    conversation = reader(LongCursors(chat(60)), page_size=10)
    reading = await conversation.read(query(count=30, max_tokens=20_000, detail=detail))
    assert texts(reading) == told(60)[-30:]
    assert reading.notes == ("The API's cursor is too long to be passed on, so reading cannot continue from here.",)
    assert (reading.next_cursor, transcript(reading).footer) == (None, End("stopped"))
    condensed = await conversation.read(query(count=60, max_tokens=400))
    assert int(str(condensed.structured["omitted"])) > 0
    assert "window_cursor" not in condensed.structured


async def test_a_cursor_in_another_form_is_reported() -> None:
    """An object cannot be sent back as the next request's cursor: that is not the end of the conversation."""

    def unusable(page: Page) -> Page:
        return replace(page, next_cursor=None, cursor_unusable=True)

    reading = await reader(Changed(chat(60), unusable)).read(query())
    assert reading.notes == ("The API's cursor for older messages cannot be sent back, so reading cannot continue.",)
    assert (reading.next_cursor, transcript(reading).footer) == (None, End("stopped"))
    assert "undelivered" not in reading.structured
