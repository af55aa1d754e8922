"""Reading an export: its eras, its bytes, its order, its identities; one test for each quirk."""

import random
from datetime import date

import pytest

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from mcp_server.errors import ArchiveError
from tests.support.archives import notes, opened, read, texts
from tests.support.exports import ERAS, FRIEND, LAST_NINE, NOBODY, Era, Row, conversation_id, csv_of, mine


@pytest.mark.parametrize("era", ERAS, ids=lambda era: era.name)
def test_every_era_is_read(era: Era) -> None:
    """Who wrote what, when; whose export it is; and what conversation it was."""
    archive = opened(mine("two", at="2017-07-05T15:15:00"), Row("one", at="2017-07-05T15:14:00"), era=era)
    wanted = next(each for each in archive.conversations() if FRIEND in [person.name for person in each.participants])
    messages = read(archive, wanted.id).messages
    assert [(message.text, message.sent_at_s) for message in messages] == [("two", 1499267700), ("one", 1499267640)]
    assert [message.sender and message.sender.owner for message in messages] == [True, False]
    assert (wanted.kind, wanted.messages, wanted.newest_at_s) == ("direct", 2, 1499267700)


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    """Spaces and quotes around them, and columns that nobody knows, count for nothing."""
    data = b' content ,"""Date""",unknown,from,To\r\n"a, b",2023-06-11 15:33:58 UTC,x,Finn Friend,Olga Owner\r\n'
    archive = Archive(ExportFiles(data))
    (conversation,) = archive.conversations()
    assert texts(archive, conversation.id) == ["a, b"]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"a,b\n1,2\n", b"From,To,Sent At,Message,Direction\n", b"\xff\xfea\x00"]
)
def test_a_file_without_the_columns_of_messages_is_refused(data: bytes) -> None:
    """With advice; no cell is quoted."""
    with pytest.raises(ArchiveError):
        Archive(ExportFiles(data))


def test_a_header_alone_is_an_export_without_messages() -> None:
    """That happens."""
    archive = Archive(ExportFiles(csv_of([]), named_day=date(2026, 11, 20)))
    assert (list(archive.conversations()), archive.owner, archive.day) == ([], None, date(2026, 11, 20))
    assert Archive(ExportFiles(csv_of([]))).day is None


def test_quoted_line_breaks_quotes_and_commas_are_text() -> None:
    """Also where the text looks like a header and a record, with either line end, and longer than the csv module's
    limit."""
    forged = 'See:\n"CONVERSATION ID","FROM"\n"2-x","Olga Owner"\n,,,'
    archive = opened(Row("a\r\nb\n\nc"), Row('say ""so"", then'), Row(forged), Row("x" * 200_000))
    assert texts(archive)[-1::-1] == ["a\nb\n\nc", 'say ""so"", then', forged, "x" * 200_000]


def test_a_byte_order_mark_and_windows_line_ends_are_nothing() -> None:
    """Some exports begin with one; a program that saves them again writes the other."""
    data = b"\xef\xbb\xbf" + csv_of([Row("a")]).replace(b"\n", b"\r\n")
    assert texts(Archive(ExportFiles(data))) == ["a"]


def test_a_carriage_return_alone_ends_a_line_in_quotes_and_a_record_outside() -> None:
    """So the csv module reads them; the place of each record is found again."""
    data = csv_of([Row("a\rb"), Row("c")]).replace(b'"\n', b'"\r')
    assert texts(Archive(ExportFiles(data))) == ["c", "a\nb"]


def test_leftovers_of_windows_1252_are_read_counted_and_told() -> None:
    """One such byte must not cost an export."""
    data = csv_of([Row("caf\u00e9 und Z\u00fcrich"), Row("Au caf\u00c3\u00a9")])
    archive = Archive(ExportFiles(data.replace("\u00fc".encode(), b"\xfc").replace(b"und", b"\x80\x81nd")))
    assert texts(archive) == ["Au caf\u00c3\u00a9", "caf\u00e9 \u20ac\ufffdnd Z\u00fcrich"]
    assert (archive.counts.replaced, read(archive).replaced, read(archive, count=1, before=1).replaced) == (3, 3, 0)


