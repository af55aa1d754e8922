"""What the sandbox was asked and what it billed: the figures tests and demonstrations check against."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

KEPT_ENTRIES = 10_000
"""A sandbox may stay up for days; the figures go on, old entries do not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered request: its JSON body as received (empty if it was none), the HTTP status, the answer's size."""

    request: Mapping[str, object]
    status: int
    credits: int
    answer_bytes: int


@dataclass(slots=True)
class Ledger:
    """Totals since the sandbox started. Written by the sandbox alone; safe to read at any time."""

    requests: int = 0
    credits: int = 0
    answer_bytes: int = 0
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT_ENTRIES))

    def record(self, entry: Entry) -> None:
        self.requests += 1
        self.credits += entry.credits
        self.answer_bytes += entry.answer_bytes
        self.entries.append(entry)
