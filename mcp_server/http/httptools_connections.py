"""The fast parser, httptools, with a count of what it would keep: heads, and the trailers behind a body in chunks."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mcp_server.http.connections import MAX_HEAD_BYTES, Bounded


class BoundedHttpTools(Bounded, HttpToolsProtocol):
    """See `Bounded`. A body is for the application to bound, and starts the count again."""

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

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._kept_bytes = 0
