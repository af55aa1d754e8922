"""Logs one line per call: pages, credits and outcome, but no message content.

    call target=5f3a9c01d2e4 pages=3 kept=1 credits=2 maybe_extra=0 outcome=read ms=412

`target` is a keyed hash: equal for the same conversation, and meaningless without the key. `kept` pages came from the
cache. `outcome` is `read`, `partial`, an error's code, or `cancelled`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mcp_server.conversation.pagination import Walk
from mcp_server.errors import ConversationError

_log = logging.getLogger(__name__)


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
        _log.info(
            "call target=%s pages=%d kept=%d credits=%d maybe_extra=%d outcome=%s ms=%.0f",
            target_hash,
            walk.tally.pages if walk else 0,
            walk.tally.pages_from_cache if walk else 0,
            walk.tally.credits if walk else 0,
            # A request that was in flight when the call was cancelled may have been billed.
            (walk.tally.maybe_extra if walk else 0) + (record.waiting and outcome == "cancelled"),
            outcome,
            (clock_s() - began_s) * 1000,
        )
