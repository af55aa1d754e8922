"""The fast parser, httptools, with a count of all it would keep: heads, trailers after a chunked body, requests."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mcp_server.http.connections import MAX_HEAD_BYTES, MAX_WAITING_REQUESTS, Bounded


class BoundedHttpTools(Bounded, HttpToolsProtocol):
    """See `Bounded`. The application limits bodies, so each piece of a body starts the count again."""

    _kept_bytes = 0

    def note(self, size: int) -> None:
        self._kept_bytes += size
        if self._kept_bytes > MAX_HEAD_BYTES:
            self.refuse()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._kept_bytes = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._kept_bytes = 0
        # uvicorn stops reading while requests wait for their turn, but keeps all that one read has brought.
        if len(self.pipeline) > MAX_WAITING_REQUESTS:
            self._close()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._kept_bytes = 0
