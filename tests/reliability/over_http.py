"""The server over Streamable HTTP, called by plain requests."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from tests.reliability.processes import COMMAND, TOOL, until
from tests.support.http_server import answered
from tests.support.patience import PATIENCE_S

_SERVING = "Serving MCP on "
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class HttpServer:
    """A server on a loopback port. A call is cancelled by closing its connection."""

    def __init__(self, process: asyncio.subprocess.Process, client: httpx.AsyncClient, url: str) -> None:
        self.pid = process.pid
        self._client = client
        self._url = url
        self._numbers = itertools.count(1)
        self._said = bytearray()
        self.headers = dict(_HEADERS)

    @classmethod
    @asynccontextmanager
    async def running(cls, environment: Mapping[str, str], log: Path) -> AsyncIterator["HttpServer"]:
        """A server that is ready. Leaving the context asks it to stop; it must then exit with code 0."""
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *COMMAND, "serve", "--http", "--port", "0", env={**os.environ, **environment}, stderr=errors
            )
        try:
            await until(lambda: bool(_address(log)) or process.returncode is not None)
            url = _address(log)
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(trust_env=False, timeout=None, limits=limits) as client:
                ready = await client.get(url.removesuffix("/mcp") + "/ready")
                assert ready.status_code == 200
                yield cls(process, client, url)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def call(self, arguments: Mapping[str, Any], tool: str = TOOL) -> Mapping[str, Any]:
        params = {"name": tool, "arguments": arguments}
        document = {"jsonrpc": "2.0", "id": next(self._numbers), "method": "tools/call", "params": params}
        answer = await self._client.post(self._url, json=document, headers=self.headers)
        self._said += answer.content
        message = answered(answer.content)
        if "error" in message:
            raise AssertionError(f"a protocol error: {message['error']}")
        return cast(Mapping[str, Any], message["result"])

    async def status(self, token: str) -> int:
        """The status of a request with this token."""
        headers = {**self.headers, "Authorization": f"Bearer {token}"}
        document = {"jsonrpc": "2.0", "id": next(self._numbers), "method": "tools/list", "params": {}}
        return (await self._client.post(self._url, json=document, headers=headers)).status_code

    async def cancelled(self, arguments: Mapping[str, Any], tool: str = TOOL, *, when: Callable[[], bool]) -> None:
        calling = asyncio.create_task(self.call(arguments, tool))
        await until(when)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)

    async def nonsense(self) -> None:
        bodies = (b"hello", b"", b"{", b"[]", b"null", b'{"jsonrpc":"2.0"}', b"[" * 50_000, b"x" * 1_000_000, b"\xff\0")
        for body in bodies:
            answer = await self._client.post(self._url, content=body, headers=_HEADERS)
            self._said += answer.content
            assert 400 <= answer.status_code < 500
        port = int(self._url.removesuffix("/mcp").rpartition(":")[2])
        for line in (b"hello\r\n\r\n", b"POST /mcp HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\0\x01"):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(line)
            await writer.drain()
            writer.close()

    def said(self) -> bytes:
        return bytes(self._said)


def _address(log: Path) -> str:
    """The address in its first line, once it is listening."""
    reply, line_break, _ = log.read_text().partition("\n")
    return reply.removeprefix(_SERVING) if line_break else ""
