"""A reader is opened late, once, and by the time it is needed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from mcp_server.conversation.models import Query, Target
from mcp_server.errors import ConversationError
from mcp_server.protocol.deferred import DeferredReader, deferred
from tests.support.serving import READING, StubReader

QUERY = Query(Target("conversation_id", "2-abc"))
NEVER_S = 3600.0


class Opening:
    """Opens a stub, sets an event, and counts how often."""

    def __init__(self, error: Exception | None = None) -> None:
        self.opened = anyio.Event()
        self.times = 0
        self.closed = 0
        self._error = error

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[StubReader]:
        self.times += 1
        self.opened.set()
        if self._error is not None:
            raise self._error
        try:
            yield StubReader()
        finally:
            self.closed += 1


@pytest.mark.anyio
async def test_nothing_is_opened_before_it_is_time() -> None:
    """A server that was only started has cost nothing."""
    opening = Opening()
    async with deferred(opening, delay_s=0):
        await anyio.wait_all_tasks_blocked()
        assert opening.times == 0
    assert opening.closed == 0


@pytest.mark.anyio
async def test_the_reader_is_opened_a_moment_after_the_first_answer() -> None:
    """Without any read."""
    opening = Opening()
    async with deferred(opening, delay_s=0) as reader:
        reader.open_soon()
        with anyio.fail_after(60):
            await opening.opened.wait()
        reader.open_soon()
    assert (opening.times, opening.closed) == (1, 1)


@pytest.mark.anyio
async def test_a_read_does_not_wait_for_that_moment() -> None:
    """It opens the reader itself; the next ones find it open."""
    opening = Opening()
    async with deferred(opening, delay_s=NEVER_S) as reader:
        reader.open_soon()
        with anyio.fail_after(60):
            assert await reader.read(QUERY) is READING
            assert await reader.read(QUERY) is READING
    assert (opening.times, opening.closed) == (1, 1)


@pytest.mark.anyio
async def test_reads_at_once_share_one_reader() -> None:
    """The first ten calls of a host that does not list tools."""
    opening = Opening()
    async with deferred(opening, delay_s=NEVER_S) as reader, anyio.create_task_group() as tasks:
        for _ in range(10):
            tasks.start_soon(reader.read, QUERY)
    assert opening.times == 1


@pytest.mark.anyio
async def test_a_reader_that_cannot_be_opened_is_told_by_every_read() -> None:
    """The server lives on to say so."""
    opening = Opening(ConversationError("The token ranks are damaged."))
    async with deferred(opening, delay_s=0) as reader:
        for _ in range(2):
            with pytest.raises(ConversationError, match="damaged"):
                await reader.read(QUERY)
    assert opening.times == 1


@pytest.mark.anyio
async def test_a_cancelled_read_leaves_the_opening_to_the_others() -> None:
    """Who gives up does not take the reader away."""
    opening = Opening()
    reader = DeferredReader()
    with anyio.move_on_after(0):
        await reader.read(QUERY)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: reader.keep_open(opening, delay_s=NEVER_S))
        with anyio.fail_after(60):
            assert await reader.read(QUERY) is READING
        tasks.cancel_scope.cancel()
