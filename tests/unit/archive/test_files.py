"""Opening an export in every form in which people have it, and refusing what is none."""

import io
import os
import struct
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from mcp_server.archive import zipped
from mcp_server.archive.files import named_day, read_files, stamp_of
from mcp_server.errors import ArchiveError
from tests.support.exports import Row, csv_of, written, zip_of

MESSAGES = csv_of([Row("Hello")])
OTHER = csv_of([Row("from another file")])
MEMBERS = {"Profile.csv": b"p", "Invitations.csv": b"i", "Connections.csv": b"c", "messages.csv": MESSAGES}
NAME = "Basic_LinkedInDataExport_11-20-2026"


@pytest.mark.parametrize("name", [f"{NAME}.zip", f"{NAME}.zip.zip", f"{NAME} (1).zip", "renamed", "archive.csv"])
def test_a_zip_is_read_under_any_name(tmp_path: Path, name: str) -> None:
    """`.zip.zip` is a doubled name, no ZIP in a ZIP."""
    files = read_files(written(tmp_path / name, zip_of(MEMBERS)))
    assert (files.messages, files.profile, files.invitations, files.connections) == (MESSAGES, b"p", b"i", b"c")


def test_a_zip_packed_again_with_a_folder_around_it_is_read(tmp_path: Path) -> None:
    """With what macOS adds, and with the day from the folder's name."""
    members = {f"{NAME}/{name}": content for name, content in MEMBERS.items()}
    junk = {"__MACOSX/._messages.csv": b"x", f"__MACOSX/{NAME}/messages.csv": b"x", f"{NAME}/._messages.csv": b"x"}
    files = read_files(written(tmp_path / "mine.zip", zip_of({**junk, **members})))
    assert (files.messages, files.profile, files.named_day) == (MESSAGES, b"p", date(2026, 11, 20))


@pytest.mark.parametrize("inner", ["", "inner"])
def test_an_unpacked_folder_is_read(tmp_path: Path, inner: str) -> None:
    """Also where unpacking put a folder into a folder."""
    folder = tmp_path / NAME
    for name, content in MEMBERS.items():
        written(folder / inner / name, content)
    files = read_files(folder)
    assert (files.messages, files.invitations, files.named_day) == (MESSAGES, b"i", date(2026, 11, 20))


@pytest.mark.parametrize("name", ["messages.csv", "Messages.csv", "Inbox.csv"])
def test_the_messages_file_alone_is_read_with_what_lies_next_to_it(tmp_path: Path, name: str) -> None:
    """Its name says that the folder is an export."""
    written(tmp_path / "Profile.csv", b"p")
    assert read_files(written(tmp_path / name, MESSAGES)).profile == b"p"


def test_a_file_with_a_name_of_its_own_is_read_alone(tmp_path: Path) -> None:
    """What lies next to it may be of somebody else."""
    written(tmp_path / "Profile.csv", b"p")
    files = read_files(written(tmp_path / "messages-2026.csv", MESSAGES))
    assert (files.messages, files.profile) == (MESSAGES, b"")


@pytest.mark.parametrize("old", ["Inbox.csv", "Messages.csv"])
def test_the_old_names_of_the_messages_file_are_known(tmp_path: Path, old: str) -> None:
    """`Inbox.csv` to 2017, `Messages.csv` after it."""
    assert read_files(written(tmp_path / "x.zip", zip_of({old: MESSAGES}))).messages == MESSAGES


def test_logs_of_the_assistants_are_no_conversations(tmp_path: Path) -> None:
    """They have the same header: only the name tells."""
    logs = ["guide_messages.csv", "learning_role_play_messages.csv", "learning_coach_messages.csv"]
    logs += ["coach_messages.csv", "LearningCoachMessages.csv"]
    members = dict.fromkeys(logs, OTHER)
    assert read_files(written(tmp_path / "x.zip", zip_of({**members, "messages.csv": MESSAGES}))).messages == MESSAGES
    with pytest.raises(ArchiveError, match=r"no messages\.csv"):
        read_files(written(tmp_path / "y.zip", zip_of(members)))
    for name in logs:
        with pytest.raises(ArchiveError, match="assistant"):
            read_files(written(tmp_path / name, OTHER))


def test_the_first_part_of_an_archive_is_explained(tmp_path: Path) -> None:
    """LinkedIn sends a large one in two parts; the messages come with the later."""
    with pytest.raises(ArchiveError) as raised:
        read_files(written(tmp_path / "x.zip", zip_of({"Profile.csv": b"p"})))
    assert "two parts" in raised.value.explain()


def test_two_exports_in_one_are_refused(tmp_path: Path) -> None:
    """Nobody said which."""
    with pytest.raises(ArchiveError, match="more than one"):
        read_files(written(tmp_path / "x.zip", zip_of({"a/messages.csv": MESSAGES, "b/messages.csv": OTHER})))


def test_the_members_number_in_a_name_is_passed_over(tmp_path: Path) -> None:
    """Complete archives have it."""
    files = read_files(written(tmp_path / "x.zip", zip_of({"messages.csv": MESSAGES, "Invitations_123.csv": b"i"})))
    assert files.invitations == b"i"


