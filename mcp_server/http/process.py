"""Listening, worker processes, and a stop that lets calls finish."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from mcp_server.http.connections import MAX_HEAD_BYTES, BoundedH11

if TYPE_CHECKING:
    from mcp_server.http.httptools_connections import BoundedHttpTools

STOP_TIMEOUT_S = 50
"""A call ends within 45 seconds by default; any that still runs this long after a stop is cut off."""
WORKER_TIMEOUT_S = 60
"""A worker that does not answer its supervisor for this long is replaced. uvicorn's five seconds are less than a busy
machine takes to start one, and would start it again for ever."""
_BACKLOG = 2_048
_OPEN_FILES = 65_536


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio disables Nagle's algorithm only on a socket created with the protocol TCP. Without it, as uvicorn creates
    # sockets for its workers, every answer waits 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def run(make_app: Callable[[], ASGIApp], listening: socket.socket, *, workers: int) -> bool:
    """Serve until SIGTERM or SIGINT, and finish the calls in progress. Returns False if it could not start.

    `make_app` is called in each worker; with more than one it must be picklable.
    """
    config = uvicorn.Config(
        _Factory(make_app),
        factory=True,
        lifespan="on",
        workers=workers,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        http=bounded_protocol(),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        ws="none",
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        timeout_worker_healthcheck=WORKER_TIMEOUT_S,
    )
    allow_open_files()
    if workers > 1:
        Multiprocess(config, sockets=[listening]).run()
        return True
    server = uvicorn.Server(config)
    # After the last call uvicorn raises the signal again for earlier handlers; the default one would end the process.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listening])
    return server.started


def bounded_protocol() -> type[BoundedH11] | type["BoundedHttpTools"]:
    """The connection class with the fast parser where that is installed, else the one with the parser of h11."""
    if find_spec("httptools") is None:
        return BoundedH11
    from mcp_server.http.httptools_connections import BoundedHttpTools

    return BoundedHttpTools


def allow_open_files() -> None:
    """Raise this process's limit of open files, up to the system's: each connection is one, and the usual default is a
    thousand."""
    if sys.platform == "win32":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(_OPEN_FILES, most)
    if now < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


class _Factory:
    """Makes the app in the process that serves it."""

    def __init__(self, make_app: Callable[[], ASGIApp]) -> None:
        self._make_app = make_app

    def __call__(self) -> ASGIApp:
        _stop_with_parent()
        # By default it cuts every stream at the first signal, including answers in progress.
        AppStatus.enable_automatic_graceful_drain = False
        return self._make_app()


def _stop_with_parent() -> None:
    """Stop this worker, as by SIGTERM, when the process that started it dies: nothing else would stop it, and it would
    keep the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
