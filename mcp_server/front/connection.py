"""The client's pipes, from the first byte on: a thread reads them, answers what it can, and hands over the rest."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from mcp_server.front.opening import Line, Opening

Deliver = Callable[[Line | None], None]
"""Takes the lines for the SDK's server in order, and None at the end of input. Called from the reading thread."""

_CHUNK_BYTES = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Connection:
    """One client, reading from one file descriptor and writing to another."""

    def __init__(self, opening: Opening, read_fd: int, write_fd: int) -> None:
        self._opening = opening
        self._read_fd, self._write_fd = read_fd, write_fd
        self._pending: list[Line] = []
        self._deliver: Deliver | None = None
        self._ended = False
        self._lock, self._write_lock = threading.Lock(), threading.Lock()
        self._heard = threading.Event()

    def start(self) -> None:
        """Start reading in a daemon thread."""
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def needs_server(self) -> bool:
        """Wait for the first line or the end of input. False if the client disconnected and has all its answers."""
        self._heard.wait()
        with self._lock:
            return not self._ended or any(not line.answered for line in self._pending)

    def hand_over(self, deliver: Deliver) -> None:
        """Deliver the lines received so far, and from now on each line as it arrives."""
        with self._lock:
            for line in self._pending:
                deliver(line)
            self._pending.clear()
            if self._ended:
                deliver(None)
            self._deliver = deliver

    def write(self, line: bytes) -> None:
        """Send a line to the client. Raises OSError if the client has closed its end."""
        with self._write_lock:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._write_fd, rest) :]

    def _read(self) -> None:
        try:
            with suppress(OSError):  # a client that disconnected has ended its input
                for line in _lines(self._read_fd):
                    with self._lock:
                        self._take(line)
                    self._heard.set()
        finally:
            with self._lock:
                self._ended = True
                if self._deliver is not None:
                    self._deliver(None)
            self._heard.set()

    def _take(self, text: bytes) -> None:
        if self._deliver is not None and self._opening.era is not None:
            self._deliver(Line(text, answered=False))
            return
        handled = self._opening.handle(text)
        if handled.reply is not None:
            self.write(handled.reply)
        if handled.rest is None:
            return
        if self._deliver is not None:
            self._deliver(handled.rest)
        else:
            self._pending.append(handled.rest)


def take_standard_streams() -> tuple[int, int]:
    """Duplicates of file descriptors 0 and 1, for the client's pipes.

    Afterwards 0 is the null device and 1 is standard error, so that a stray print or read cannot disturb the protocol.
    """
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # there is no standard error
        os.dup2(nothing, 1)
    os.close(nothing)
    return read_fd, write_fd


def _lines(fd: int) -> Iterator[bytes]:
    """The lines of the input without their newlines, including an unfinished last one. Raises OSError."""
    kept: list[bytes] = []
    first = True
    while chunk := os.read(fd, _CHUNK_BYTES):
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            line = b"".join((*kept, piece))
            kept.clear()
            yield line.removeprefix(_BYTE_ORDER_MARK) if first else line
            first = False
        kept.append(rest)
    if last := b"".join(kept):
        yield last.removeprefix(_BYTE_ORDER_MARK) if first else last
