"""Opens a reader in the background, so that a server's first answers do not wait for what only reading needs.

Opening imports an HTTP client and builds a tokenizer: some 400 ms, most of it holding the interpreter. Hosts show a
server as connected once it has answered `initialize` and `tools/list`; that takes a few milliseconds without.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import anyio

from mcp_server.conversation.models import OnPage, Query, Reading


class Reader(Protocol):
    """Reads a window of a conversation within a budget. Raises ConversationError."""

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading: ...


OpenReader = Callable[[], AbstractAsyncContextManager[Reader]]


class DeferredReader:
    """A reader that is opened when the first read needs it, or a moment after `soon()`, whichever comes first."""

    def __init__(self) -> None:
        self._soon = anyio.Event()
        self._now = anyio.Event()
        self._ready = anyio.Event()
        self._opened: Reader | Exception | None = None

    def soon(self) -> None:
        """Say that an answer is on its way out: after it there is time to open the reader."""
        self._soon.set()

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        """Read, as the opened reader does. Raises what opening raised, where that failed."""
        self._soon.set()
        self._now.set()
        await self._ready.wait()
        if isinstance(self._opened, Exception):
            raise self._opened
        assert self._opened is not None  # set before `_ready`
        return await self._opened.read(query, on_page=on_page)

    async def hold(self, open_reader: OpenReader, *, delay_s: float) -> None:
        """Open the reader when the time has come and keep it open until cancelled; the same task closes it."""
        await self._soon.wait()
        with anyio.move_on_after(delay_s):
            await self._now.wait()
        try:
            async with open_reader() as reader:
                self._opened = reader
                self._ready.set()
                await anyio.sleep_forever()
        except Exception as error:  # noqa: BLE001 - every read tells it; the server must live to answer
            self._opened = error
            self._ready.set()


@asynccontextmanager
async def deferred(open_reader: OpenReader, *, delay_s: float) -> AsyncIterator[DeferredReader]:
    """A reader for as long as the context lasts, opened `delay_s` seconds after `soon()` or at the first read."""
    reader = DeferredReader()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: reader.hold(open_reader, delay_s=delay_s))
        try:
            yield reader
        finally:
            tasks.cancel_scope.cancel()
