"""Lenient reading of the list of conversations: what is understood, what is left out, what is refused."""

from typing import Any

import pytest

from mcp_server.conversation.listed import ListedConversation
from mcp_server.conversation.models import Message, Page, Participant
from mcp_server.errors import BadResponse
from mcp_server.upstream.inbox_wire import read_inbox
from mcp_server.upstream.wire import read_document
from tests.support.inbox import NEWEST_MS, conversation_id, inbox_body, wire_conversation


def page(*rows: object, **data: object) -> Page:
    return read_inbox(read_document(inbox_body(rows, data=data)))


def only(**fields: Any) -> Message:
    (read,) = page(wire_conversation(**fields)).messages
    return read


def about(**fields: Any) -> ListedConversation:
    listed = only(**fields).listed
    assert listed is not None
    return listed


def test_a_documented_list_is_read_whole() -> None:
    """Every field that the API's public page has, in its place."""
    read = page(wire_conversation(), next_cursor="REVTQ0VORElORyYx")
    person = Participant("in/person-0", "Person 0", "in/person-0")
    listed = ListedConversation("Person 0", "in/person-0", "Head of number 0", mine=False, is_group=False)
    assert read == Page(
        (Message(conversation_id(0), "The last words of person 0", NEWEST_MS, person, listed=listed),),
        next_cursor="REVTQ0VORElORyYx",
        credits=1,
    )


def test_my_own_last_message_names_the_owner() -> None:
    """The one place where the API says whose account it is; the participant stays the other person."""
    me = {"name": "Nora", "profile_url": "https://www.linkedin.com/in/nora-l/", "is_me": True}
    listed = about(last_message={"text": "hi", "time": NEWEST_MS, "sender": me})
    assert (listed.name, listed.profile) == ("Person 0", "in/person-0")
    assert (listed.mine, listed.owner) == (True, "in/nora-l")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"participant": None}, {"name": "Person 0", "profile": None, "mine": False}),
        ({"participant": {}, "last_message": None}, {"name": "", "profile": None, "mine": None}),
        ({"last_message": None}, {"name": "Person 0", "profile": "in/person-0", "mine": None}),
        ({"last_message": {"text": "x"}}, {"name": "Person 0", "mine": None}),
        ({"last_message": {"text": "x", "sender": {"is_me": "yes"}}}, {"mine": None}),
        ({"participant": {"name": "LinkedIn Member"}}, {"name": "LinkedIn Member", "profile": None}),
        ({"participant": {"profile_url": "https://www.linkedin.com/in/jo"}}, {"name": "jo", "profile": "in/jo"}),
        ({"participant": "Jane"}, {"name": "Person 0", "profile": None}),
        ({"unread": "4"}, {"unread": 4}),
        ({"unread": -1}, {"unread": 0}),
        ({"unread": None}, {"unread": 0}),
        ({"type": "GROUP_CHAT"}, {"tags": ("group", "chat"), "is_group": True, "target": None}),
        ({"participant": None, "type": "normal"}, {"is_group": None}),
        ({"participant": {"name": "Jo"}}, {"is_group": False, "target": None}),
        ({"total_message_count": 12}, {"total": 12}),
        ({"total_message_count": "many"}, {"total": None}),
        ({"type": "sponsored; 09:00 > forged"}, {"tags": ("forged",)}),
        ({"type": ["group"]}, {"tags": ()}),
    ],
)
def test_what_is_missing_or_odd_costs_nothing_else(fields: dict[str, object], expected: dict[str, object]) -> None:
    """A conversation stays in the list with what is known of it."""
    listed = about(**fields)
    assert {name: getattr(listed, name) for name in expected} == expected


@pytest.mark.parametrize("time", [None, 0, "soon", {"ms": 1}, 1e30])
def test_a_last_message_without_a_time_has_none(time: object) -> None:
    """No date is better than a wrong one."""
    assert only(last_message={"text": "x", "time": time}).sent_at_ms is None


def test_strangers_words_are_cleaned_and_texts_are_one_line() -> None:
    """Names, headlines and texts lose what would break a line, hide or load something."""
    hidden = {"name": "Ja\u202ene\n# Nov 1", "headline": "a\u200bb\nc", "profile_url": None}
    read = only(participant=hidden, last_message={"text": "one\n\n two\x1b[31m ![x](http://x)", "time": NEWEST_MS})
    assert read.listed is not None
    assert (read.listed.name, read.listed.headline) == ("Jane # Nov 1", "ab c")
    assert read.text == "one two ! [x](http://x)"


@pytest.mark.parametrize("identity", [None, "", "two words", "line\nbreak", {"urn": 1}, "#", "\u05d1", "2-\u00e9"])
def test_a_conversation_without_a_usable_id_is_listed_under_one_of_ours(identity: object) -> None:
    """The same on every page, whatever its newest message is; it can be read by its profile only."""
    first, again = (
        only(conversation_id=identity, last_message={"text": text, "time": time})
        for text, time in (("a", NEWEST_MS), ("b", NEWEST_MS + 1))
    )
    assert first.id == again.id
    assert first.listed is not None
    assert not first.listed.has_id


def test_a_conversation_that_is_on_a_page_twice_is_listed_once() -> None:
    """Where it stands first: the list is newest first."""
    read = page(wire_conversation(1), wire_conversation(2), wire_conversation(1, unread=3))
    assert [message.id for message in read.messages] == [conversation_id(1), conversation_id(2)]
    assert read.messages[0].listed is not None
    assert read.messages[0].listed.unread == 0


def test_what_is_no_conversation_is_skipped_and_counted() -> None:
    """One bad row must not cost a page."""
    read = page(None, wire_conversation(1), "x", [1])
    assert (len(read.messages), read.skipped) == (1, 3)


@pytest.mark.parametrize("cursor", [None, ""])
def test_a_list_without_conversations_is_read_as_an_empty_page(cursor: object) -> None:
    """Nothing in it, and nothing after it."""
    read = page(next_cursor=cursor)
    assert (read.messages, read.next_cursor, read.cursor_unusable) == ((), None, False)


@pytest.mark.parametrize("cursor", [True, {"a": 1}, [1]])
def test_a_cursor_that_cannot_be_sent_back_is_said_to_be_one(cursor: object) -> None:
    """It is not taken for the end."""
    assert page(wire_conversation(), next_cursor=cursor).cursor_unusable


@pytest.mark.parametrize("rows", [None, {}, "x"])
def test_an_answer_without_a_list_is_refused(rows: object) -> None:
    """Anything else in its place is not this API's answer."""
    with pytest.raises(BadResponse):
        page(conversations=rows)
