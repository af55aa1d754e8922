"""What the list of conversations has said helps to read one of them: names, turn, group or not, and the total."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from mcp_server.conversation.known_people import KnownPeople
from mcp_server.conversation.models import ListQuery, Message, Participant, Query, Reading, Target
from mcp_server.transcript.grammar import More, Transcript
from tests.support.conversations import ANA, JANE, JOHN, TARGET, MemorySource, chat, message, query, reader
from tests.support.inbox import listed, lister
from tests.support.reading import transcript

pytestmark = pytest.mark.anyio

JANE_TARGET = Target("profile_url", "https://www.linkedin.com/in/jane-doe-42")


def entry(**of: Any) -> Message:
    """The test conversation as the list has it, with its newest message being message 29."""
    found = listed(0, at_ms=message(29).sent_at_ms, **{"name": JANE.name, "profile": JANE.profile, **of})
    return Message(TARGET.value, found.text, found.sent_at_ms, found.sender, listed=found.listed)


async def read(messages: Sequence[Message], *of_list: Message, asked: Query | None = None) -> Reading:
    """The conversation, without a total from the API, after the list has shown these conversations."""
    people = KnownPeople()
    await lister(MemorySource(of_list), people).read(ListQuery())
    return await reader(MemorySource(messages, total=False), people=people).read(asked or query())


async def parsed(messages: Sequence[Message], *of_list: Message, asked: Query | None = None) -> Transcript:
    return transcript(await read(messages, *of_list, asked=asked))


def awaited(found: Transcript) -> str | None:
    """Who has to answer."""
    assert found.header.latest is not None
    return found.header.latest.awaited


OWNED = {"mine": True, "owner": JOHN.profile}


async def test_a_group_has_letters_and_no_turn_even_if_two_have_written() -> None:
    """Others read along. Without the list, two senders look like a conversation of two."""
    group = entry(profile=None, tags=("group",), is_group=True, **OWNED)
    found = await parsed(chat(30), group)
    assert sorted(speaker.mark for speaker in found.speakers) == ["A", "B"]
    assert [speaker.name for speaker in found.speakers if speaker.me] == [JOHN.name]
    assert (awaited(found), found.header.read_by_recipient) == (None, None)
    unknown = await parsed(chat(30), entry(profile=None, is_group=None, **OWNED))
    assert sorted(speaker.mark for speaker in unknown.speakers) == ["<", ">"]


async def test_a_whole_group_of_two_writers_has_no_turn() -> None:
    """All of it was read, but the others in it have not written yet."""
    whole = query(count=100)
    of_two = await parsed(chat(30), entry(profile=None, is_group=None, **OWNED), asked=whole)
    assert awaited(of_two) is not None
    group = await parsed(chat(30), entry(profile=None, is_group=True, **OWNED), asked=whole)
    assert awaited(group) is None


async def test_whose_turn_it_is_in_a_conversation_of_two_needs_no_profile() -> None:
    """The list knows that there is nobody else."""
    found = await parsed(chat(30), entry(profile=None, is_group=False, **OWNED))
    assert awaited(found) == ">"
    unknown = await parsed(chat(30), entry(profile=None, is_group=None, **OWNED))
    assert awaited(unknown) is None


async def test_the_total_of_the_list_stands_in_for_the_one_that_the_api_leaves_out() -> None:
    """In the summary, the last line and the structured content, also of the following answers."""
    reading = await read(chat(30), entry(total=30))
    found = transcript(reading)
    assert (found.header.total, reading.structured["total"]) == (30, 30)
    assert found.footer == More(str(reading.next_cursor), older=20)
    people = KnownPeople()
    people.note([entry(total=30)])
    conversation = reader(MemorySource(chat(30), total=False), people=people)
    first = await conversation.read(query())
    second = await conversation.read(query(cursor=first.next_cursor))
    assert transcript(second).footer == More(str(second.next_cursor), older=10)


@pytest.mark.parametrize("asked", [query(), Query(JANE_TARGET)])
async def test_an_outdated_total_is_not_shown(asked: Query) -> None:
    """Messages have arrived since the list was made, so it counts too few."""
    found = await parsed([message(30), *chat(30)], entry(total=30), asked=asked)
    assert found.header.total is None
    assert (await parsed(chat(30), entry(total=30), asked=asked)).header.total == 30


async def test_participants_of_the_list_name_senders_that_the_api_does_not() -> None:
    """A name without its profile, and a profile without its name, become the person that the list names."""
    bare, nameless = Participant("name:Jane Doe", "Jane Doe"), replace(JANE, name="jane-doe-42")
    for sender in (bare, nameless):
        found = await parsed(chat(30, (sender, JOHN)), entry())
        assert {(speaker.name, speaker.profile) for speaker in found.speakers} == {
            (JANE.name, JANE.profile),
            (JOHN.name, JOHN.profile),
        }
        assert [speaker.name for speaker in found.speakers if speaker.me] == [JOHN.name]


async def test_what_is_known_of_one_conversation_says_nothing_of_another() -> None:
    """Three people write in this one; the list has shown others."""
    people = KnownPeople()
    people.note([listed(1, is_group=False, total=3), listed(2, is_group=True)])
    source = MemorySource(chat(30, (JANE, JOHN, ANA)), total=False)
    found = transcript(await reader(source, people=people).read(query()))
    assert (len(found.speakers), found.header.total) == (3, None)
