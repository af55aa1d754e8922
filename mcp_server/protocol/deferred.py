"""Opens a reader in the background, so that a server's first answers do not wait for it.

Opening imports an HTTP client and builds a tokenizer, which takes about 400 ms and holds the interpreter lock for most
of that. Clients show a server as connected once it has answered `initialize` and `tools/list`; those need no reader.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import anyio

from mcp_server.conversation.models import AnyQuery, OnPage, Reading


class Reader(Protocol):
    """Reads a window of a conversation within a budget. Raises ConversationError."""

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading: ...


OpenReader = Callable[[], AbstractAsyncContextManager[Reader]]


class DeferredReader:
    """A reader that is opened by the first read, or shortly after `open_soon()`, whichever comes first."""

    def __init__(self) -> None:
        self._may_open = anyio.Event()
        self._needed = anyio.Event()
        self._ready = anyio.Event()
        self._opened: Reader | Exception | None = None

    def open_soon(self) -> None:
        """Allow the reader to be opened after the delay, once the answer being sent is on its way."""
        self._may_open.set()

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        """Read with the opened reader, opening it first if needed. Raises the error that opening raised."""
        self._may_open.set()
        self._needed.set()
        await self._ready.wait()
        if isinstance(self._opened, Exception):
            raise self._opened
        assert self._opened is not None  # set before `_ready`
        return await self._opened.read(query, on_page=on_page)

    async def keep_open(self, open_reader: OpenReader, *, delay_s: float) -> None:
        """Open the reader when it is needed, or `delay_s` after `open_soon()`, and keep it open until cancelled."""
        await self._may_open.wait()
        with anyio.move_on_after(delay_s):
            await self._needed.wait()
        try:
            async with open_reader() as reader:
                self._opened = reader
                self._ready.set()
                await anyio.sleep_forever()
        except Exception as error:  # noqa: BLE001 - every read raises it; the server must stay up to answer
            self._opened = error
            self._ready.set()


@asynccontextmanager
async def deferred(open_reader: OpenReader, *, delay_s: float) -> AsyncIterator[DeferredReader]:
    """A DeferredReader for the length of the context; it opens `delay_s` after `open_soon()` or at the first read."""
    reader = DeferredReader()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: reader.keep_open(open_reader, delay_s=delay_s))
        try:
            yield reader
        finally:
            tasks.cancel_scope.cancel()
