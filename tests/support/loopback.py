"""A server of raw connections on loopback, whose connections end with it."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self


class LoopbackServer(ABC):
    """Calls `converse` for each connection, and closes the connection afterwards; `port` 0 takes a free one."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection. A disconnect, and the end of the server, may end it at any point."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
                await self.converse(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.transport.abort()
