"""Stands between a client and an HTTP server on this machine, and keeps what each says."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.clients.wire import Wire


@contextmanager
def relayed(port: int, wire: Wire) -> Iterator[int]:
    """A port that leads to `port` as long as the context lasts; all that passes is also written to `wire`."""
    with wire.asked.open("ab", buffering=0) as asked, wire.answered.open("ab", buffering=0) as answered:

        class Connection(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                here: socket.socket = self.request
                with socket.create_connection(("127.0.0.1", port)) as there:
                    back = threading.Thread(target=_pass_on, args=(there, here, answered.write))
                    back.start()
                    _pass_on(here, there, asked.write)
                    back.join()

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
            accepting = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            accepting.start()
            try:
                yield server.server_address[1]
            finally:
                server.shutdown()
                accepting.join()


def _pass_on(source: socket.socket, target: socket.socket, keep: Callable[[bytes], object]) -> None:
    with suppress(OSError):  # either side hangs up as it likes
        while data := source.recv(65_536):
            keep(data)
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
