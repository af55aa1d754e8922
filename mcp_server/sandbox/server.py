"""Serves the API over HTTP/1.1 on loopback, in its own thread."""

import time
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from types import TracebackType
from typing import Self

from mcp_server.sandbox.api import Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library
from mcp_server.sandbox.terms import DEFAULT_TERMS, Terms

PATH = "/v2/messages"
_LARGEST_REQUEST_BYTES = 1_000_000
_STOP_POLL_S = 0.02


class Sandbox:
    """A sandbox that runs in a `with` block: `with Sandbox() as sandbox: sandbox.base_url`.

    `port` 0 takes any free port. `terms` are its prices, limits and speed. Raises OSError if the port is in use. Every
    sandbox starts in the same state.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, terms: Terms = DEFAULT_TERMS) -> None:
        library = load_library()
        self.ledger = Ledger()
        self.conversations = library.conversations
        self._server = _Server((host, port), Api(library, self.ledger, terms))
        host, bound_port = self._server.socket.getsockname()[:2]
        self.base_url = f"http://{host}:{bound_port}"
        # How often the thread checks whether to stop; the default of half a second would delay every test.
        self._thread = Thread(target=self._server.serve_forever, args=(_STOP_POLL_S,), name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    """A TCP server; `http.server.HTTPServer` would look up this machine's full name in DNS before it listens."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False  # A client may keep its connection open.
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], api: Api) -> None:
        self.api = api
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "conversation-mcp-sandbox"
    sys_version = ""
    timeout = 60
    # Head and body are sent in one write: of two small writes the second would wait 40 ms for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > _LARGEST_REQUEST_BYTES:
            self.close_connection = True
            self._send(413 if length else 411, b'{"success": false}')
            return
        body = self.rfile.read(int(length))
        if self.path != PATH:
            self._send(404, b'{"success": false}')
            return
        answer = self.server.api.answer(key=self.headers.get("x-api-key"), body=body)
        if answer.delay_s:
            time.sleep(answer.delay_s)
        self._send(answer.status, answer.body, answer.headers)

    def do_GET(self) -> None:
        self._send(405, b'{"success": false}', (("Allow", "POST"),))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Logs nothing, because the standard streams belong to the MCP server."""

    def _send(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
