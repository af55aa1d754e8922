"""An HTTP proxy on loopback that tunnels to any address, or refuses, and records what it was asked."""

import asyncio

from tests.support.loopback import LoopbackServer


class Proxy(LoopbackServer):
    """`requests` are the heads of the requests it received. With `status` it refuses each one with that status."""

    def __init__(self, *, status: int = 200, silent: bool = False) -> None:
        super().__init__()
        self.requests: list[str] = []
        self._status = status
        self._silent = silent

    @property
    def address(self) -> str:
        """`127.0.0.1:<port>`."""
        return f"127.0.0.1:{self.port}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open a tunnel for the one request, or refuse it."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(head)
        if self._silent:
            await reader.read()
            return
        writer.write(b"HTTP/1.1 %d Any words\r\nContent-Length: 0\r\n\r\n" % self._status)
        if self._status != 200:
            await writer.drain()
            return
        host, _, port = head.split(" ")[1].rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        finally:
            far_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()
