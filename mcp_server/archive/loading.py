"""Reads an export in the background, once, and again when it has changed."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import anyio
import anyio.to_thread

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import Stamp, read_files, stamp_of
from mcp_server.garbage_collection import collector_paused

_PROGRESS_S = 0.25

OnProgress = Callable[[int], Awaitable[None]]
"""Awaited now and then while an export is read, with the number of messages read so far."""


@dataclass(slots=True)
class _Load:
    """One reading of the file. `outcome` is there when `done` is set; the stamp is the file's from before it."""

    done: anyio.Event = field(default_factory=anyio.Event)
    stamp: Stamp | None = None
    outcome: Archive | Exception | None = None
    messages_read: int = 0


class ArchiveLoader:
    """Gives the export at `path`, as it is now. It is read in a thread of its own, once for all calls that wait."""

    def __init__(self, path: Path, *, self_profile_url: str | None = None) -> None:
        self._path = path
        self._self_profile_url = self_profile_url
        self._latest: _Load | None = None

    def start(self) -> None:
        """Begin to read, for the first call to come, which reports what is wrong with the file. Needs an event loop."""
        if self._latest is None:
            self._latest = self._begin()

    async def archive(self, on_progress: OnProgress | None = None) -> Archive:
        """The export, read again where the file has changed since. Raises ArchiveError."""
        stamp = await anyio.to_thread.run_sync(stamp_of, self._path)
        load = self._latest
        if load is None or (load.done.is_set() and stamp != load.stamp):
            load = self._latest = self._begin()
        while not load.done.is_set():
            with anyio.move_on_after(_PROGRESS_S):
                await load.done.wait()
            if on_progress is not None and not load.done.is_set():
                await on_progress(load.messages_read)
        if isinstance(load.outcome, Exception):
            raise copy.copy(load.outcome).with_traceback(None)
        assert load.outcome is not None  # set before `done`
        return load.outcome

    def load(self, on_progress: Callable[[int], None]) -> Archive:
        """Read the export now. Blocks; raises ArchiveError."""
        # What an index is made of stays: the collector's rounds over it would be a tenth of the time.
        with collector_paused():
            return Archive(read_files(self._path), self_profile_url=self._self_profile_url, on_progress=on_progress)

    def _begin(self) -> _Load:
        load = _Load()
        # A daemon thread, so that neither a call that is cancelled nor the end of the process waits for it.
        Thread(target=self._run, args=(load, asyncio.get_running_loop()), name="archive", daemon=True).start()
        return load

    def _run(self, load: _Load, loop: asyncio.AbstractEventLoop) -> None:
        def note_progress(messages_read: int) -> None:
            load.messages_read = messages_read

        try:
            # A file that changes while it is read has another stamp at the next call.
            load.stamp = stamp_of(self._path)
            load.outcome = self.load(note_progress)
        except Exception as error:  # noqa: BLE001 - every call raises it; the server stays up to answer
            load.outcome = error
        with suppress(RuntimeError):  # the loop has ended, and everybody who waited with it
            loop.call_soon_threadsafe(load.done.set)
