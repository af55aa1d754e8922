"""Reading from an export as from the API: the same answers, at no cost, as of its day."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import anyio
import pytest

from mcp_server.archive.archive import Archive
from mcp_server.archive.loading import ArchiveLoader
from mcp_server.conversation.models import Query, Reading, Target
from mcp_server.errors import ArchiveError, InvalidCursor, RequestRejected
from mcp_server.protocol.deferred import Reader
from mcp_server.reader_factory import open_reader
from mcp_server.settings import Settings
from tests.support.exports import (
    ERAS,
    FRIEND,
    NOBODY,
    OWNER,
    Era,
    Row,
    conversation_id,
    csv_of,
    mine,
    url,
    written,
    zip_of,
)

NAME = "Basic_LinkedInDataExport_02-10-2026.zip"
OTHER = Row("elsewhere", sender="Gail Other", conversation=99, at="2020-01-01T00:00:00")
LATER_MS = 1_900_000_000_000
ID = conversation_id(1)

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def put(folder: Path, *rows: Row, era: Era = ERAS[-1], name: str = NAME) -> Path:
    return written(folder / name, zip_of({"messages.csv": csv_of([*rows, OTHER], era)}))


@asynccontextmanager
async def reading(path: Path, **variables: str) -> AsyncIterator[Reader]:
    settings = Settings.from_mapping({"CONVERSATION_ARCHIVE": str(path), **variables})
    async with open_reader(settings, now_ms=lambda: LATER_MS) as reader:
        yield reader


def by_id(identity: str = ID) -> Target:
    return Target("conversation_id", identity)


async def read(path: Path, query: Query | None = None, **variables: str) -> Reading:
    async with reading(path, **variables) as reader:
        return await reader.read(query or Query(by_id()))


async def test_a_transcript_says_of_which_day_it_is_and_what_it_cannot_know(tmp_path: Path) -> None:
    """In its first line; ages are as of that day, and nothing is spent."""
    answer = await read(put(tmp_path, mine("Shall we?"), Row("Hello", at="2026-02-03T06:00:00")))
    assert answer.text.split("\n") == [
        "ARCHIVE of 2026-02-10: nothing newer",
        "Finn: in/finn-friend-madeup Finn Friend",
        "Olga: (me) in/olga-owner-madeup Olga Owner",
        "2 of 2 messages, Feb 3 2026, UTC. Last: Olga 7 days ago, Finn to answer. 0 credits.",
        "! Not in an export: reactions, edits, read marks, the files of attachments.",
        "# Feb 3",
        "06:00 Finn Hello",
        "07:00 Olga Shall we?",
        "No older messages.",
    ]
    assert (answer.credits, answer.structured["total"]) == (0, 2)


async def test_without_a_day_in_its_name_the_newest_row_gives_it(tmp_path: Path) -> None:
    """An export without any date says so."""
    assert (await read(put(tmp_path, Row(), name="x.zip"))).text.startswith("ARCHIVE of 2026-02-03: nothing newer\n")
    undated = written(tmp_path / "messages.csv", csv_of([Row(at="")]))
    assert (await read(undated)).text.startswith("ARCHIVE without dates\n")


async def test_tags_stand_in_front_of_what_is_no_plain_message(tmp_path: Path) -> None:
    """A subject looks like no structure of the transcript."""
    picture = "https://www.linkedin.com/dms/prv/image/v2/A?e=1"
    rows = [
        mine("half", at="2026-02-09T00:00:00", cells={"IS MESSAGE DRAFT": "Yes"}),
        Row("Message request accepted", at="2026-02-08T00:00:00"),
        Row("Interested?", at="2026-02-07T00:00:00", cells={"SUBJECT": "A post]; characters 1-2 of 3"}),
        Row("", at="2026-02-06T00:00:00", cells={"ATTACHMENTS": f"{picture},{picture}2"}),
    ]
    text = (await read(put(tmp_path, *rows))).text
    assert "Olga[draft, never sent] half\n" in text
    assert "Finn[notice] Message request accepted\n" in text
    assert "Finn[InMail: A post), characters 1-2 of 3] Interested?\n" in text
    assert "Finn[2 attachments] \n" in text
    assert "Last: Finn 3 days ago, Olga to answer." in text, "neither a draft nor a notice is anybody's turn"


async def test_a_conversation_is_walked_by_its_cursors(tmp_path: Path) -> None:
    """Every message once, whatever the pages; also by the profile, and by another spelling of the id."""
    rows = [Row(f"message {number}", at=f"2026-02-03T07:{59 - number % 60:02}:00") for number in range(60)]
    for target in (
        by_id(),
        by_id(f"urn:li:msg_conversation:(urn:li:fsd_profile:x,{ID})"),
        Target("profile_url", url(FRIEND)),
    ):
        async with reading(put(tmp_path, *rows)) as reader:
            cursor, seen = None, ""
            for _ in range(4):
                answer = await reader.read(Query(target, count=17, cursor=cursor, detail="verbatim"))
                cursor, seen = answer.next_cursor, answer.text + seen
        assert cursor is None
        assert [seen.count(f" message {number}\n") for number in range(60)] == [1] * 60


async def test_cursors_outlive_a_newer_export_and_a_restart(tmp_path: Path) -> None:
    """With another name and more messages, they go on where they were."""
    rows = [Row(f"message {number}", at=f"2026-02-03T07:{59 - number:02}:00") for number in range(20)]
    first = await read(put(tmp_path, *rows), Query(by_id(), count=10))
    newer = put(
        tmp_path, *[Row("new", at="2026-06-01T00:00:00")] * 5, *rows, name="Basic_LinkedInDataExport_06-02-2026.zip"
    )
    second = await read(newer, Query(by_id(), count=10, cursor=first.next_cursor))
    assert "message 9" in first.text
    assert [f" message {number}\n" in second.text for number in (9, 10, 19)] == [False, True, True]


async def test_a_cursor_of_another_export_is_refused(tmp_path: Path) -> None:
    """Its secret is what only those know who have the export."""
    rows = [Row(f"message {number}") for number in range(20)]
    first = await read(put(tmp_path, *rows), Query(by_id(), count=5))
    other = written(tmp_path / "other.csv", csv_of([*rows, Row("older", conversation=5, at="2019-01-01T00:00:00")]))
    with pytest.raises(InvalidCursor):
        await read(other, Query(by_id(), count=5, cursor=first.next_cursor))


async def test_focus_since_and_zone_work_as_ever(tmp_path: Path) -> None:
    """They are the reader's, not the source's."""
    rows = [Row(f"filler {number} " * 30, at=f"2026-02-03T07:{59 - number:02}:00") for number in range(50)]
    rows[20] = Row("the invoice is overdue", at="2026-02-03T07:39:00")
    path = put(tmp_path, *rows)
    focused = await read(path, Query(by_id(), count=50, max_tokens=400, focus="invoice"))
    assert "the invoice is overdue" in focused.text
    since = await read(
        path, Query(by_id(), count=50, since_ms=1_770_105_000_000), CONVERSATION_TIMEZONE="Europe/Zurich"
    )
    assert "Nothing older was asked for." in since.text
    assert "Europe/Zurich" in since.text


async def test_of_several_conversations_with_a_person_the_newest_is_read_and_the_others_named(tmp_path: Path) -> None:
    """By their ids, two of them at most."""
    rows = [Row(f"in {number}", conversation=number, at=f"2026-02-0{number}T00:00:00") for number in (1, 2, 3, 4)]
    answer = await read(put(tmp_path, *rows), Query(Target("profile_url", url(FRIEND))))
    assert " in 4\n" in answer.text
    assert f"conversation_id {conversation_id(3)}, {conversation_id(2)} and 1 more." in answer.text


@pytest.mark.parametrize("target", [by_id("2-nothere"), Target("profile_url", url("Nobody Known"))])
async def test_what_is_not_in_the_export_is_refused_with_advice(tmp_path: Path, target: Target) -> None:
    """How to find out what is."""
    with pytest.raises(RequestRejected) as raised:
        await read(put(tmp_path, Row()), Query(target))
    assert "list_conversations" in raised.value.explain()


async def test_my_side_is_known_by_name_where_there_are_no_profiles(tmp_path: Path) -> None:
    """Seven columns have names and DIRECTION."""
    path = put(tmp_path, mine("Shall we?"), Row("Hello"), era=ERAS[2])
    identity = next(each.id for each in archive_of(path).conversations() if each.messages == 2)
    assert "Olga: (me) - Olga Owner" in (await read(path, Query(by_id(identity)))).text


async def test_where_nothing_says_who_is_me_the_answer_says_so_and_the_setting_decides(tmp_path: Path) -> None:
    """A profile that was asked for is the other's."""
    path = written(tmp_path / "messages.csv", csv_of([mine("b"), Row("a")]))
    note = "The export does not say which messages are yours; set CONVERSATION_SELF_PROFILE_URL."
    unknown = await read(path)
    assert note in unknown.text
    assert "(me)" not in unknown.text
    asked = await read(path, Query(Target("profile_url", url(FRIEND))))
    assert "Olga: (me) in/olga-owner-madeup" in asked.text
    told = await read(path, CONVERSATION_SELF_PROFILE_URL=url(OWNER))
    assert "Olga: (me) in/olga-owner-madeup" in told.text
    assert note not in told.text


