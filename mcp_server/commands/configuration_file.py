"""A client's configuration file: read, and changed so that nothing in it is lost and no key is exposed."""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

from mcp_server.commands.hosts import configuration_file
from mcp_server.commands.jsonc import NotJson, merged, read

Added = Mapping[str, Mapping[str, object] | Sequence[Mapping[str, object]]]

_BY_HAND = "Add the output of --print by hand."
_ATTEMPTS = 3
_BYTE_ORDER_MARK = "\ufeff"


def locate(name: str, environ: Mapping[str, str], *, platform: str = sys.platform) -> Path:
    """The configuration file of a client of this user."""
    return Path(configuration_file(name, platform, environ, list_folders=_folders_in))


class Unusable(Exception):
    """The file cannot be read or changed. The message continues a sentence that begins with its path."""


class ConfigurationFile:
    """The file at `path`, or the one it links to: some people keep their settings elsewhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = Path(os.path.realpath(path))

    def value(self) -> Any:
        """The value in the file, or an empty object if there is none. Raises Unusable."""
        try:
            text = _decoded(self.read()).removeprefix(_BYTE_ORDER_MARK)
            return read(text) if text.strip() else {}
        except NotJson as error:
            raise Unusable(f"is not valid JSON ({error}).") from None
        except OSError as error:
            raise Unusable(f"could not be read: {error.strerror}.") from None

    def put(self, added: Added, *, secret: bool, client: str) -> list[str]:
        """Add to the file and return sentences about what was done. Raises Unusable.

        With `secret`, `added` contains a key: only the owner can read the file afterwards. `client` is the name of the
        program whose file it is.
        """
        try:
            for _ in range(_ATTEMPTS):
                before = self.read()
                after = _changed(before, added)
                if after == before:
                    return [f"{self._path} has it already; nothing was changed.", *self._restrict(secret=secret)]
                done = self._write(before, after, secret=secret)
                if done is not None:
                    break
            else:
                raise Unusable(f"is being changed by another program. Close {client} and run this again.")
            # A program that had the old file in memory may have written it again meanwhile.
            now = self.read()
            if _changed(now, added) != now:
                raise Unusable(f"was changed by another program at the same time. Close {client} and run this again.")
        except OSError as error:
            raise Unusable(f"could not be changed: {error.strerror}. {_BY_HAND}") from None
        return done

    def read(self) -> bytes:
        """The contents, or nothing if there is no such file. Raises Unusable and OSError."""
        if not self._file.exists():
            return b""
        if not self._file.is_file():
            raise Unusable("is not a file.")
        return self._file.read_bytes()

    def replace(self, name: str) -> None:
        """Put the file `name` in place of this one, in one step. Raises OSError."""
        os.replace(name, self._file)

    def _write(self, before: bytes, after: bytes, *, secret: bool) -> list[str] | None:
        """Write `after`, all of it or nothing. None if the file is no longer as it was `before`."""
        status = self._file.stat() if self._file.exists() else None
        if status is not None and not status.st_mode & stat.S_IWUSR:
            raise Unusable(f"is read-only and was left alone. {_BY_HAND}")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner alone, as it may contain a key.
        descriptor, name = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}.")
        done = []
        try:
            with open(descriptor, "wb") as stream:
                stream.write(after)
                stream.flush()
                os.fsync(stream.fileno())
            if status is not None:
                _adopt(name, status, secret=secret)
            if self.read() != before:
                os.unlink(name)
                return None
            if before:
                done.append(f"Kept a copy of the file as it was: {self._keep()}")
            self.replace(name)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        if secret and status is not None:
            done.extend(_restricted(self._path, status.st_mode))
        return [*done, f"Wrote {self._path}"]

    def _restrict(self, *, secret: bool) -> list[str]:
        mode = self._file.stat().st_mode
        if not secret or not _restricted(self._path, mode):
            return []
        self._file.chmod(stat.S_IMODE(mode) & 0o700)
        return _restricted(self._path, mode)

    def _keep(self) -> Path:
        """A copy next to the file, for its owner alone; earlier copies stay."""
        number = 1
        while (copy := self._file.with_name(f"{self._file.name}.bak{number}")).exists():
            number += 1
        shutil.copy2(self._file, copy)
        copy.chmod(stat.S_IMODE(copy.stat().st_mode) & 0o700)
        return copy


def _folders_in(folder: PurePath) -> list[str]:
    try:
        return [each.name for each in os.scandir(folder) if each.is_dir()]
    except OSError:
        return []


def _changed(before: bytes, added: Added) -> bytes:
    """The contents with what is added. Raises Unusable."""
    text = _decoded(before)
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    try:
        return (mark + merged(text.removeprefix(mark), added)).encode()
    except NotJson as error:
        raise Unusable(
            f"is not valid JSON ({error}). It was not changed. Correct it, or {_BY_HAND[0].lower()}{_BY_HAND[1:]}"
        ) from None


def _decoded(contents: bytes) -> str:
    try:
        return contents.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable(f"is not UTF-8 text. It was not changed. {_BY_HAND}") from None


def _adopt(name: str, status: os.stat_result, *, secret: bool) -> None:
    """Give a new file the owner and the mode of the old one, without access for others if it has a secret."""
    os.chmod(name, stat.S_IMODE(status.st_mode) & (0o700 if secret else 0o777))
    if sys.platform != "win32":
        with suppress(OSError):
            os.chown(name, status.st_uid, status.st_gid)


def _restricted(path: Path, mode: int) -> list[str]:
    """What to say about a file of this mode once only its owner can read it."""
    if sys.platform == "win32" or not mode & 0o077:
        return []
    return [f"It contains your key, so only you can read it now (mode {stat.S_IMODE(mode):04o} before): {path}"]
