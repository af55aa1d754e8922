"""Conversations, and the ways of naming one."""

from datetime import date

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from tests.support.archives import OTHER, notes, opened
from tests.support.exports import ERAS, FRIEND, LAST_NINE, NOBODY, OWNER, Row, conversation_id, csv_of, mine, url


def test_kinds_of_conversations_are_told_apart() -> None:
    """By the number of people besides the owner."""
    archive = opened(
        Row(conversation=1),
        Row(to=(OWNER, "Gail Other"), conversation=2, cells={"CONVERSATION TITLE": "Tide\ntables"}),
        Row(sender=NOBODY, to=(OWNER, NOBODY), conversation=3),
        mine(to=(OWNER,), conversation=4),
    )
    kinds = {summary.id: (summary.kind, summary.title) for summary in archive.conversations()}
    assert [kinds[conversation_id(number)] for number in (1, 2, 3, 4)] == [
        ("direct", None), ("group", "Tide tables"), ("group", None), ("self", None),
    ]  # fmt: skip


def test_conversations_are_listed_newest_first_with_their_folders() -> None:
    """FOLDER is of a row: one conversation may be in two, or in none."""
    archive = opened(
        Row(conversation=1, at="2026-01-01T00:00:00", cells={"FOLDER": "ARCHIVE"}),
        Row(conversation=2, at="2026-01-03T00:00:00", cells={"FOLDER": ""}),
        mine(conversation=1, at="2026-01-02T00:00:00"),
        Row(conversation=3, at=""),
    )
    listed = [(summary.id, summary.folders) for summary in archive.conversations()]
    assert [identity for identity, _ in listed] == [conversation_id(number) for number in (2, 1, 99, 3)]
    assert listed[:2] == [(conversation_id(2), ("",)), (conversation_id(1), ("ARCHIVE", "INBOX"))]


def test_a_conversation_is_found_by_every_spelling_of_its_id() -> None:
    """Its own, without padding, percent-encoded, in a URN, in a thread's address."""
    archive = opened(Row())
    own = conversation_id(1)
    bare = own.rstrip("=")
    for spelling in (
        own, bare, f"{bare}%3D%3D", f" {own} ",
        f"urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAmadeup,{own})",
        f"urn:li:msg_conversation:{own}",
        f"https://www.linkedin.com/messaging/thread/{own}/?filter=unread",
        f"www.linkedin.com/messaging/thread/{bare}%3D%3D#x",
    ):  # fmt: skip
        assert archive.find(spelling) is not None, spelling
    assert archive.find("2-somethingelse") is None


def test_a_person_has_one_to_one_conversations_the_newest_first() -> None:
    """InMail and message are two; groups are none; the owner's own notes are the owner's."""
    archive = opened(
        Row(conversation=1, at="2026-01-01T00:00:00"),
        Row(conversation=2, at="2026-01-02T00:00:00"),
        Row(to=(OWNER, "Gail Other"), conversation=3),
        mine(to=(OWNER,), conversation=4),
    )
    found = [
        archive.id_of(number) for number in archive.with_profile(f"https://de.linkedin.com/in/{url(FRIEND)[28:]}/")
    ]
    assert found == [conversation_id(2), conversation_id(1)]
    assert [archive.id_of(number) for number in archive.with_profile(url(OWNER))] == [conversation_id(4)]
    assert archive.with_profile(url("Nobody Known")) == []


def test_rows_without_an_id_are_told_apart_by_their_people() -> None:
    """The id is made of all their names: another export of the same people has the same id."""
    rows = [mine("b"), Row("a"), Row("c", sender="Gail Other"), Row("d", to=(OWNER, "Gail Other"))]
    seven = {each.id: each.messages for each in opened(*rows, era=ERAS[2]).conversations()}
    assert sorted(seven.values()) == [1, 2, 2]
    newer = [Row("new", at="2026-05-01T00:00:00"), *rows]
    assert {each.id for each in opened(*newer, era=ERAS[1]).conversations()} == seven.keys()
    assert all(identity.startswith("people-") for identity in seven)
    assert len(list(opened(Row(conversation=None), mine(conversation=None)).conversations())) == 2


def test_closed_accounts_in_an_export_without_ids_may_be_several() -> None:
    """A note says so."""
    note = "Closed accounts cannot be told apart here: this may be more than one conversation."
    archive = opened(Row("a", sender=NOBODY), era=ERAS[2])
    remarks = [notes(archive, each.id) for each in archive.conversations()]
    assert [note in each for each in remarks].count(True) == 1
    assert note not in notes(opened(Row(sender=NOBODY)))


def test_whose_messages_they_are_is_told_where_it_is_not_known() -> None:
    """And how to say it."""
    unknown = Archive(ExportFiles(csv_of([Row()])))
    assert any("CONVERSATION_SELF_PROFILE_URL" in note for note in notes(unknown))
    assert not any("CONVERSATION_SELF_PROFILE_URL" in note for note in notes(opened(Row(), mine())))
    guessed = [mine(to=(), conversation=number) for number in (1, 2, 3)]
    archive = Archive(ExportFiles(csv_of([*guessed, Row(to=(), conversation=4)], LAST_NINE)))
    assert any("a guess" in note for note in notes(archive))


def test_the_day_of_the_export_is_that_of_its_name_or_of_its_newest_row() -> None:
    """A name that says less than a row is not believed."""
    assert opened(Row(at="2026-11-19T10:00:00")).day == date(2026, 11, 19)
    assert opened(Row(at="2026-11-19T10:00:00"), day=date(2026, 11, 20)).day == date(2026, 11, 20)
    assert opened(Row(at="2026-11-21T10:00:00"), day=date(2026, 11, 20)).day == date(2026, 11, 21)


def test_names_with_commas_are_known_from_the_files_beside_too() -> None:
    """Connections.csv begins with a note of some lines."""
    beside = b'Notes:\n"When ..."\n\nFirst Name,Last Name,URL\nNoor,"Castellane, of Brest",\n,,\n'
    rows = [mine(to=("Noor Castellane, of Brest", "Ada One")), OTHER]
    for connections, names in ((beside, 3), (b"", 4)):
        archive = Archive(ExportFiles(csv_of(rows, LAST_NINE), connections=connections))
        number = archive.find(conversation_id(1))
        assert number is not None
        assert len(archive.summary(number).participants) == names


def test_progress_is_reported_while_an_export_is_read() -> None:
    """In messages read so far."""
    seen: list[int] = []
    Archive(ExportFiles(csv_of([Row()] * 1_000)), on_progress=seen.append)
    assert seen[-1] == 1_000
    assert seen == sorted(seen)
