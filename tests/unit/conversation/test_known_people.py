"""What the list of conversations tells about people, as far as it is kept."""

from dataclasses import replace

from mcp_server.conversation.known_people import KnownConversation, KnownPeople
from mcp_server.conversation.models import Page, Participant, Target
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


def by_id(number: int) -> Target:
    return Target("conversation_id", conversation_id(number))


def test_only_conversations_of_two_with_an_id_have_another_person() -> None:
    """A group has several, and without an id it cannot be asked for."""
    people = KnownPeople()
    people.note(
        [
            listed(1),
            listed(2, profile=None),
            listed(3, has_id=False),
            listed(4, profile="company/acme"),
            listed(5, is_group=True),
        ]
    )
    found = [people.of(by_id(number)).other for number in range(1, 6)]
    assert found == [Participant("in/person-1", "Person 1", "in/person-1"), None, None, None, None]


def test_a_conversation_is_known_by_its_profile_too() -> None:
    """In any spelling of it; without an id, by its profile only."""
    people = KnownPeople()
    people.note([listed(1, profile="in/Person-1", is_group=False, has_id=False)])
    known = people.of(Target("profile_url", "https://www.linkedin.com/in/person-1"))
    assert (known.is_group, known.other) == (False, Participant("in/person-1", "Person 1", "in/Person-1"))
    assert people.of(by_id(1)) == KnownConversation()


def test_a_total_completes_the_newest_page_only_while_nothing_has_arrived() -> None:
    """And only where the API states none; a page without messages or times shows nothing."""
    known = KnownConversation(total=60, newest_at_ms=message(9).sent_at_ms)
    newest, older = Page((message(9),), None), Page((message(8),), None)
    assert known.completed(newest).total == 60
    assert known.completed(replace(newest, total=61)).total == 61
    assert known.completed(older) == older
    assert known.completed(Page((), None)) == Page((), None)
    undated = Page((message(9, sent_at_ms=None),), None)
    assert replace(known, newest_at_ms=None).completed(undated) == undated


def test_the_conversations_listed_longest_ago_are_forgotten() -> None:
    """Two thousand names are enough."""
    people = KnownPeople()
    people.note(listed(number, profile=None) for number in range(2000))
    people.note([listed(0, profile=None), listed(2000, profile=None)])
    assert people.of(by_id(1)) == KnownConversation()
    assert people.of(by_id(0)).newest_at_ms == listed(0).sent_at_ms
    assert people.of(by_id(2000)).newest_at_ms == listed(2000).sent_at_ms
