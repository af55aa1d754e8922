"""The sandbox's conversations: read from files, dated, the same every time."""

import hashlib
from collections import Counter

import pytest

from mcp_server.conversation.profile import canonical_profile_url
from mcp_server.sandbox.library import Conversation, load_library

LIBRARY = load_library()
BY_NAME = {conversation.name: conversation for conversation in LIBRARY.conversations}


@pytest.mark.parametrize("conversation", LIBRARY.conversations, ids=lambda one: one.name)
def test_messages_are_in_order_and_have_different_identities(conversation: Conversation) -> None:
    """Oldest first, dated 2025 to 2026."""
    times = [message.sent_at_ms for message in conversation.messages]
    assert times == sorted(times)
    assert all(1_735_689_600_000 < time < 1_798_761_600_000 for time in times)
    assert len({message.urn for message in conversation.messages}) == len(times)


def test_every_kind_of_conversation_is_included() -> None:
    """Each kind that the project has to handle."""
    kinds = {message.kind for conversation in LIBRARY.conversations for message in conversation.messages}
    assert len(LIBRARY.conversations) >= 15
    assert len(BY_NAME["harbour-lane"].messages) == 2000
    assert BY_NAME["nobody-wrote-yet"].messages == ()
    assert max(len(message.text) for message in BY_NAME["pasted-log"].messages) == 100_000
    assert {"TEXT", "INVITATION", "SHARED_POST", "INMAIL", "ATTACHMENT", "CONVERSATION_CREATED"} <= kinds
    assert len({message.sender for message in BY_NAME["expo-panel"].messages}) == 5
    assert any(message.sender is None for message in BY_NAME["every-type"].messages)
    assert any(message.text == "" for message in BY_NAME["every-type"].messages)


def test_some_messages_share_a_millisecond() -> None:
    """A cursor that is a time has to distinguish them."""
    shared = Counter(message.sent_at_ms for message in BY_NAME["expo-panel"].messages)
    assert max(shared.values()) == 3


def test_two_people_of_one_name_are_two_people() -> None:
    """Both Jane Does write in one group, and each has a conversation of her own."""
    janes = {message.sender for message in BY_NAME["two-janes"].messages if message.sender is not None}
    janes = {person for person in janes if person.first_name == "Jane"}
    assert len(janes) == 2
    own = {LIBRARY.by_profile[canonical_profile_url(jane.profile_url or "")].name for jane in janes}
    assert own == {"jane-doe-writer", "jane-doe-hospital"}


def test_a_profile_leads_to_a_conversation_of_two_only() -> None:
    """No profile resolves to a group."""
    for profile, conversation in LIBRARY.by_profile.items():
        others = {message.sender.profile_url for message in conversation.messages if message.sender is not None}
        assert conversation.profile_url == profile
        assert not others or f"{profile}/" in {url and url.rstrip("/") + "/" for url in others}
    assert BY_NAME["expo-panel"].profile_url is None


def test_the_long_conversation_is_the_same_everywhere() -> None:
    """It is generated from a plan, with the same result in every Python version."""
    messages = BY_NAME["harbour-lane"].messages
    played = "\n".join(f"{one.sent_at_ms} {one.sender and one.sender.first_name} {one.text}" for one in messages)
    assert hashlib.sha256(played.encode()).hexdigest()[:16] == "78e8e2a5928d3af1"
