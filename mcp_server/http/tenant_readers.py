"""One reader for all callers, which delegates to a reader per tenant."""

import logging
import time
from collections.abc import Awaitable, Callable
from itertools import islice

from mcp_server.audit import Spending, counted
from mcp_server.conversation.models import AnyQuery, OnPage, Reading
from mcp_server.errors import ConversationError
from mcp_server.http.concurrency import CallSlots
from mcp_server.http.telemetry import Instruments
from mcp_server.http.tenants import current_subject
from mcp_server.protocol.deferred import Reader

_audit = logging.getLogger("mcp_server.audit")

MakeReader = Callable[[str], Reader]
MOST_READERS = 250
"""Most readers kept: each caches layouts, about 0.2 MB per hundred messages. Pages are cached elsewhere."""

Admit = Callable[[str], Awaitable[None]]
"""Counts a call of a subject. Raises RateLimited beyond its limit."""


class TenantReaders:
    """Reads with the caller's own reader, created at the first call. Every read writes an audit line with the subject,
    the outcome, the duration and the credits; nothing of the conversation or its participants."""

    def __init__(self, make_reader: MakeReader, admit: Admit, slots: CallSlots, instruments: Instruments) -> None:
        self._instruments = instruments
        self._make_reader = make_reader
        self._admit = admit
        self._slots = slots
        self._readers: dict[str, Reader] = {}  # the least recently called first

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        subject = current_subject.get()
        began_s = time.monotonic()
        outcome, credits = "cancelled", None
        spending = Spending()
        try:
            with self._slots.slot(subject), counted() as spending:
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
            credits = spending.credits if credits is None else credits
            self._instruments.note_call(outcome, credits=credits, duration_s=duration_s)
            _audit.info(
                "read subject=%s outcome=%s credits=%d ms=%.0f",
                subject or "-",
                outcome,
                credits,
                duration_s * 1000,
            )

    def _reader_of(self, subject: str) -> Reader:
        """This subject's reader. The least recently called go first, but none that is reading: calls share pages."""
        reader = self._readers.pop(subject, None) or self._make_reader(subject)
        self._readers[subject] = reader
        idle = (each for each in self._readers if each not in self._slots)
        for each in list(islice(idle, max(0, len(self._readers) - MOST_READERS))):
            del self._readers[each]
        return reader
