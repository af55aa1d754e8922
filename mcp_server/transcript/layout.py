"""From messages to the entries of a transcript, with costs that only depend on neighbours.

A time is shown where the clock hour (or, wider, a span of hours) is not that of the line before. So what a line needs
in front of it depends on the line before alone, and adding or dropping a message changes the sum in one place.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mcp_server.conversation.models import TEXT_KIND, Message, Participant
from mcp_server.transcript.grammar import (
    UNDATED,
    UNKNOWN,
    Day,
    Entry,
    Gap,
    Line,
    Part,
    Speaker,
)

_KIND_CHARS = 40
_MOST_MOMENTS = 50_000
_NOT_WORD = re.compile(r"[\W_]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Placed(NamedTuple):
    """A message with its sender's mark and its place in the transcript's calendar.

    `day` is None when undated; `span` numbers the stretch of hours within which a time is shown once.
    """

    id: str
    text: str
    mark: str
    kind: str | None
    day: date | None
    time: str
    span: int
    sent_at_ms: int | None = None


class Shown(NamedTuple):
    """A message as it will stand: whole, cut (`shortened`), or a `part` of one too long for an answer."""

    placed: Placed
    text: str
    shortened: bool = False
    part: Part | None = None


Item = Shown | Gap


class Lead(NamedTuple):
    """What stands before a message because of the one before it."""

    day: date | None
    time: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class Legend:
    """Who takes part: a mark for each, the same in every answer over the same people.

    Two people get `>` and `<`, `<` for the account's owner where that is known; more get letters.
    """

    marks: dict[str, str]
    people: dict[str, Participant]
    me: str | None

    @classmethod
    def of(cls, messages: Iterable[Message], *, self_profile: str | None, other_profile: str | None) -> "Legend":
        """The legend of these messages. Profiles are labels (`in/<slug>`).

        `self_profile` is the account owner's, `other_profile` the person a two-people conversation was asked for by.
        """
        people = {message.sender.key: message.sender for message in messages if message.sender is not None}
        me = next((key for key, person in people.items() if _same(person.profile, self_profile)), None)
        other = next((key for key, person in people.items() if _same(person.profile, other_profile)), None)
        keys = sorted(people)
        if len(keys) > 2:
            return cls({key: _letters(number) for number, key in enumerate(keys)}, people, me)
        if me is None and other is not None:
            me = next((key for key in keys if key != other), None)
        if me is not None:
            keys.sort(key=lambda key: key == me)
            return cls(dict(zip(keys, "><" if len(keys) == 2 else "<", strict=True)), people, me)
        return cls(dict(zip(keys, "><", strict=False)), people, None)

    def mark(self, sender: Participant | None) -> str:
        return UNKNOWN if sender is None else self.marks[sender.key]

    def speakers(self, marks: Iterable[str]) -> tuple[Speaker, ...]:
        """The legend of these marks."""
        wanted = set(marks)
        return tuple(
            Speaker(mark, self.people[key].name, self.people[key].profile, me=key == self.me)
            for key, mark in sorted(self.marks.items(), key=lambda item: (item[1] == "<", len(item[1]), item[1]))
            if mark in wanted
        )

    @property
    def my_mark(self) -> str | None:
        return None if self.me is None else self.marks[self.me]


class Moment(NamedTuple):
    """A time as a calendar shows it. `hour` counts the clock's hours since the beginning of the calendar."""

    day: date
    time: str
    hour: int


class Calendar:
    """The wall clock of one zone. Remembers what it was asked, as pages that are kept ask the same again."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[int, Moment] = {}

    def at(self, sent_at_ms: int) -> Moment:
        """The moment of a time given in milliseconds since 1970, UTC."""
        moment = self._known.get(sent_at_ms)
        if moment is None:
            local = local_time(sent_at_ms, self.zone)
            moment = Moment(local.date(), f"{local.hour:02}:{local.minute:02}", local.toordinal() * 24 + local.hour)
            if len(self._known) >= _MOST_MOMENTS:
                self._known.clear()
            self._known[sent_at_ms] = moment
        return moment


def place(messages: Iterable[Message], legend: Legend, calendar: Calendar, *, span_hours: int = 1) -> list[Placed]:
    """The messages on the calendar, in the order given."""
    placed = []
    for message in messages:
        mark = legend.mark(message.sender)
        kind = None if message.kind == TEXT_KIND else tag_of(message.kind)
        if message.sent_at_ms is None:
            placed.append(Placed(message.id, message.text, mark, kind, None, UNDATED, -1))
            continue
        day, time, hour = calendar.at(message.sent_at_ms)
        placed.append(Placed(message.id, message.text, mark, kind, day, time, hour // span_hours, message.sent_at_ms))
    return placed


def local_time(sent_at_ms: int, zone: ZoneInfo) -> datetime:
    """The wall clock of `zone` at a time given in milliseconds since 1970, UTC."""
    return (_EPOCH + timedelta(milliseconds=sent_at_ms)).astimezone(zone)


def tag_of(kind: str) -> str | None:
    """The tag of a message type: lower case words, so that it can hold no structure; None for plain text."""
    return None if kind == TEXT_KIND else _NOT_WORD.sub(" ", kind[:_KIND_CHARS]).strip().lower() or None


def lead(before: Placed | None, this: Placed, *, gap: bool) -> Lead:
    """What `this` needs in front of it after `before` (None: first of all), with or without a stretch left out."""
    if this.day is not None and (before is None or before.day != this.day):
        return Lead(this.day, this.time, again=False)
    again = not gap and before is not None and before.mark == this.mark and this.mark.isalpha()
    known = before is not None and before.span == this.span and this.day is not None
    return Lead(None, None if known else this.time, again)


def entries(items: Sequence[Item]) -> tuple[Entry, ...]:
    """The entries of a transcript of these items, oldest first."""
    result: list[Entry] = []
    before: Placed | None = None
    gap = False
    for item in items:
        if isinstance(item, Gap):
            result.append(item)
            gap = True
            continue
        day, time, _ = lead(before, item.placed, gap=gap)
        if day is not None:
            result.append(Day(day))
        result.append(line(item, time))
        before, gap = item.placed, False
    return tuple(result)


def line(item: Shown, time: str | None) -> Line:
    placed = item.placed
    return Line(placed.mark, item.text, time=time, kind=placed.kind, part=item.part, shortened=item.shortened)


def _letters(number: int) -> str:
    """A, B ... Z, AA, AB ..."""
    head, tail = divmod(number, 26)
    return (_letters(head - 1) if head else "") + chr(ord("A") + tail)


def _same(profile: str | None, other: str | None) -> bool:
    return profile is not None and other is not None and profile.casefold() == other.casefold()
