"""The server as clients run it: a process of its own, over a transport. All its output is kept."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast

from tests.support.patience import PATIENCE_S

TOOL, LIST_TOOL = "get_conversation", "list_conversations"
COMMAND = (sys.executable, "-m", "mcp_server")
LONGEST_LINE_BYTES = 64 * 1024 * 1024

_GREETING = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "chaos", "version": "1"}}


class RunningServer(Protocol):
    """A server process, on any transport."""

    pid: int

    async def call(self, arguments: Mapping[str, Any], tool: str = TOOL) -> Mapping[str, Any]:
        """The result of one call of a tool, as JSON; calls may run concurrently."""
        ...

    async def cancelled(self, arguments: Mapping[str, Any], tool: str = TOOL, *, when: Callable[[], bool]) -> None:
        """Make a call and cancel it as soon as `when` is true."""
        ...

    async def nonsense(self) -> None:
        """Send input that no client sends."""
        ...

    def said(self) -> bytes:
        """Everything it has written to stdout, or sent in answers."""
        ...


StartServer = Callable[[Mapping[str, str], Path], AbstractAsyncContextManager[RunningServer]]
"""Starts a server with this environment, in addition to that of the tests, its stderr going to that file."""


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition that no event announces."""
    while not condition():  # noqa: ASYNC110 - a log file sets no event
        await asyncio.sleep(0.01)


class StdioServer:
    """A server on stdin and stdout, called by raw lines, so that every byte it writes is seen."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid = process.pid
        self._process = process
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._stdout = bytearray()

    @classmethod
    @asynccontextmanager
    async def running(cls, environment: Mapping[str, str], log: Path) -> AsyncIterator["StdioServer"]:
        """A server that has been initialized. Leaving the context closes its input; it must then exit with code 0."""
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                env={**os.environ, **environment},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=LONGEST_LINE_BYTES,
            )
        server = cls(process)
        reading = asyncio.create_task(server._read())
        try:
            await server._request("initialize", _GREETING)
            await server._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            yield server
            server._stdin.close()
            assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await reading

    async def call(self, arguments: Mapping[str, Any], tool: str = TOOL) -> Mapping[str, Any]:
        return await self._request("tools/call", {"name": tool, "arguments": arguments})

    async def cancelled(self, arguments: Mapping[str, Any], tool: str = TOOL, *, when: Callable[[], bool]) -> None:
        number = await self._ask("tools/call", {"name": tool, "arguments": arguments})
        await until(when)
        await self._send(
            {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number, "reason": "enough"}}
        )

    async def nonsense(self) -> None:
        lines = (b"hello", b"", b"{", b"[]", b"null", b'{"jsonrpc":"2.0"}', b"[" * 100_000, b"x" * 1_000_000, b"\xff\0")
        self._stdin.write(b"\n".join((*lines, b'{"jsonrpc":"2.0","id":"a","method":"tools/call","params":[]}', b"")))
        await self._stdin.drain()

    def said(self) -> bytes:
        return bytes(self._stdout)

    @property
    def _stdin(self) -> asyncio.StreamWriter:
        assert self._process.stdin is not None
        return self._process.stdin

    async def _request(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = await self._answers[await self._ask(method, params)]
        if "error" in answer:
            raise AssertionError(f"a protocol error: {answer['error']}")
        return cast(Mapping[str, Any], answer["result"])

    async def _ask(self, method: str, params: Mapping[str, Any]) -> int:
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        await self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    async def _send(self, document: Mapping[str, Any]) -> None:
        self._stdin.write(json.dumps(document).encode() + b"\n")
        await self._stdin.drain()

    async def _read(self) -> None:
        """Put every line into `_answers`; when the server is gone, fail the calls that wait."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._stdout += line
            document = json.loads(line)
            waiting = self._answers.get(document["id"]) if isinstance(document.get("id"), int) else None
            if waiting is not None and not waiting.done():
                waiting.set_result(document)
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server is gone"))
                waiting.exception()  # no one awaits a cancelled call
