"""Fuzz target: an export, from its bytes to the pages that are shown. It is read, or refused in words.

Each message of what is read belongs to one conversation, has an identity of its own there, and is found again by it,
page by page as at once.
"""

import io
import zipfile

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.inbox import ArchiveInbox
from mcp_server.archive.pages import message_of
from mcp_server.archive.zipped import Zipped
from mcp_server.errors import ArchiveError
from tests.fuzz.source import Source
from tests.support.archives import read_both_ways
from tests.support.exports import ERAS
from tests.support.hostile_text import FRAGMENTS, faults

DATES = (
    "2026-04-20 09:00:00 UTC", "2026-04-20 09:00:00", "2019-11-06T02:08:20", "3/12/18, 4:05 PM",
    "July 5, 2017, 3:14 PM", "2026-02-30 09:00:00 UTC", "0000-00-00 00:00:00 UTC", "9999-12-31 23:59:59 UTC",
    "13/40/18, 0:99 AM", "",
)  # fmt: skip
PEOPLE = ("Olga Owner", "Finn Friend", "LinkedIn Member", "Noor, PhD", "")
CELLS = (
    *FRAGMENTS, *DATES, *PEOPLE, "https://www.linkedin.com/in/olga", "https://www.linkedin.com/in/", "2-abc==",
    "urn:li:", "<p>", "</p>", '<p class="spinmail-quill-editor">', "<script>", "<a href='x'>", "&lt;", "&#0;",
    "&#x110000;", "Yes", "Sponsored Conversation", "INBOX", "SPAM", "OUTGOING", "LinkedIn Member left the conversation",
)  # fmt: skip
ENDS = (b"\n", b"\r\n", b"\r", b"", b"\n\n", b',"', b"\xff", b"\0", b'"\n')
BESIDE = ("First Name,Last Name\n", "From,To,Date Sent,Direction,inviterProfileUrl\n", "First Name,Last Name,URL\n")
MOST = 1000


def check(data: bytes) -> None:
    """Any bytes as messages, any cells under the header of any year, and a ZIP with some of its bytes changed."""
    source = Source(data)
    messages = _messages(source)
    profile, invitations, connections = (each.encode() + _record(source, 5) for each in BESIDE)
    _check_archive(ExportFiles(data))
    _check_archive(ExportFiles(messages, profile=profile, invitations=invitations, connections=connections))
    _check_zip(_damaged(_zipped(messages), source))


def _check_archive(files: ExportFiles) -> None:
    try:
        archive = Archive(files)
    except ArchiveError:
        return
    assert archive.secret.isprintable()
    assert archive.day is None or archive.day.year > 0
    counts, found = archive.counts, 0
    for number in archive.newest_first():
        assert archive.find(archive.id_of(number)) == number
        summary, whole = archive.summary(number), read_both_ways(archive, number, most=MOST)
        assert whole.total == summary.messages + summary.drafts
        found += whole.total
        for message in map(message_of, whole.messages):
            assert faults(message.text) == []
            assert faults(message.tag or "") == []
            assert message.sender is None or faults(message.sender.name) == []
        assert all(map(str.isprintable, archive.notes(number)))
    assert found == counts.messages + counts.drafts
    inbox = ArchiveInbox(archive)
    assert len(inbox.page(None, MOST).messages) == counts.conversations == len(inbox.search(""))


def _check_zip(data: bytes) -> None:
    try:
        members = Zipped(io.BytesIO(data))
        for path in members.paths():
            assert len(members.read(path)) <= MOST * len(data)
    except ArchiveError:
        pass


def _messages(source: Source) -> bytes:
    header = source.one_of(ERAS).header
    rows = [_record(source, len(header), header) for _ in range(source.number(7))]
    return b"".join((",".join(header).encode(), source.one_of(ENDS), *rows))


def _record(source: Source, width: int, header: tuple[str, ...] = ()) -> bytes:
    cells = []
    for at in range(width):
        likely = DATES if header[at : at + 1] in (("DATE",), ("Date",)) else PEOPLE
        cells.append(source.one_of(likely) if source.byte() % 2 else source.text(CELLS, most=8))
    return _row(cells, quoted=source.byte() % 8 > 0) + source.one_of(ENDS)


def _row(cells: list[str], *, quoted: bool) -> bytes:
    written = ('"' + cell.replace('"', '""') + '"' if quoted else cell for cell in cells)
    return ",".join(written).encode("utf-8", "surrogatepass")


def _zipped(messages: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("messages.csv", messages)
        packed.writestr("Profile.csv", BESIDE[0])
    return stream.getvalue()


def _damaged(data: bytes, source: Source) -> bytes:
    changed = bytearray(data)
    for _ in range(source.number(7)):
        changed[source.number(len(changed) - 1)] = source.byte()
    return bytes(changed[: len(changed) - source.number(60) * (source.byte() % 2)])
