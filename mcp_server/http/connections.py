"""Limits of one connection: how long a request's head may take, how large it may be, how long an answer may wait.

uvicorn waits for ever for a first request and for a client that does not read its answer, and its fast parser keeps
any part of a head that has arrived. Each of these would let clients that never show a token hold all of the server's
connections, its places for requests, or its memory.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _UvicornProtocol
else:
    _UvicornProtocol = object

MAX_HEAD_BYTES = 32 * 1024
"""Request line and headers; a token has at most 16 kB."""
HEAD_TIMEOUT_S = 10.0
"""From the connection, or from the end of an answer, to the end of the next head."""
WRITE_TIMEOUT_S = 20.0
"""How long a client may leave more than 64 KiB of its answers unread: an honest one takes them in milliseconds."""
STOP_WRITE_TIMEOUT_S = 2.0
"""The same once the server is to stop, and for all of an answer that is already complete."""
MAX_WAITING_REQUESTS = 16
"""Requests that one connection may send ahead of their answers."""
_PIECE_BYTES = 4 * 1024

_WORDS = b"The head of the request is too large."
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
    % (len(_WORDS), _WORDS)
)


class Bounded(_UvicornProtocol):
    """A mixin for one of uvicorn's protocols, which it feeds in pieces small enough to be counted."""

    head_timeout_s = HEAD_TIMEOUT_S
    write_timeout_s = WRITE_TIMEOUT_S
    stop_write_timeout_s = STOP_WRITE_TIMEOUT_S
    _is_stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer, self._write_timer = _Timer(self.loop), _Timer(self.loop)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._head_timer.cancel()
        self._write_timer.cancel()

    def pause_writing(self) -> None:
        """Called by the event loop while the client leaves too much unread."""
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_timer.cancel()

    def shutdown(self) -> None:
        """Finish the request in progress, and close. Called once, when the server is to stop."""
        super().shutdown()
        self._is_stopping = True
        if not self._is_answering() or self._write_timer.is_running:
            self._await_reader()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_answering():
            # A client refused before all of its body had come, and still sending it, is not waited for either.
            self._await_head()
            if self._is_stopping:
                self._await_reader()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE_BYTES):
            if self.transport.is_closing():
                return
            piece = data[start : start + _PIECE_BYTES]
            super().data_received(piece)
            self.note(len(piece))
            if self._is_answering():
                self._head_timer.cancel()

    def note(self, size: int) -> None:
        """Count `size` parsed bytes, for a parser that has no limit of its own."""

    def refuse(self) -> None:
        """End the connection: too much has come outside a body."""
        if not self.transport.is_closing():
            if not self._is_answering():
                self.transport.write(_REFUSAL)
            self._close()

    def _is_answering(self) -> bool:
        # uvicorn's own type leaves out that there is none before the first request.
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _await_head(self) -> None:
        self._head_timer.start(self.head_timeout_s, self._close)

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def _close(self) -> None:
        """Close when the client has read what it was sent, or when it takes too long to."""
        self.transport.close()
        self._await_reader()

    def _await_reader(self) -> None:
        """Drop the connection, unread answers included, unless the client reads in time."""
        timeout_s = self.stop_write_timeout_s if self._is_stopping else self.write_timeout_s
        self._write_timer.start(timeout_s, self.transport.abort)


class _Timer:
    """Calls back once, unless it is cancelled or started again before."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        return self._handle is not None

    def start(self, delay_s: float, callback: Callable[[], object]) -> None:
        self.cancel()
        self._handle = self._loop.call_later(delay_s, callback)

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class BoundedH11(Bounded, H11Protocol):  # type: ignore[misc] # what `Bounded` uses is alike in both
    """The parser that is always installed. It limits heads by itself (see `process.run`), and answers any fault 400."""

    def send_400_response(self, msg: str) -> None:
        if len(self.conn.trailing_data[0]) > MAX_HEAD_BYTES:
            self.refuse()
        else:
            super().send_400_response(msg)