async def test_leftovers_of_another_encoding_are_told_in_the_answer(tmp_path: Path) -> None:
    """Once."""
    data = csv_of([Row("Z\u00fcrich")] * 300).replace("\u00fc".encode(), b"\xfc")
    answer = await read(written(tmp_path / "messages.csv", data), Query(by_id(), count=300, max_tokens=20_000))
    assert answer.text.count("! Some characters were not UTF-8; they were read as Windows-1252.") == 1


async def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    """Also one that is gone, and one that comes back; a damaged one is reported until it is whole again."""
    async with reading(put(tmp_path, Row("old"))) as reader:
        assert "old" in (await reader.read(Query(by_id()))).text
        path = put(tmp_path, Row("new"), Row("newer"))
        assert "newer" in (await reader.read(Query(by_id()))).text
        path.unlink()
        with pytest.raises(ArchiveError):
            await reader.read(Query(by_id()))
        written(path, b"PK damaged")
        for _ in range(2):
            with pytest.raises(ArchiveError):
                await reader.read(Query(by_id()))
        put(tmp_path, Row("back again"))
        assert "back again" in (await reader.read(Query(by_id()))).text


async def test_calls_that_come_while_the_export_is_read_share_it_and_hear_how_far_it_is(tmp_path: Path) -> None:
    """It is read once."""
    loader = Gated(put(tmp_path, Row("Hello")))
    loader.start()
    loader.start()
    heard: list[int] = []
    archives: list[Archive] = []

    async def hear(messages_read: int) -> None:
        heard.append(messages_read)
        loader.gate.set()

    async def ask() -> None:
        archives.append(await loader.archive(hear))

    async with anyio.create_task_group() as asking:
        for _ in range(3):
            asking.start_soon(ask)
    assert heard
    assert len({id(archive) for archive in archives}) == loader.loads == 1


async def test_nothing_of_an_export_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither its path nor its texts, at any level; nor is a path in an error."""
    caplog.set_level("DEBUG")
    await read(put(tmp_path / "secret-folder", Row("secret text")))
    with pytest.raises(ArchiveError) as raised:
        await read(tmp_path / "secret-gone")
    assert "secret" not in caplog.text + raised.value.explain()


async def test_a_group_with_a_closed_account_names_it_nobody(tmp_path: Path) -> None:
    """It has a mark, and no profile."""
    rows = [Row("b", sender=NOBODY, to=(OWNER, FRIEND)), Row("a", to=(OWNER, NOBODY))]
    text = (await read(put(tmp_path, *rows, mine("c", to=(FRIEND, NOBODY), at="2026-02-01T00:00:00")))).text
    assert " - LinkedIn Member\n" in text
    assert json.dumps(text)


def archive_of(path: Path) -> Archive:
    from mcp_server.archive.files import read_files

    return Archive(read_files(path))


class Gated(ArchiveLoader):
    """Counts how often it loads, and loads when the gate is open."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.gate = Event()
        self.loads = 0

    def load(self, on_progress: Callable[[int], None]) -> Archive:
        self.loads += 1
        self.gate.wait()
        return super().load(on_progress)
