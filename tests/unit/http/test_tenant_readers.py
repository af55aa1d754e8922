"""Each tenant has a reader; those called longest ago are let go, never one that reads."""

import logging
import re
from functools import partial

import anyio
import pytest

from mcp_server.conversation.models import AnyQuery, OnPage, Query, Reading, Target
from mcp_server.http import tenant_readers as module
from mcp_server.http.concurrency import CallSlots
from mcp_server.http.telemetry import Instruments
from mcp_server.http.tenant_readers import TenantReaders
from mcp_server.http.tenants import current_subject
from mcp_server.reader_factory import AnyReader
from tests.support.conversations import MemorySource, chat, query, reader
from tests.support.inbox import lister
from tests.support.serving import READING

pytestmark = pytest.mark.anyio
QUERY = Query(Target("conversation_id", "2-abc"))


class Waiting:
    """A reader that answers on demand."""

    def __init__(self) -> None:
        self.go = anyio.Event()

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        await self.go.wait()
        return READING


class Made:
    """Readers over ones that wait; `names` are the tenants that one was made for, `last` the last of each."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.last: dict[str, Waiting] = {}
        self.readers = TenantReaders(self._make, self._admit, CallSlots(10), Instruments())

    async def call(self, subject: str, *, answered: bool = True) -> None:
        current_subject.set(subject)
        if answered:
            async with anyio.create_task_group() as calls:
                calls.start_soon(self.readers.read, QUERY)
                await anyio.wait_all_tasks_blocked()
                self.last[subject].go.set()
        else:
            await self.readers.read(QUERY)

    def _make(self, subject: str) -> Waiting:
        self.names.append(subject)
        self.last[subject] = Waiting()
        return self.last[subject]

    async def _admit(self, subject: str) -> None:
        pass


async def test_a_tenant_keeps_its_reader_while_few_others_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recent caller gets a new one."""
    monkeypatch.setattr(module, "MOST_READERS", 2)
    made = Made()
    for subject in ("ann", "bob", "ann", "cem", "ann", "bob"):
        await made.call(subject)
    assert made.names == ["ann", "bob", "cem", "bob"]


async def test_a_reader_that_reads_is_not_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of one tenant share what they buy. Where all of them read, there may be more for a while."""
    monkeypatch.setattr(module, "MOST_READERS", 1)
    made = Made()
    async with anyio.create_task_group() as calls:
        for subject in ("ann", "bob"):
            calls.start_soon(partial(made.call, answered=False), subject)
            await anyio.wait_all_tasks_blocked()
        await made.call("cem")
        for subject in ("ann", "bob"):
            made.last[subject].go.set()
    assert made.names == ["ann", "bob", "cem"]
    await made.call("ann")
    assert made.names == ["ann", "bob", "cem"]
    await made.call("cem")
    assert made.names == ["ann", "bob", "cem", "cem"]


class Counted(Instruments):
    """Instruments that remember what they counted: outcomes with credits."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, int]] = []

    def note_call(self, outcome: str, *, credits: int, duration_s: float) -> None:
        self.calls.append((outcome, credits))


async def test_what_a_cancelled_call_has_spent_is_in_the_log_and_in_the_counters(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two pages had arrived when it was cancelled; all three figures come from one ledger."""

    async def admit(_: str) -> None:
        pass

    caplog.set_level(logging.INFO, "mcp_server.audit")
    source, counted = MemorySource(chat(100)), Counted()
    readers = TenantReaders(
        lambda _: AnyReader(reader(source, page_size=10), lister(source)), admit, CallSlots(10), counted
    )
    with anyio.CancelScope() as scope:

        async def give_up(read: int, _: int) -> None:
            if read == 30:
                scope.cancel()
                await anyio.lowlevel.checkpoint()

        await readers.read(query(count=100), on_page=give_up)
    assert scope.cancelled_caught
    assert counted.calls == [("cancelled", 3)]
    assert [re.findall(r"credits=(\d+)", line) for line in caplog.messages] == [["3"], ["3"]]