def test_short_long_and_empty_records_do_no_harm() -> None:
    """Cells that are missing are empty, those too many are passed over, and nothing but commas is no message."""
    whole = csv_of([Row("a", at="2026-02-03T07:00:03")], LAST_NINE)
    short = f"{conversation_id(1)},,Finn Friend,,Olga Owner,2026-02-03 07:00:02 UTC\n".encode()
    long = csv_of([Row("c", at="2026-02-03T07:00:01")], LAST_NINE).split(b"\n")[1] + b",more,and more\n"
    archive = Archive(ExportFiles(whole + b",,,,,,,,\n\n" + short + b"\n" + long))
    assert texts(archive) == ["c", "", "a"]


def test_a_row_with_a_sender_a_text_or_a_date_is_a_message() -> None:
    """An empty text is ordinary."""
    archive = opened(Row("", at=""), Row("text", sender="", at=""), Row("", sender="", at="2026-01-01T00:00:00"))
    assert read(archive).total == 3
    assert [message.kind for message in read(archive).messages] == ["empty", "text", "empty"]


def test_equal_seconds_are_in_reverse_order_of_the_file() -> None:
    """Exports run newest first."""
    assert texts(opened(Row("third"), Row("second"), Row("first"))) == ["first", "second", "third"]


def test_dates_decide_where_the_file_is_out_of_order() -> None:
    """Nothing promises an order."""
    rows = [Row(str(second), at=f"2026-02-03T07:00:{second:02}") for second in range(20)]
    random.Random(1).shuffle(rows)
    assert texts(opened(*rows)) == [str(second) for second in range(20)]


def test_an_undated_message_stays_next_to_its_neighbour_and_is_told() -> None:
    """It is not from 1970."""
    archive = opened(Row("c", at="2026-02-03T07:00:02"), Row("b", at="yesterday"), Row("a", at="2026-02-03T07:00:01"))
    assert texts(archive) == ["a", "b", "c"]
    assert read(archive).messages[1].sent_at_s is None
    assert "1 message has no date that can be read." in notes(archive)
    assert texts(opened(Row("b", at="2026-02-03T07:00:02"), Row("a", at=""))) == ["a", "b"]


def test_times_without_a_zone_are_told() -> None:
    """They are read as UTC."""
    note = "Times in this export name no time zone; they are read as UTC."
    assert note in notes(opened(Row(cells={"DATE": "2026-02-03 07:00:00"})))
    assert note not in notes(opened(Row()))


def test_two_identical_rows_are_two_messages_with_identities_that_a_newer_export_keeps() -> None:
    """Newer messages, other conversations, other columns, line breaks, names and expiring addresses change none."""
    old = [Row("Sure.\n\nYes"), mine("Sure."), Row("Sure."), Row("Sure.")]
    before = [message.id for message in read(opened(*old)).messages]
    assert len(set(before)) == 4
    renamed = [
        Row("new", at="2026-03-01T00:00:00"),
        Row("Sure.  Yes", sender=NOBODY, cells={"ATTACHMENTS": "https://www.linkedin.com/dms/x?e=1"}),
        *old[1:],
    ]
    after = [message.id for message in read(opened(Row(conversation=7), *renamed, era=ERAS[9])).messages]
    assert after[1:] == before
    assert not set(before) & {
        message.id for message in read(opened(*old, Row(conversation=2, content="Sure.")), 2).messages
    }


def test_identities_are_the_same_on_pages_of_any_size() -> None:
    """Also where a page begins between two that are equal."""
    archive = opened(*[Row("Yes")] * 7, Row("No"))
    whole = [message.id for message in read(archive).messages]
    for size in (1, 2, 3, 5):
        paged, before = [], None
        while before != 0:
            page = read(archive, count=size, before=before)
            paged += [message.id for message in page.messages]
            before = page.older
        assert paged == whole
