"""Turns messages into the entries of a transcript, so that a line's cost depends only on the line above.

A time is shown when its clock hour (or a wider slot of hours) differs from that of the line above. Adding or dropping
a message therefore changes the total size in one place.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mcp_server.conversation.models import TEXT_KIND, Message, Participant
from mcp_server.transcript.grammar import (
    SIGNS,
    UNDATED,
    UNKNOWN,
    Day,
    Entry,
    Gap,
    Line,
    Part,
    Speaker,
    is_letters,
)
from mcp_server.transcript.labels import letters_at

_KIND_CHARS = 40
_MOST_MOMENTS = 50_000
_ANSWERABLE = frozenset({
    "message", "inmail", "invitation", "reply", "forwarded", "shared", "share", "post", "article", "link", "attachment",
    "attachments", "file", "document", "image", "images", "photo", "picture", "gif", "sticker", "video", "audio",
    "voice",
})  # fmt: skip
_NOT_ANSWERABLE = frozenset({
    "system", "reaction", "deleted", "recalled", "added", "removed", "left", "joined", "created", "renamed", "rename",
    "name", "title", "changed", "change", "updated", "update", "call", "notification", "receipt", "accepted",
    "declined", "withdrawn", "ended", "unsent", "pinned", "liked", "seen", "read", "sponsored",
})  # fmt: skip
"""Words in types of messages. The set of types is open: only types that contain a word of the first set, and none of
the second, are known to be messages that people answer."""

_NOT_WORD = re.compile(r"[\W_]+")
_MINUTE_MS = 60_000
_CLOCK = tuple([f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LaidOutMessage(NamedTuple):
    """A message with its sender's mark, and its day and time in the transcript's timezone.

    `day` is None for an undated message. Messages with the same `time_slot` share one shown time.
    """

    id: str
    text: str
    mark: str
    kind: str | None
    day: date | None
    time: str
    time_slot: int
    sent_at_ms: int | None = None


class ShownMessage(NamedTuple):
    """A message as the answer shows it: whole, `shortened`, or a `part` of one too long for an answer."""

    laid_out: LaidOutMessage
    text: str
    shortened: bool = False
    part: Part | None = None


Item = ShownMessage | Gap


LinePrefix = tuple[date | None, str | None, bool]
"""What a line must repeat because the line above differs: day, time (None: not needed), same sender or not."""


@dataclass(frozen=True, slots=True)
class Legend:
    """The participants and their marks, which are the same in every answer about the same people.

    Without labels, two people get `>` and `<`; `<` is the account owner if known. More people get letters. `is_group`:
    more than two people are known to take part.
    """

    marks: dict[str, str]
    people: dict[str, Participant]
    me: str | None
    is_group: bool = False

    @classmethod
    def of(
        cls,
        messages: Iterable[Message],
        *,
        self_profile: str | None,
        other_profile: str | None,
        is_group: bool = False,
        labels: Mapping[str, str] | None = None,
    ) -> "Legend":
        """The legend of these messages. Profiles are labels (`in/<slug>`).

        `self_profile` is the account owner's profile; if it is known, only a sender with that profile is the owner.
        Otherwise, if one of two senders has the profile `other_profile` that the conversation was requested by, the
        other one is the owner, unless it has no profile of a person: it may be a system sender. `is_group`: there are
        more people than those who sent the messages. `labels` are the marks of the senders by their keys.
        """
        people = {message.sender.key: message.sender for message in messages if message.sender is not None}
        me = next(
            (key for key, person in people.items() if person.is_owner or _same(person.profile, self_profile)), None
        )
        other = next((key for key, person in people.items() if _same(person.profile, other_profile)), None)
        keys = sorted(people)
        if is_group or len(keys) > 2:
            marks = labels or {key: letters_at(number) for number, key in enumerate(keys)}
            return cls({key: marks[key] for key in keys}, people, me, is_group=True)
        if self_profile is None and other is not None:
            me = next((key for key in keys if key != other and _is_person(people[key])), None)
        keys.sort(key=lambda key: (key == me, key != other))
        marks = labels or dict(zip(keys, "<" if keys == [me] else "><", strict=False))
        return cls({key: marks[key] for key in keys}, people, me)

    def mark(self, sender: Participant | None) -> str:
        return UNKNOWN if sender is None else self.marks[sender.key]

    def speakers(self, marks: Iterable[str]) -> tuple[Speaker, ...]:
        """The legend lines of these marks, in order, the account owner last."""
        wanted = set(marks)
        return tuple(
            Speaker(mark, self.people[key].name, self.people[key].profile, me=key == self.me)
            for key, mark in sorted(self.marks.items(), key=self._order)
            if mark in wanted
        )

    def other_mark(self, mark: str) -> str | None:
        """The mark of the other one of two participants, who are known to be the account owner and somebody else."""
        mine = self.my_mark
        return next((other for other in self.marks.values() if (mark == mine) != (other == mine)), None)

    def _order(self, item: tuple[str, str]) -> tuple[bool, int, str]:
        key, mark = item
        if is_letters(mark):
            return False, len(mark), mark
        return (mark == "<" if mark in SIGNS else key == self.me), 0, mark

    def has_other(self, profile: str | None) -> bool:
        """Whether a participant who is not known to be the account owner has this profile."""
        return any(_same(person.profile, profile) for key, person in self.people.items() if key != self.me)

    @property
    def my_mark(self) -> str | None:
        return None if self.me is None else self.marks[self.me]


class Moment(NamedTuple):
    """A time in the calendar's zone: `time` is `HH:MM`; `hour` counts clock hours since year 1."""

    day: date
    time: str
    hour: int


