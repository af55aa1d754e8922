"""Logs one line per call: pages, credits and outcome, but no message content.

    call target=5f3a9c01d2e4 pages=3 kept=1 credits=2 maybe_extra=0 outcome=read ms=412

`target` is a keyed hash: equal for the same conversation, and meaningless without the key. `kept` pages came from the
cache. `outcome` is `read`, `partial`, an error's code, or `cancelled`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from mcp_server.conversation.pagination import Walk
from mcp_server.errors import ConversationError

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Spending:
    """What a call has spent, for logs and metrics: credits, and requests that may have been billed on top."""

    credits: int = 0
    maybe_extra: int = 0


_spending: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def counted() -> Iterator[Spending]:
    """A context whose audited call reports what it has spent, even if it is cancelled."""
    spending = Spending()
    token = _spending.set(spending)
    try:
        yield spending
    finally:
        _spending.reset(token)


class CallRecord:
    """The state of a call. `walk` is None until it has begun; `waiting` is true while an API request is in flight."""

    def __init__(self) -> None:
        self.walk: Walk | None = None
        self.waiting = False


@contextmanager
def audited(target_hash: str, *, clock_s: Callable[[], float]) -> Iterator[CallRecord]:
    """A context that writes the line when the call ends, for whatever reason."""
    record, began_s, outcome = CallRecord(), clock_s(), "cancelled"
    try:
        yield record
        outcome = "partial" if record.walk is not None and record.walk.stopped else "read"
    except ConversationError as error:
        outcome = error.code
        raise
    except Exception:
        outcome = ConversationError.code
        raise
    finally:
        walk = record.walk
        spending = _spending.get() or Spending()
        if walk is not None:
            spending.credits, spending.maybe_extra = walk.tally.credits, walk.tally.maybe_extra
        # A request that was in flight when the call was cancelled may have been billed.
        spending.maybe_extra += record.waiting and outcome == "cancelled"
        _log.info(
            "call target=%s pages=%d kept=%d credits=%d maybe_extra=%d outcome=%s ms=%.0f",
            target_hash,
            walk.tally.pages if walk else 0,
            walk.tally.pages_from_cache if walk else 0,
            spending.credits,
            spending.maybe_extra,
            outcome,
            (clock_s() - began_s) * 1000,
        )