@pytest.mark.parametrize("name", ["../messages.csv", "/etc/messages.csv", "C:\\messages.csv", "a/../../x.csv", "..\\x"])
def test_a_zip_with_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is extracted, but such an archive is not LinkedIn's."""
    with pytest.raises(ArchiveError, match="leads out"):
        read_files(written(tmp_path / "x.zip", zip_of({"messages.csv": MESSAGES, name: b"x"})))


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    """LinkedIn's have some fifty."""
    members = {f"{number}.txt": b"" for number in range(zipped.MOST_MEMBERS + 1)}
    with pytest.raises(ArchiveError, match=r"more than 5,000 files"):
        read_files(written(tmp_path / "x.zip", zip_of(members)))


def test_a_zip_that_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    """Above eight megabytes; below, it cannot become large."""
    packed = written(tmp_path / "x.zip", zip_of({"messages.csv": b"a" * (zipped.RATIO_FROM_BYTES + 1)}))
    with pytest.raises(ArchiveError, match="100 times"):
        read_files(packed)
    small = written(tmp_path / "y.zip", zip_of({"messages.csv": MESSAGES, "pad": b"a" * zipped.RATIO_FROM_BYTES}))
    assert read_files(small).messages == MESSAGES


def test_a_zip_that_says_it_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """Before anything of it is unpacked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("messages.csv", MESSAGES)
    content = bytearray(stream.getvalue())
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<II", content, directory + 20, 0xFFFF_FFF0, 0xFFFF_FFF0)
    with pytest.raises(ArchiveError, match="more than 2 GiB"):
        read_files(written(tmp_path / "x.zip", bytes(content)))


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    """The flag alone decides: no password is asked for."""
    content = bytearray(zip_of({"messages.csv": MESSAGES}))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        read_files(written(tmp_path / "x.zip", bytes(content)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_another_compression_is_refused(tmp_path: Path, method: int) -> None:
    """A few bytes of LZMA can ask for gigabytes before they are found to be damaged."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("messages.csv", MESSAGES)
    content = bytearray(packed.getvalue())
    if method == zipfile.ZIP_LZMA:
        dictionary = content.index(b"messages.csv") + len("messages.csv") + 5
        content[dictionary : dictionary + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(ArchiveError, match="compressed in a way"):
        read_files(written(tmp_path / "x.zip", bytes(content)))


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1, 0.2, 0.5, 0.9])
def test_a_damaged_zip_is_refused(tmp_path: Path, share: float) -> None:
    """Cut off, or with bytes changed, it never gets further than a sentence."""
    whole = zip_of({"messages.csv": MESSAGES * 50})
    place = int(share * len(whole))
    cut = written(tmp_path / "cut.zip", whole[:place])
    changed = written(tmp_path / "changed.zip", whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    with pytest.raises(ArchiveError):
        read_files(cut)
    with suppress(ArchiveError):
        assert read_files(changed).messages == MESSAGES * 50


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    """One of them would be passed over."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("messages.csv", MESSAGES)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("messages.csv", OTHER)
    with pytest.raises(ArchiveError, match="two files of one name"):
        read_files(written(tmp_path / "x.zip", stream.getvalue()))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would never end; a path that is gone, or may not be read, gets a sentence without the path."""
    pipe = tmp_path / "secret-pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path / "secret-gone", tmp_path / "secret" / "gone"):
        with pytest.raises(ArchiveError) as raised:
            read_files(path)
        assert "secret" not in raised.value.explain()
    with pytest.raises(ArchiveError):
        stamp_of(tmp_path / "secret-gone")


def test_nothing_is_written(tmp_path: Path) -> None:
    """Neither next to the archive nor anywhere else: a folder that nobody may write to will do."""
    path = written(tmp_path / "only" / "x.zip", zip_of(MEMBERS))
    before = sorted(tmp_path.rglob("*"))
    read_files(path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Basic_LinkedInDataExport_11-20-2026.zip", date(2026, 11, 20)),
        ("Complete_LinkedInDataExport_02-03-2025.zip.zip", date(2025, 2, 3)),
        ("Basic_LinkedInDataExport_20-11-2026.zip", None),
        ("messages.csv", None),
    ],
)
def test_the_day_in_a_name_has_the_month_first(name: str, day: date | None) -> None:
    """A twentieth month is no day of ours."""
    assert named_day(name) == day


def test_a_change_of_the_file_is_seen(tmp_path: Path) -> None:
    """Of a file by its own stamp, of a folder by that of the files in it that are read."""
    alone = written(tmp_path / "messages.csv", MESSAGES)
    folder = tmp_path / "unpacked"
    written(folder / "messages.csv", MESSAGES)
    before, folder_before = stamp_of(alone), stamp_of(folder)
    assert stamp_of(alone) == before
    written(alone, OTHER)
    written(folder / "messages.csv", OTHER)
    assert stamp_of(alone) != before
    assert stamp_of(folder) != folder_before
