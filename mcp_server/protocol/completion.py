"""Completion: values a client may offer while a person fills in a prompt.

Conversations are those the same caller has read or listed in this process. The other values are dates, amounts,
languages, and the suggestions of a template. Completion makes no API request, so it costs nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mcp_types import Completion

from mcp_server.conversation.models import AnyQuery, ListQuery, OnPage, Reading, Target
from mcp_server.protocol.deferred import Reader
from mcp_server.protocol.prompts import TARGET, Template

MAX_VALUES = 100
"""The protocol's limit for one answer."""
MAX_TARGETS, MAX_CALLERS = MAX_VALUES, 1_000
"""A list names many conversations at once, which must not push out those that were read before."""

_DAYS_BACK = (1, 7, 30, 90, 365)
_COMMON_VALUES: Mapping[str, tuple[str, ...]] = {
    "count": ("10", "50", "200", "1000"),
    "max_tokens": ("1000", "4000", "10000"),
    "language": ("English", "Deutsch", "Español", "Français", "Italiano", "Português", "中文", "日本語"),
}


class RecentTargets:
    """Recently read and listed conversations, newest first, per caller. `caller` returns the current caller's name."""

    def __init__(self, caller: Callable[[], str]) -> None:
        self._caller = caller
        self._of: OrderedDict[str, OrderedDict[Target, None]] = OrderedDict()

    def add(self, target: Target) -> None:
        """Add a target as the caller's newest. Beyond the limits, the oldest targets and callers are dropped."""
        caller = self._caller()
        own = self._of.setdefault(caller, OrderedDict())
        own[target] = None
        own.move_to_end(target)
        self._of.move_to_end(caller)
        if len(own) > MAX_TARGETS:
            own.popitem(last=False)
        if len(self._of) > MAX_CALLERS:
            self._of.popitem(last=False)

    def all(self) -> list[Target]:
        """The current caller's targets, newest first."""
        return list(reversed(self._of.get(self._caller(), ())))


class RecordingReader:
    """A reader that records the target of every successful read, and the targets of every list."""

    def __init__(self, reader: Reader, recent: RecentTargets) -> None:
        self._reader = reader
        self._recent = recent

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        reading = await self._reader.read(query, on_page=on_page)
        for target in reversed(reading.targets if isinstance(query, ListQuery) else (query.target,)):
            self._recent.add(target)
        return reading


def complete_prompt_argument(
    template: Template, name: str, typed: str, recent: Iterable[Target], *, zone: ZoneInfo, now: datetime
) -> Completion:
    """Values for an argument of a prompt that start with `typed`; for a target, those that contain it."""
    if name == TARGET:
        return _completion(target.value for target in recent if typed.casefold() in target.value.casefold())
    if name == "since":
        today = now.astimezone(zone).date()
        values: Iterable[str] = [(today - timedelta(days=days)).isoformat() for days in _DAYS_BACK]
    else:
        suggested = [argument.suggestions for argument in template.arguments if argument.name == name]
        values = [value for own in suggested for value in own or _COMMON_VALUES.get(name, ())]
    return _completion(value for value in values if value.casefold().startswith(typed.casefold()))


def complete_conversation_id(typed: str, recent: Iterable[Target]) -> Completion:
    """Ids of recently read and listed conversations that contain `typed`, for the resource template."""
    ids = (target.value for target in recent if target.kind == "conversation_id")
    return _completion(value for value in ids if typed.casefold() in value.casefold())


def _completion(values: Iterable[str]) -> Completion:
    found = list(values)
    return Completion(values=found[:MAX_VALUES], total=len(found), has_more=len(found) > MAX_VALUES)
