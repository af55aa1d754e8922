"""Completion: what a host may offer while a person fills in a prompt.

Conversations are those that the same caller has read in this process; the rest are durations, amounts, languages, and
what a template suggests. Nothing is asked of the API for it, so it costs nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mcp_types import Completion

from mcp_server.conversation.models import OnPage, Query, Reading, Target
from mcp_server.protocol.deferred import Reader
from mcp_server.protocol.prompts import TARGET, Template

MOST_TARGETS, MOST_CALLERS = 20, 1_000
MOST_VALUES = 100
"""What the protocol allows in one answer."""

_DAYS_BACK = (1, 7, 30, 90, 365)
_SHARED: Mapping[str, tuple[str, ...]] = {
    "count": ("10", "50", "200", "1000"),
    "max_tokens": ("1000", "4000", "10000"),
    "language": ("English", "Deutsch", "Español", "Français", "Italiano", "Português", "中文", "日本語"),
}


class RecentTargets:
    """Conversations read lately, newest first, each caller's apart: `caller` says whose turn it is."""

    def __init__(self, caller: Callable[[], str]) -> None:
        self._caller = caller
        self._of: OrderedDict[str, OrderedDict[Target, None]] = OrderedDict()

    def note(self, target: Target) -> None:
        """Put the target in front of the caller's others; what is over the limits is forgotten, oldest first."""
        caller = self._caller()
        own = self._of.setdefault(caller, OrderedDict())
        own[target] = None
        own.move_to_end(target)
        self._of.move_to_end(caller)
        if len(own) > MOST_TARGETS:
            own.popitem(last=False)
        if len(self._of) > MOST_CALLERS:
            self._of.popitem(last=False)

    def all(self) -> list[Target]:
        """The caller's own."""
        return list(reversed(self._of.get(self._caller(), ())))


class NotingReader:
    """Reads as the reader behind it does, and notes what could be read."""

    def __init__(self, reader: Reader, recent: RecentTargets) -> None:
        self._reader = reader
        self._recent = recent

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        reading = await self._reader.read(query, on_page=on_page)
        self._recent.note(query.target)
        return reading


def of_prompt(
    template: Template, name: str, typed: str, recent: Iterable[Target], *, zone: ZoneInfo, now: datetime
) -> Completion:
    """Values for an argument of a prompt that begin with, or for conversations contain, what was typed so far."""
    if name == TARGET:
        return _answer(target.value for target in recent if typed.casefold() in target.value.casefold())
    if name == "since":
        today = now.astimezone(zone).date()
        values: Iterable[str] = [(today - timedelta(days=days)).isoformat() for days in _DAYS_BACK]
    else:
        suggested = [argument.suggestions for argument in template.arguments if argument.name == name]
        values = [value for own in suggested for value in own or _SHARED.get(name, ())]
    return _answer(value for value in values if value.casefold().startswith(typed.casefold()))


def of_conversation_id(typed: str, recent: Iterable[Target]) -> Completion:
    """Ids of conversations read lately, for the resource template."""
    ids = (target.value for target in recent if target.kind == "conversation_id")
    return _answer(value for value in ids if typed.casefold() in value.casefold())


def _answer(values: Iterable[str]) -> Completion:
    found = list(values)
    return Completion(values=found[:MOST_VALUES], total=len(found), has_more=len(found) > MOST_VALUES)
