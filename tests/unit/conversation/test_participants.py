"""Senders that the API names incompletely are recognised where that is certain, and nobody is invented."""

from dataclasses import replace

import pytest

from mcp_server.conversation.models import Participant
from mcp_server.conversation.participants import is_placeholder, with_known_senders
from tests.support.conversations import JANE, JOHN, MemorySource, message, query, reader
from tests.support.reading import transcript

BARE_JANE = Participant("name:Jane Doe", "Jane Doe")
OTHER_JANE = Participant("in/jane-doe-7", "Jane Doe", "in/jane-doe-7")


def test_a_name_without_profile_is_the_one_participant_of_that_name() -> None:
    """The API leaves out `sender_info` now and then."""
    messages = [message(3, sender=BARE_JANE), message(2, sender=JOHN), message(1, sender=JANE)]
    assert [found.sender for found in with_known_senders(messages)] == [JANE, JOHN, JANE]


@pytest.mark.parametrize("name", ["JANE DOE", "Jane\u00a0Doe", "Jane  Doe ", "\uff2aane Doe"])
def test_a_name_in_another_spelling_is_the_same_name(name: str) -> None:
    """Case, kinds of spaces and wide letters are no other person."""
    messages = [message(3, sender=Participant(f"name:{name}", name)), message(1, sender=JANE)]
    assert [found.sender for found in with_known_senders(messages)] == [JANE, JANE]


def test_a_listed_participant_names_senders_who_wrote_without_a_profile_or_without_a_name() -> None:
    """Nobody else, and not in place of a name that the API has given."""
    nameless = replace(JANE, name="jane-doe-42")
    messages = [message(number, sender=who) for number, who in enumerate((BARE_JANE, nameless, JOHN, None))]
    assert [found.sender for found in with_known_senders(messages, JANE)] == [JANE, JANE, JOHN, None]
    renamed = (message(1, sender=replace(JANE, name="Jane Roe")),)
    assert with_known_senders(renamed, JANE) == renamed
    assert with_known_senders([message(1, sender=nameless)], replace(JANE, name=""))[0].sender == nameless
    once = [message(2, sender=BARE_JANE), message(1, sender=replace(JANE, name="Jane Roe")), message(0, sender=JANE)]
    assert with_known_senders(once)[0].sender == JANE
    both = [message(2, sender=BARE_JANE), message(1, sender=OTHER_JANE)]
    assert with_known_senders(both, JANE)[0].sender == BARE_JANE


def test_names_of_several_or_of_no_participants_stay_as_they_are() -> None:
    """Nobody is merged with anybody by guessing."""
    several = (message(3, sender=BARE_JANE), message(2, sender=OTHER_JANE), message(1, sender=JANE))
    assert with_known_senders(several) == several
    nobody = (message(3, sender=BARE_JANE), message(2, sender=JOHN), message(1, sender=None))
    assert with_known_senders(nobody) == nobody
    some = (*several, message(0, sender=Participant("name:John Smith", "John Smith")), message(4, sender=JOHN))
    assert with_known_senders(some)[3].sender == JOHN


@pytest.mark.anyio
async def test_a_missing_profile_does_not_make_a_conversation_of_two_a_group() -> None:
    """Two participants, and the marks of two."""
    senders = [JANE, JOHN, BARE_JANE, JOHN]
    source = MemorySource([message(number, sender=sender) for number, sender in enumerate(senders)][::-1])
    found = transcript(await reader(source).read(query()))
    assert [(speaker.mark, speaker.name) for speaker in found.speakers] == [(">", "Jane Doe"), ("<", "John Smith")]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "LinkedIn Member",
            "linkedin  member",
            "LinkedIn-Mitglied",
            "Utilisateur LinkedIn",
            "LinkedIn 会员",
            "领英会员",
        ),
        *("Membre de LinkedIn", "Mitglied von LinkedIn", "Członek LinkedIn", "عضو في LinkedIn", "LinkedIn 會員"),
        *("Membro do LinkedIn", "LinkedIn-tag", "Deleted User", "undefined undefined", "null"),
    ],
)
def test_the_placeholder_for_hidden_names_is_recognised(name: str) -> None:
    """In the language of the account."""
    assert is_placeholder(name)
    assert not is_placeholder(f"{name} Jane")


@pytest.mark.parametrize(
    "name", ["LinkedIn", "LinkedIn Talent Solutions", "Jane Member", "Ali Nullmeyer", "Don LinkedIn"]
)
def test_other_names_are_names(name: str) -> None:
    """The site itself writes, too."""
    assert not is_placeholder(name)
