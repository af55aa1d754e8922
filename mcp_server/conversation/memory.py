"""Answers from memory: what they say about their age, and when a caller insists on the newest messages."""

from collections import OrderedDict
from dataclasses import replace

from mcp_server.conversation.models import AnyQuery

_REPEAT_S = 30.0
"""A call that is repeated within this time is a repetition; later it fetches the newest page anyway."""
_MAX_QUERIES = 256


class AnsweredQueries:
    """The queries that were answered lately. Times are in seconds on one monotonic clock."""

    def __init__(self) -> None:
        self._answered: OrderedDict[AnyQuery, float] = OrderedDict()

    def repeats(self, query: AnyQuery, *, now_s: float) -> bool:
        """Whether the same query has been answered lately. Fields that a client added, which notes name, do not count.

        A caller that repeats a query after its answer looks for new messages. A query with a cursor does not: the
        cursor says where to read.
        """
        answered_s = self._answered.get(replace(query, notes=()))
        return query.cursor is None and answered_s is not None and now_s - answered_s < _REPEAT_S

    def add(self, query: AnyQuery, *, now_s: float) -> None:
        """Note that a query has been answered."""
        asked = replace(query, notes=())
        self._answered[asked] = now_s
        self._answered.move_to_end(asked)
        if len(self._answered) > _MAX_QUERIES:
            self._answered.popitem(last=False)


def age_note(*, newest_age_s: float | None, oldest_age_s: float | None) -> tuple[str, ...]:
    """A note for an answer with messages from memory: the age of the newest page (None: just fetched), and of all."""
    if newest_age_s is not None:
        return (f"From memory, {_duration(newest_age_s)} old.",)
    if oldest_age_s is not None:
        return (f"From memory, up to {_duration(oldest_age_s)} old.",)
    return ()


def _duration(seconds: float) -> str:
    number, unit = (round(seconds), "second") if seconds < 120 else (round(seconds / 60), "minute")
    number = max(1, number)
    return f"{number} {unit}{'' if number == 1 else 's'}"
