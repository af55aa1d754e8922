"""One line in the log for each call: what was read, bought and spent, and nothing that anybody wrote.

    call target=5f3a9c01d2e4 pages=3 kept=1 credits=2 maybe_extra=0 outcome=read ms=412

`target` is a keyed hash: the same conversation has the same one, and without the key nobody can tell which it is.
`kept` pages came from the cache. `outcome` is `read`, `partial`, an error's code, or `cancelled`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mcp_server.conversation.pagination import Walk
from mcp_server.errors import ConversationError

_log = logging.getLogger(__name__)


class CallRecord:
    """What is known of a call so far. `walk` is None until it has a place to start at; `waiting` for an answer."""

    def __init__(self) -> None:
        self.walk: Walk | None = None
        self.waiting = False


@contextmanager
def audited(target_hash: str, *, clock_s: Callable[[], float]) -> Iterator[CallRecord]:
    """Writes the line when the call is over, however it ends."""
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
            walk.pages if walk else 0,
            walk.pages_kept if walk else 0,
            walk.credits if walk else 0,
            # Whoever went away while the API was at it may have been charged for what never arrived.
            (walk.maybe_extra if walk else 0) + (record.waiting and outcome == "cancelled"),
            outcome,
            (clock_s() - began_s) * 1000,
        )
