"""Whose export it is, step by step."""

import pytest

from mcp_server.archive import owner as ladder
from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.people import Owner
from tests.support.exports import ERAS, FRIEND, LAST_NINE, MODERN, NOBODY, OWNER, Era, Row, csv_of, mine, url

PROFILE = f"First Name,Last Name,Maiden Name\n{OWNER.replace(' ', ',')},\n".encode()
TWO_FRIENDS = [Row(conversation=1), mine(conversation=1), Row(sender="Gail Other", conversation=2)]
ONE_FRIEND = [Row(conversation=1), mine(conversation=1)]


def invited(*rows: tuple[str, str, str]) -> bytes:
    header = "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl"
    return "\n".join((header, *(f"A,B,now,,{direction},{one},{other}" for direction, one, other in rows))).encode()


def owner_of(
    rows: list[Row], era: Era = MODERN, *, self_url: str | None = None, invitations: bytes = b"", profile: bytes = b""
) -> Owner | None:
    return Archive(
        ExportFiles(csv_of(rows, era), invitations=invitations, profile=profile), self_profile_url=self_url
    ).owner


def test_direction_is_exact() -> None:
    """Seven columns, no addresses: the sender of what went out."""
    assert owner_of(ONE_FRIEND, ERAS[2]) == Owner(OWNER, None, ladder.BY_DIRECTION)
    assert owner_of([Row()], ERAS[2]) is None


def test_invitations_name_the_owner_by_address() -> None:
    """Inviter of what went out, invitee of what came in; the name is that under which the address sends."""
    rows = [("OUTGOING", url(OWNER), "https://x"), ("incoming", "https://x", f"{url(OWNER)}/")]
    assert owner_of(ONE_FRIEND, invitations=invited(*rows)) == Owner(OWNER, url(OWNER), ladder.BY_INVITATIONS)


def test_invitations_that_disagree_name_nobody() -> None:
    """The next step may."""
    rows = invited(("OUTGOING", url(OWNER), ""), ("OUTGOING", url(FRIEND), ""))
    assert owner_of(ONE_FRIEND, invitations=rows) is None
    assert owner_of(ONE_FRIEND, invitations=rows, profile=PROFILE) == Owner(OWNER, url(OWNER), ladder.BY_PROFILE)


def test_invitations_without_addresses_name_nobody() -> None:
    """Before late 2023 they had none."""
    old = b"From,To,Sent At,Message,Direction\nA,B,now,,OUTGOING\n"
    assert owner_of(ONE_FRIEND, invitations=old) is None


def test_the_name_of_the_profile_has_one_address_among_the_senders() -> None:
    """Two of them are two people, and none says nothing."""
    assert owner_of(ONE_FRIEND, profile=PROFILE) == Owner(OWNER, url(OWNER), ladder.BY_PROFILE)
    namesake = Row(sender=OWNER, sender_url="https://www.linkedin.com/in/another", conversation=1)
    assert owner_of([*ONE_FRIEND, namesake], profile=PROFILE) is None
    assert owner_of([Row()], profile=PROFILE) is None
    assert owner_of(ONE_FRIEND, profile=b"First Name,Last Name\n") is None


def test_the_address_in_nearly_every_conversation_is_the_owners() -> None:
    """Eighty in a hundred will do, two conversations at least."""
    assert owner_of(TWO_FRIENDS) == Owner(OWNER, url(OWNER), ladder.BY_PRESENCE)
    spam = Row(sender="Rex Spam", to=("Somebody",), recipient_urls="", conversation=9)
    four = [Row(sender=f"Friend {number}", conversation=number) for number in range(4)]
    assert owner_of([*four, spam]) == Owner("", url(OWNER), ladder.BY_PRESENCE)


def test_one_conversation_alone_names_nobody() -> None:
    """Both people are in all of it; so are they in two conversations of the same two."""
    assert owner_of(ONE_FRIEND) is None
    assert owner_of([Row(conversation=1), mine(conversation=1), Row(conversation=2), mine(conversation=2)]) is None


def test_undated_rows_do_not_vote() -> None:
    """They may be of any kind."""
    assert owner_of([Row(conversation=1), Row(sender="Gail Other", conversation=2, at="")]) is None


def test_without_addresses_of_recipients_the_one_name_in_every_conversation_is_the_owners() -> None:
    """Before mid 2023 presence fails; the names in TO are left."""
    assert owner_of(TWO_FRIENDS, LAST_NINE) == Owner(OWNER, url(OWNER), ladder.BY_ELIMINATION)
    received = [Row(conversation=1), Row(sender="Gail Other", conversation=2)]
    assert owner_of(received, LAST_NINE) == Owner(OWNER, None, ladder.BY_ELIMINATION)


def test_a_closed_account_in_every_conversation_is_nobody() -> None:
    """It stands for many."""
    rows = [Row(sender=NOBODY, to=("Ada One",), conversation=1), Row(sender=NOBODY, to=("Bob Two",), conversation=2)]
    assert owner_of(rows, LAST_NINE) is None


def test_the_most_frequent_sender_is_a_guess_and_says_so() -> None:
    """Only one who sends in three conversations: a talkative contact does not."""
    closed = [mine(to=(), conversation=number) for number in (1, 2, 3)]
    others = [Row(to=(), conversation=4), Row(to=(), conversation=4)]
    assert owner_of([*closed, *others], LAST_NINE) == Owner(OWNER, url(OWNER), ladder.BY_SENDING, sure=False)
    assert owner_of([*closed[:2], *others], LAST_NINE) is None


@pytest.mark.parametrize("rows", [ONE_FRIEND, TWO_FRIENDS])
def test_the_setting_decides(rows: list[Row]) -> None:
    """Where the export has that profile, against the ladder too; elsewhere only where the ladder names nobody."""
    assert owner_of(rows, self_url=url(FRIEND)) == Owner(FRIEND, url(FRIEND), ladder.BY_SETTING)
    found = owner_of(rows, self_url=url("Not There"))
    assert found is not None
    assert found.how == (ladder.BY_SETTING if rows == ONE_FRIEND else ladder.BY_PRESENCE)


def test_the_setting_is_found_among_those_written_to() -> None:
    """One who never wrote has an address there."""
    assert owner_of([Row()], self_url=url(OWNER)) == Owner("", url(OWNER), ladder.BY_SETTING)
