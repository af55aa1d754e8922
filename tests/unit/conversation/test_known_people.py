"""What the list of conversations tells about people, as far as it is kept."""

from mcp_server.conversation.known_people import KnownPeople
from tests.support.conversations import message
from tests.support.inbox import OWNER, conversation_id, listed


def test_the_owner_stays_known() -> None:
    """Lists that do not name the owner, and messages, change nothing."""
    people = KnownPeople()
    people.note([message(1), listed(1)])
    assert people.owner is None
    people.note([listed(2, mine=True, owner=OWNER), listed(3)])
    people.note([listed(4)])
    assert people.owner == OWNER


def test_only_conversations_of_two_with_an_id_have_another_person() -> None:
    """A group has several, and without an id it cannot be asked for."""
    people = KnownPeople()
    people.note([listed(1), listed(2, profile=None), listed(3, has_id=False), listed(4, profile="company/acme")])
    assert [people.other(conversation_id(number)) for number in range(1, 5)] == ["in/person-1", None, None, None]


def test_the_conversations_listed_longest_ago_are_forgotten() -> None:
    """Two thousand are enough."""
    people = KnownPeople()
    people.note(listed(number) for number in range(2000))
    people.note([listed(0), listed(2000)])
    assert people.other(conversation_id(1)) is None
    assert people.other(conversation_id(0)) == "in/person-0"
    assert people.other(conversation_id(2000)) == "in/person-2000"
