"""What is read of an export: the messages, and the files next to them that say whose they are.

An export may come as the ZIP that was downloaded (whatever it is called), as a ZIP that somebody packed again with a
folder around it, as an unpacked folder, or as the messages' file alone.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from mcp_server.archive.zipped import MOST_UNPACKED_BYTES, Zipped
from mcp_server.errors import ArchiveError

MESSAGE_FILES = ("messages.csv", "inbox.csv")
"""In lower case, the newer first. The logs of LinkedIn's assistants have the same columns and other names."""

_ASSISTANTS = re.compile(r"(?:guide|learning_role_play|learning_coach|coach)_messages\.csv|learningcoachmessages\.csv")
# Large archives have the member's number in some names.
_BESIDE = re.compile(r"(profile|invitations|connections)(?:_[0-9]+)?\.csv")
# `Basic_LinkedInDataExport_11-20-2026.zip.zip`: the month comes first.
_NAMED_DAY = re.compile(r"LinkedInDataExport_([0-9]{2})-([0-9]{2})-([0-9]{4})", re.IGNORECASE)
_ZIP_MAGIC = b"PK"

_WHERE = (
    "Give the ZIP that LinkedIn sent (Settings, Data privacy, Get a copy of your data), the folder that it unpacks to, "
    "or its messages.csv."
)
_TWO_PARTS = (
    "LinkedIn may send an archive in two parts, the messages with the later one: "
    "use that one, or request the archive again with messages ticked."
)


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The contents of the files. `named_day` is the day in the export's name, None where there is none."""

    messages: bytes
    profile: bytes = b""
    invitations: bytes = b""
    connections: bytes = b""
    named_day: date | None = None


Stamp = tuple[tuple[int, int, int], ...]
"""Inode, size and time of change of each file."""


def read_files(path: Path) -> ExportFiles:
    """The files of the export at `path`. Raises ArchiveError, which names no path."""
    try:
        if path.is_dir():
            return _from_folder(path)
        _regular(path)
        with path.open("rb") as stream:
            magic = stream.read(len(_ZIP_MAGIC))
            stream.seek(0)
            if magic == _ZIP_MAGIC:
                zipped = Zipped(stream)
                return _chosen(zipped.paths(), zipped.read, names=[path.name])
        return _from_file(path)
    except FileNotFoundError:
        raise ArchiveError("There is no file or folder at the path of the archive.", advice=_WHERE) from None
    except OSError:
        raise ArchiveError("The archive could not be opened: this program may not read it.", advice=_WHERE) from None


def stamp_of(path: Path) -> Stamp:
    """What changes when the export does. Raises ArchiveError where there is none any more."""
    try:
        paths = [path, *_candidates(path)] if path.is_dir() else [path]
        return tuple((found.st_ino, found.st_size, found.st_mtime_ns) for found in map(os.stat, paths))
    except OSError:
        raise ArchiveError("There is no file or folder at the path of the archive.", advice=_WHERE) from None


def _from_folder(folder: Path) -> ExportFiles:
    return _chosen(
        (path.relative_to(folder) for path in _candidates(folder)),
        lambda path: _read(folder / path),
        names=[folder.resolve().name],
    )


def _from_file(path: Path) -> ExportFiles:
    """The messages alone, and what lies next to them where the name says that this is an unpacked export."""
    if _ASSISTANTS.fullmatch(path.name.lower()):
        raise ArchiveError("This file is a log of LinkedIn's assistant, not of conversations.", advice=_WHERE)
    folder = path.resolve().parent
    if path.name.lower() not in MESSAGE_FILES:
        return ExportFiles(_read(path), named_day=named_day(path.name))
    beside = [each for each in _candidates(folder) if each.parent == folder and _BESIDE.fullmatch(each.name.lower())]
    return _gathered(Path(path.name), map(PurePath, (each.name for each in beside)), _reader_in(folder), [folder.name])


def _reader_in(folder: Path) -> Callable[[PurePath], bytes]:
    return lambda path: _read(folder / path)


def _candidates(folder: Path) -> list[Path]:
    """The files of a folder, and of the folders in it, whose names are read."""
    here = [each for each in sorted(folder.iterdir()) if not each.name.startswith(".")]
    below = [inner for each in here if each.is_dir() for inner in sorted(each.iterdir())]
    return [each for each in (*here, *below) if each.is_file() and _is_read(each.name)]


def _is_read(name: str) -> bool:
    return name.lower() in MESSAGE_FILES or _BESIDE.fullmatch(name.lower()) is not None


def _chosen(paths: Iterable[PurePath], read: Callable[..., bytes], *, names: list[str]) -> ExportFiles:
    """The export among these paths: where the messages are, at the top or in the one folder that has them."""
    every = list(paths)
    found = [path for path in every if path.name.lower() in MESSAGE_FILES]
    if not found:
        raise ArchiveError("The archive holds no messages.csv.", advice=_TWO_PARTS)
    found.sort(key=lambda path: (len(path.parts), MESSAGE_FILES.index(path.name.lower())))
    messages = found[0]
    if any(len(path.parts) == len(messages.parts) and path.parent != messages.parent for path in found):
        raise ArchiveError("There is more than one archive in it.", advice="Give the path of one of them.")
    return _gathered(messages, every, read, [*names, *reversed(messages.parent.parts)])


def _gathered(
    messages: PurePath, paths: Iterable[PurePath], read: Callable[..., bytes], names: list[str]
) -> ExportFiles:
    beside = {
        found[1]: read(path)
        for path in paths
        if path.parent == messages.parent and (found := _BESIDE.fullmatch(path.name.lower()))
    }
    day = next((day for name in names if (day := named_day(name))), None)
    return ExportFiles(read(messages), named_day=day, **beside)


def named_day(name: str) -> date | None:
    """The day in the name that LinkedIn gives an export, None where the name has none."""
    found = _NAMED_DAY.search(name)
    try:
        return None if found is None else date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None


def _read(path: Path) -> bytes:
    _regular(path)
    return path.read_bytes()


def _regular(path: Path) -> None:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ArchiveError("The path of the archive is neither a file nor a folder.", advice=_WHERE)
    if found.st_size > MOST_UNPACKED_BYTES:
        raise ArchiveError(f"The archive is larger than {MOST_UNPACKED_BYTES // 1024**3} GiB.", advice=_WHERE)
