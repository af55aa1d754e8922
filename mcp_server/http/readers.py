"""One reader for all callers, behind which each tenant has one of its own."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import islice

from mcp_server.conversation.models import OnPage, Query, Reading
from mcp_server.deferred import Reader
from mcp_server.errors import ConversationError
from mcp_server.http.crowd import Places
from mcp_server.http.telemetry import Instruments
from mcp_server.http.tenants import current_subject

_audit = logging.getLogger("mcp_server.audit")

MakeReader = Callable[[str], Reader]
MOST_READERS = 250
"""Readers kept: each holds what it has laid out, some 0.2 MB for every hundred messages. Pages are kept elsewhere."""

Admit = Callable[[str], Awaitable[None]]
"""Counts a call of a subject. Raises RateLimited where it is one too many."""


class TenantReaders:
    """Reads with the reader of whoever is calling, made at the first call. Every read leaves a line in the audit log:
    who, what it came to, how long it took and what it cost; nothing of what was read, nor with whom."""

    def __init__(self, make_reader: MakeReader, admit: Admit, places: Places, instruments: Instruments) -> None:
        self._instruments = instruments
        self._make_reader = make_reader
        self._admit = admit
        self._places = places
        self._readers: dict[str, Reader] = {}  # the least recently called first
        self._calls: Counter[str] = Counter()

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        subject = current_subject.get()
        began_s = time.monotonic()
        outcome, credits = "cancelled", 0
        try:
            with self._places.place(subject):
                await self._admit(subject)
                reading = await self._read(subject, query, on_page)
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

    async def _read(self, subject: str, query: Query, on_page: OnPage | None) -> Reading:
        reader = self._readers.pop(subject, None) or self._make_reader(subject)
        self._readers[subject] = reader
        self._calls[subject] += 1
        try:
            self._drop_idle(len(self._readers) - MOST_READERS)
            return await reader.read(query, on_page=on_page)
        finally:
            self._calls[subject] -= 1
            if not self._calls[subject]:
                del self._calls[subject]

    def _drop_idle(self, number: int) -> None:
        """Those called longest ago; none that reads, as calls of one tenant share what they buy."""
        idle = (subject for subject in self._readers if subject not in self._calls)
        for subject in list(islice(idle, max(0, number))):
            del self._readers[subject]
