"""Members of a ZIP from a stranger, read into memory under guard. Nothing is extracted."""

import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from mcp_server.errors import ArchiveError

MOST_MEMBERS = 5_000
MOST_UNPACKED_BYTES = 2 * 1024**3
MOST_RATIO = 100
RATIO_FROM_BYTES = 8 * 1024**2
"""Smaller members may be packed as tightly as they like: they cannot become large."""

_CHUNK_BYTES = 1024 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those that need little memory: a few bytes of LZMA can ask for 4 GiB."""
_UNPACK = "Unpack it, and give the folder instead."
_AGAIN = "Download the archive from LinkedIn again."


class Zipped:
    """The members of an open ZIP. Raises ArchiveError for one that is damaged, encrypted or out of all bounds."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            raise _damaged() from None
        every = [(_path(info), info) for info in self._zip.infolist()]
        _guard(self._zip.infolist())
        self._members = {path: info for path, info in every if not info.is_dir()}
        if len(self._members) < sum(not info.is_dir() for _, info in every):
            raise ArchiveError("The archive holds two files of one name.", advice=_AGAIN)

    def paths(self) -> list[PurePosixPath]:
        """The files in it, without those that macOS adds to a folder that it packs."""
        return [path for path in self._members if "__MACOSX" not in path.parts and not path.name.startswith("._")]

    def read(self, path: PurePosixPath) -> bytes:
        """The content of one file. Raises ArchiveError for one that is damaged or larger than it says."""
        info = self._members[path]
        content = bytearray()
        try:
            with self._zip.open(info) as member:
                while chunk := member.read(_CHUNK_BYTES):
                    content += chunk
                    if len(content) > info.file_size:
                        raise _damaged()
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
            raise _damaged() from None
        return bytes(content)


def _guard(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_MEMBERS:
        raise ArchiveError(f"The archive holds more than {MOST_MEMBERS:,} files; LinkedIn's have some 50.")
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise ArchiveError("The archive is encrypted; LinkedIn's are not.", advice=_UNPACK)
    if any(info.compress_type not in _METHODS for info in infos):
        raise ArchiveError("The archive is compressed in a way that LinkedIn's are not.", advice=_UNPACK)
    if sum(info.file_size for info in infos) > MOST_UNPACKED_BYTES:
        raise ArchiveError(f"The archive unpacks to more than {MOST_UNPACKED_BYTES // 1024**3} GiB.", advice=_AGAIN)
    if any(
        info.file_size > RATIO_FROM_BYTES and info.file_size > MOST_RATIO * max(1, info.compress_size) for info in infos
    ):
        raise ArchiveError(f"A file in the archive unpacks to more than {MOST_RATIO} times its size.", advice=_AGAIN)


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    """Where the member lies. Raises ArchiveError for a path that leads out of the archive."""
    name = info.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
        raise ArchiveError("A file in the archive has a path that leads out of it.", advice=_AGAIN)
    return path


def _damaged() -> ArchiveError:
    return ArchiveError("The archive is damaged, or was not downloaded whole.", advice=_AGAIN)