class Calendar:
    """Converts times to one timezone. Caches results, because cached pages ask for the same times again."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._known: dict[int, Moment] = {}

    def at(self, sent_at_ms: int) -> Moment:
        """The moment of a time given in milliseconds since 1970, UTC."""
        moment = self._known.get(sent_at_ms)
        if moment is None:
            local = local_time(sent_at_ms, self.zone)
            hour, minute = local.hour, local.minute
            moment = Moment(local.date(), _CLOCK[hour * 60 + minute], local.toordinal() * 24 + hour)
            if len(self._known) >= _MOST_MOMENTS:
                self._known.clear()
            self._known[sent_at_ms] = moment
        return moment


def lay_out(
    messages: Iterable[Message], legend: Legend, calendar: Calendar, *, hours_per_time: int = 1
) -> list[LaidOutMessage]:
    """The messages with mark, day and time, in the order given. One time is shown per `hours_per_time` hours."""
    laid_out = []
    for message in messages:
        mark = legend.mark(message.sender)
        kind = message.tag or (None if message.kind == TEXT_KIND else tag_of(message.kind))
        if message.sent_at_ms is None:
            laid_out.append(LaidOutMessage(message.id, message.text, mark, kind, None, UNDATED, -1))
            continue
        day, time, hour = calendar.at(message.sent_at_ms)
        laid_out.append(
            LaidOutMessage(message.id, message.text, mark, kind, day, time, hour // hours_per_time, message.sent_at_ms)
        )
    return laid_out


def local_time(sent_at_ms: int, zone: ZoneInfo) -> datetime:
    """The local time in `zone` of milliseconds since 1970 UTC."""
    return (_EPOCH + timedelta(milliseconds=sent_at_ms)).astimezone(zone)


def tag_of(kind: str) -> str | None:
    """The tag of a message type, in lower-case words without punctuation; None for plain text."""
    return None if kind == TEXT_KIND else _NOT_WORD.sub(" ", kind[:_KIND_CHARS]).strip().lower() or None


def can_be_answered(message: Message) -> bool:
    """Whether a message is one that people answer: a text, or of a type known to be; not a reaction or a rename."""
    tag = tag_of(message.kind)
    if tag is None:
        return bool(message.text or message.tag)
    words = set(tag.split())
    return (tag == "text" or not words.isdisjoint(_ANSWERABLE)) and words.isdisjoint(_NOT_ANSWERABLE)


def line_prefix(before: LaidOutMessage | None, this: LaidOutMessage, *, gap: bool) -> LinePrefix:
    """The prefix of `this` when it follows `before` (None: it is first), with or without a `gap` between them."""
    if this.day is not None and (before is None or before.day != this.day):
        return this.day, this.time, False
    same_sender = not gap and before is not None and before.mark == this.mark and is_letters(this.mark)
    # Where the API's order is not that of time, a line without a time would seem to be later than it is.
    known = before is not None and before.time_slot == this.time_slot and not _is_earlier(this, before)
    known = known and this.day is not None
    return None, None if known else this.time, same_sender


def _is_earlier(this: LaidOutMessage, before: LaidOutMessage) -> bool:
    """Whether this one was sent in an earlier minute than the one above it."""
    return (this.sent_at_ms or 0) // _MINUTE_MS < (before.sent_at_ms or 0) // _MINUTE_MS


def entries(items: Sequence[Item]) -> tuple[Entry, ...]:
    """The entries of a transcript for these items, oldest first."""
    result: list[Entry] = []
    before: LaidOutMessage | None = None
    gap = False
    for item in items:
        if isinstance(item, Gap):
            result.append(item)
            gap = True
            continue
        day, time, _ = line_prefix(before, item.laid_out, gap=gap)
        if day is not None:
            result.append(Day(day))
        result.append(line(item, time))
        before, gap = item.laid_out, False
    return tuple(result)


def line(item: ShownMessage, time: str | None) -> Line:
    laid_out = item.laid_out
    return Line(laid_out.mark, item.text, time, laid_out.kind, item.part, item.shortened)


def _is_person(participant: Participant) -> bool:
    return participant.profile is not None and participant.profile.startswith("in/")


def _same(profile: str | None, other: str | None) -> bool:
    return profile is not None and other is not None and profile.casefold() == other.casefold()
