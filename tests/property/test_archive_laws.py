"""Laws of reading exports: what was written in any era is read back, and no bytes break it."""

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_server.archive.archive import Archive
from mcp_server.archive.dates import DateReader
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.markup import is_campaign, text_of
from mcp_server.conversation.cleaning import clean
from mcp_server.errors import ArchiveError
from tests.support.archives import read_both_ways
from tests.support.exports import ERAS, OWNER, Era, Row, conversation_id, csv_of

_BEGINNING = datetime(2015, 1, 1, tzinfo=UTC)
_CHARACTERS = st.characters(codec="utf-8")
_TEXTS = st.text(st.one_of(st.sampled_from("\",;\n\r<>&'\\ \t\0\ufeff"), _CHARACTERS), max_size=40)
# Before 2100: some exports write two digits of a year.
_MOMENTS = st.integers(0, 4_102_444_799).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_FRIENDS = st.sampled_from(["Finn Friend", "Noor Castellane, PhD", "Søren Quist", "LinkedIn Member"])


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Rows of a few conversations of two, newest first, as an export has them."""
    every = []
    for number in range(draw(st.integers(1, 3))):
        friend = draw(_FRIENDS)
        moments = sorted(draw(st.lists(st.integers(0, 300_000_000), min_size=1, max_size=6)), reverse=True)
        for seconds in moments:
            mine = draw(st.booleans())
            every.append(
                Row(
                    draw(_TEXTS),
                    sender=OWNER if mine else friend,
                    to=(friend,) if mine else (OWNER,),
                    at=(_BEGINNING + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S"),
                    conversation=number,
                )
            )
    return every


def seconds_of(row: Row, era: Era) -> int:
    moment = datetime.fromisoformat(row.at).replace(tzinfo=UTC)
    return int(moment.timestamp()) // 60 * 60 if era.to_the_minute else int(moment.timestamp())


def shown(text: str) -> str:
    """What is shown of a text as typed: the line ends are those of the file."""
    return clean(text_of(text) if is_campaign(text, nameless=False) else text)


@pytest.mark.parametrize("era", ERAS, ids=lambda era: era.name)
@settings(max_examples=40)
@given(written=rows())
def test_what_is_written_in_any_era_is_read_back(era: Era, written: list[Row]) -> None:
    """Every text, sender and moment once, oldest first; page by page and at once alike; each with its own identity."""
    archive = Archive(ExportFiles(csv_of(written, era)))
    read = []
    for summary in archive.conversations():
        number = archive.find(summary.id)
        assert number is not None
        whole = read_both_ways(archive, number, most=1_000)
        assert whole.total == summary.messages
        times = [message.sent_at_s or 0 for message in whole.messages]
        assert times == sorted(times, reverse=True)
        read += [
            (message.sent_at_s, message.text, message.sender and message.sender.name) for message in whole.messages
        ]
    assert sorted(read, key=repr) == sorted(
        ((seconds_of(row, era), shown(row.content), row.sender) for row in written), key=repr
    )


@given(written=rows(), era=st.sampled_from([era for era in ERAS if era.has_ids]))
def test_a_conversation_is_in_reverse_order_of_the_file(written: list[Row], era: Era) -> None:
    """Of equal moments too."""
    archive = Archive(ExportFiles(csv_of(written, era)))
    for conversation in {row.conversation for row in written}:
        assert conversation is not None
        number = archive.find(conversation_id(conversation))
        assert number is not None
        texts = [message.text for message in archive.read(number, count=1_000).messages]
        assert texts == [shown(row.content) for row in written if row.conversation == conversation]


@given(written=rows(), newer=rows(), era=st.sampled_from([era for era in ERAS if era.has_ids]))
def test_identities_survive_a_newer_export(written: list[Row], newer: list[Row], era: Era) -> None:
    """Whatever has been added since, in whatever columns it comes."""
    later = [Row(row.content, at="2027-01-01T00:00:00", conversation=row.conversation) for row in newer]
    before = Archive(ExportFiles(csv_of(written, era)))
    after = Archive(ExportFiles(csv_of([*later, *written], ERAS[-1])))
    for conversation in {row.conversation for row in written}:
        assert conversation is not None
        old, new = before.find(conversation_id(conversation)), after.find(conversation_id(conversation))
        assert old is not None
        assert new is not None
        ids = [message.id for message in before.read(old, count=1_000).messages]
        assert [message.id for message in after.read(new, count=1_000).messages][-len(ids) :] == ids


@given(data=st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda junk: csv_of([Row(), Row()]) + junk)))
def test_no_bytes_break_a_reader(data: bytes) -> None:
    """A file is refused in words, or read."""
    with suppress(ArchiveError):
        archive = Archive(ExportFiles(data))
        for summary in archive.conversations():
            number = archive.find(summary.id)
            assert number is not None
            archive.read(number, count=10)


@given(moments=st.lists(_MOMENTS, max_size=5), era=st.sampled_from(ERAS))
def test_every_moment_an_era_can_write_is_read(moments: list[datetime], era: Era) -> None:
    """To the second, or to the minute where it has no more."""
    reader = DateReader()
    whole = [moment.replace(second=0 if era.to_the_minute else moment.second) for moment in moments]
    kept = [each for each in whole if era.date != "numbers" or each.year >= 2000]
    expected = [int(each.timestamp()) for each in kept]
    assert reader.read_all([era.spell(each) for each in kept]) == expected


@given(text=_TEXTS)
def test_what_is_in_a_field_never_becomes_a_record(text: str) -> None:
    """A record stays one, whatever it quotes."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([text, text])
    archive = Archive(ExportFiles(csv_of([Row(stream.getvalue() + text)])))
    assert [summary.messages for summary in archive.conversations()] == [1]
