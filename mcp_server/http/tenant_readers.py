"""One reader for all callers, behind which each tenant has one of its own."""

import logging
import time
from collections.abc import Awaitable, Callable
from itertools import islice

from mcp_server.conversation.models import OnPage, Query, Reading
from mcp_server.errors import ConversationError
from mcp_server.http.concurrency import CallSlots
from mcp_server.http.telemetry import Instruments
from mcp_server.http.tenants import current_subject
from mcp_server.protocol.deferred import Reader

_audit = logging.getLogger("mcp_server.audit")

MakeReader = Callable[[str], Reader]
MOST_READERS = 250
"""Readers kept: each holds what it has laid out, some 0.2 MB for every hundred messages. Pages are kept elsewhere."""

Admit = Callable[[str], Awaitable[None]]
"""Counts a call of a subject. Raises RateLimited where it is one too many."""


class TenantReaders:
    """Reads with the reader of whoever is calling, made at the first call. Every read leaves a line in the audit log:
    who, what it came to, how long it took and what it cost; nothing of what was read, nor with whom."""

    def __init__(self, make_reader: MakeReader, admit: Admit, slots: CallSlots, instruments: Instruments) -> None:
        self._instruments = instruments
        self._make_reader = make_reader
        self._admit = admit
        self._slots = slots
        self._readers: dict[str, Reader] = {}  # the least recently called first

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        subject = current_subject.get()
        began_s = time.monotonic()
        outcome, credits = "cancelled", 0
        try:
            with self._slots.slot(subject):
                await self._admit(subject)
                reading = await self._reader_of(subject).read(query, on_page=on_page)
            outcome, credits = "ok", reading.credits
            return reading
        except ConversationError as error:
            outcome, credits = error.code, error.credits_spent
            raise
        except Exception:
            outcome = "internal_error"
            raise
        finally:
            duration_s = time.monotonic() - began_s
            self._instruments.note_call(outcome, credits=credits, duration_s=duration_s)
            _audit.info(
                "read subject=%s outcome=%s credits=%d ms=%.0f",
                subject or "-",
                outcome,
                credits,
                duration_s * 1000,
            )

    def _reader_of(self, subject: str) -> Reader:
        """This subject's. Those called longest ago go; none that reads, as calls of one tenant share what they buy."""
        reader = self._readers.pop(subject, None) or self._make_reader(subject)
        self._readers[subject] = reader
        idle = (each for each in self._readers if each not in self._slots)
        for each in list(islice(idle, max(0, len(self._readers) - MOST_READERS))):
            del self._readers[each]
        return reader
