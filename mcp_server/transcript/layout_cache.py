"""Messages laid out whole, newest first, with what the newest one, two, three ... of them take as lines.

A sheet grows as pages come, and is kept from call to call: while the same messages come again (from kept pages),
nothing is placed, written or weighed twice.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mcp_server.conversation.models import Message
from mcp_server.transcript.budget import MAX_CHARS, NOTHING, Allowance, Size, total
from mcp_server.transcript.grammar import Gap, Part
from mcp_server.transcript.layout import Calendar, Item, Legend, Placed, Shown, entries, place
from mcp_server.transcript.render import write_entries
from mcp_server.transcript.token_sizes import TokenSizes

_MOST_SHEETS = 64
_MOST_CHARS = 4_000_000
_MOST_BODIES = 4
_MESSAGE_CHARS = 200
"""What a message takes beside its text, in characters of it."""


@dataclass(frozen=True)
class Body:
    """The written entries of an answer. `shown` are its messages, oldest first; `numbered`: some mark leads back."""

    text: str
    size: Size
    shown: tuple[Placed, ...]
    shortened: int = 0
    omitted: int = 0
    numbered: bool = False

    @cached_property
    def first(self) -> date | None:
        """The oldest day shown."""
        return min((placed.day for placed in self.shown if placed.day is not None), default=None)

    @cached_property
    def last(self) -> date | None:
        """The newest day shown."""
        return max((placed.day for placed in self.shown if placed.day is not None), default=None)

    @cached_property
    def marks(self) -> frozenset[str]:
        return frozenset(placed.mark for placed in self.shown)

    @cached_property
    def times(self) -> tuple[int, int] | None:
        """The earliest and the latest time shown, in milliseconds since 1970; None where all is undated."""
        times = [placed.sent_at_ms for placed in self.shown if placed.sent_at_ms is not None]
        return (min(times), max(times)) if times else None


def write_body(items: Sequence[Item], scale: TokenSizes) -> Body:
    """The entries of these items, oldest first."""
    shown = tuple(item.placed for item in items if isinstance(item, Shown))
    first = min((placed.day for placed in shown if placed.day is not None), default=None)
    pieces = list(write_entries(entries(items), first, scale))
    gaps = [item for item in items if isinstance(item, Gap)]
    return Body(
        "".join([piece.text for piece in pieces]),
        total(piece.size for piece in pieces),
        shown,
        shortened=sum(isinstance(item, Shown) and item.shortened for item in items),
        omitted=sum(gap.count for gap in gaps),
        numbered=any(gap.at is not None for gap in gaps),
    )


class CachedLayout:
    """The layout of messages that begin with one; the first `offset` characters of that one were shown before."""

    def __init__(
        self, legend: Legend, calendar: Calendar, scale: TokenSizes, *, span_hours: int = 1, offset: int = 0
    ) -> None:
        self.legend = legend
        self.messages: list[Message] = []
        self.placed: list[Placed] = []
        self.chars = 0
        self._calendar = calendar
        self._scale = scale
        self._span_hours = span_hours
        self._offset = offset
        self._sizes: list[Size] = []
        self._closed = NOTHING  # the lines weighed so far, but for what stands before the oldest
        self._bodies: OrderedDict[int, Body] = OrderedDict()

    def extend(self, messages: Sequence[Message]) -> None:
        """Take in those of `messages` that are not there yet, which begin as the sheet does."""
        new = messages[len(self.messages) :]
        self.messages += new
        self.chars += sum(_MESSAGE_CHARS + len(message.text) for message in new)
        self.placed += place(new, self.legend, self._calendar, span_hours=self._span_hours)

    def item(self, index: int) -> Shown:
        """A message whole; of the first one what was not shown before."""
        placed = self.placed[index]
        if index or not self._offset:
            return Shown(placed, placed.text)
        length = len(placed.text)
        return Shown(placed, placed.text[self._offset :], part=Part(self._offset + 1, length, length))

    def items(self, count: int) -> list[Item]:
        """The newest `count` messages, oldest first."""
        return [self.item(index) for index in range(count - 1, -1, -1)]

    def size(self, count: int) -> Size:
        """What the newest `count` messages take as lines, at least one; as far as `reach` has looked."""
        return self._sizes[count - 1]

    def reach(self, count: int, allowance: Allowance, beside: Size = NOTHING) -> int:
        """How many of the newest `count` messages fit `beside` something of that size."""
        while len(self._sizes) < count and (not self._sizes or allowance.holds(self._sizes[-1])):
            if not self._weigh_next():
                break
        most = min(count, len(self._sizes))
        return bisect_left(range(most), 1, key=lambda index: not allowance.holds(self._sizes[index] + beside))

    def outline(self, count: int) -> Body:
        """The newest `count` messages, at least one, not written yet: their size is what `reach` has reckoned."""
        return Body("", self.size(count), tuple(self.placed[:count][::-1]))

    def body(self, count: int) -> Body:
        """The newest `count` messages, written."""
        body = self._bodies.get(count)
        if body is None:
            body = self._bodies[count] = write_body(self.items(count), self._scale)
            if len(self._bodies) > _MOST_BODIES:
                self._bodies.popitem(last=False)
        return body

    def _weigh_next(self) -> bool:
        """The lines with one message more; False where it is longer than any answer."""
        index = len(self._sizes)
        this, scale = self.item(index), self._scale
        if len(this.text) > MAX_CHARS:
            return False
        if index:
            self._closed += scale.join(this.placed, self.item(index - 1))
        self._closed += scale.text(this.text).size
        self._sizes.append(self._closed + scale.join(None, this))
        return True


class LayoutCache:
    """The sheets of the calls of late."""

    def __init__(self, calendar: Calendar, scale: TokenSizes) -> None:
        self.calendar = calendar
        self.scale = scale
        self._kept: OrderedDict[tuple[str, int], CachedLayout] = OrderedDict()
        self._chars = 0

    def of(self, messages: Sequence[Message], legend: Legend, *, span_hours: int = 1, offset: int = 0) -> CachedLayout:
        """A sheet that begins with these messages, newest first; it may hold more of them."""
        if offset or not messages:
            sheet = CachedLayout(legend, self.calendar, self.scale, span_hours=span_hours, offset=offset)
            sheet.extend(messages)
            return sheet
        key = (messages[0].id, span_hours)
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._chars -= kept.chars
            length = min(len(kept.messages), len(messages))
            # Messages that are the same objects, as those of kept pages are, compare at once.
            if kept.legend != legend or kept.messages[:length] != list(messages[:length]):
                kept = None  # edited since, or other people among them
        sheet = kept or CachedLayout(legend, self.calendar, self.scale, span_hours=span_hours)
        sheet.extend(messages)
        self._kept[key] = sheet
        self._chars += sheet.chars
        while len(self._kept) > 1 and (len(self._kept) > _MOST_SHEETS or self._chars > _MOST_CHARS):
            _, dropped = self._kept.popitem(last=False)
            self._chars -= dropped.chars
        return sheet
