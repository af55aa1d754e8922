"""One connection: how long it may take to ask for something, and in how many bytes.

uvicorn waits for ever for a first request, and its fast parser keeps whatever part of a head has come: either would let
somebody who never shows a token hold all of the server's connections, or its memory.
"""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Parsing
else:
    _Parsing = object

MAX_HEAD_BYTES = 32 * 1024
"""Request line and headers; a token has at most 16 kB."""
HEAD_TIMEOUT_S = 10.0
"""From the connection, or from the end of an answer, to the end of the next head."""
_PIECE_BYTES = 4 * 1024

_WORDS = b"The head of the request is too large."
_REFUSAL = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
    % (len(_WORDS), _WORDS)
)


class Bounded(_Parsing):
    """Goes before one of uvicorn's protocols, and hands it what comes in pieces small enough to be counted."""

    head_timeout_s = HEAD_TIMEOUT_S
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._is_answering():
            # Whoever was refused before all of the body had come, and goes on sending it, is not waited for either.
            self._await_head()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE_BYTES):
            if self.transport.is_closing():
                return
            piece = data[start : start + _PIECE_BYTES]
            super().data_received(piece)
            self.note(len(piece))
            if self._is_answering():
                self._stop_waiting()

    def note(self, size: int) -> None:
        """Count what was parsed. For a parser that does not by itself."""

    def refuse(self) -> None:
        """End the connection: too much has come that is no body."""
        if not self.transport.is_closing():
            if not self._is_answering():
                self.transport.write(_REFUSAL)
            self.transport.close()

    def _is_answering(self) -> bool:
        # uvicorn's own type leaves out that there is none before the first request.
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _await_head(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class BoundedH11(Bounded, H11Protocol):  # type: ignore[misc] # what `Bounded` uses is alike in both
    """The parser that is always there. It counts by itself (see `process.run`), and calls whatever is wrong a 400."""

    def send_400_response(self, msg: str) -> None:
        if len(self.conn.trailing_data[0]) > MAX_HEAD_BYTES:
            self.refuse()
        else:
            super().send_400_response(msg)
