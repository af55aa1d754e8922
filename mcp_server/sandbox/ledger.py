"""The sandbox's record of requests and charges, which tests and demonstrations compare with."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

KEPT_ENTRIES = 10_000
"""Entries kept, because a sandbox may run for days; the totals count all requests."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered request: its JSON body (empty if it was not an object), HTTP status, charge, size of the answer."""

    request: Mapping[str, object]
    status: int
    credits: int
    answer_bytes: int


@dataclass(slots=True)
class Ledger:
    """Totals since the sandbox started. Only the sandbox writes them; they may be read at any time."""

    requests: int = 0
    credits: int = 0
    answer_bytes: int = 0
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_ENTRIES))

    def record(self, entry: Entry) -> None:
        self.requests += 1
        self.credits += entry.credits
        self.answer_bytes += entry.answer_bytes
        self.entries.append(entry)
