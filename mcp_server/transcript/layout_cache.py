"""Layouts of whole messages, newest first, with the size of the newest 1, 2, 3 ... of them.

A layout grows as pages arrive and is cached between calls. While the same messages come back (from cached pages), no
message is laid out, written or measured twice.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from mcp_server.condensing.compact import Compact, compact
from mcp_server.conversation.models import Message
from mcp_server.transcript.budget import MAX_CHARS, NOTHING, Allowance, Size, total
from mcp_server.transcript.grammar import Gap, Part
from mcp_server.transcript.layout import Calendar, Item, LaidOutMessage, Legend, ShownMessage, entries, lay_out
from mcp_server.transcript.render import write_entries
from mcp_server.transcript.token_sizes import TokenSizes

_MAX_LAYOUTS = 64
_MAX_CHARS = 4_000_000
_MAX_BODIES = 4
_MESSAGE_CHARS = 200
"""Memory of a message besides its text, expressed in characters."""


@dataclass(frozen=True)
class Body:
    """The written entries of an answer. `shown` are its messages, oldest first."""

    text: str
    size: Size
    shown: tuple[LaidOutMessage, ...]
    shortened: int = 0
    omitted: int = 0
    has_gap_numbers: bool = False

    @cached_property
    def first(self) -> date | None:
        """The oldest day shown."""
        return min((laid_out.day for laid_out in self.shown if laid_out.day is not None), default=None)

    @cached_property
    def last(self) -> date | None:
        """The newest day shown."""
        return max((laid_out.day for laid_out in self.shown if laid_out.day is not None), default=None)

    @cached_property
    def marks(self) -> frozenset[str]:
        return frozenset(laid_out.mark for laid_out in self.shown)

    @cached_property
    def times(self) -> tuple[int, int] | None:
        """The earliest and latest time shown, in milliseconds since 1970; None if every message is undated."""
        times = [laid_out.sent_at_ms for laid_out in self.shown if laid_out.sent_at_ms is not None]
        return (min(times), max(times)) if times else None


def write_body(items: Sequence[Item], token_sizes: TokenSizes) -> Body:
    """The entries of these items, oldest first, written and measured."""
    shown = tuple(item.laid_out for item in items if isinstance(item, ShownMessage))
    first = min((laid_out.day for laid_out in shown if laid_out.day is not None), default=None)
    pieces = list(write_entries(entries(items), first, token_sizes))
    gaps = [item for item in items if isinstance(item, Gap)]
    return Body(
        "".join([piece.text for piece in pieces]),
        total([piece.size for piece in pieces]),
        shown,
        shortened=sum(isinstance(item, ShownMessage) and item.shortened for item in items),
        omitted=sum(gap.count for gap in gaps),
        has_gap_numbers=any(gap.at is not None for gap in gaps),
    )


class CachedLayout:
    """The layout of a window of messages. The first `offset` characters of its first message were shown earlier."""

    def __init__(
        self, legend: Legend, calendar: Calendar, token_sizes: TokenSizes, *, hours_per_time: int = 1, offset: int = 0
    ) -> None:
        self.legend = legend
        self.messages: list[Message] = []
        self.laid_out: list[LaidOutMessage] = []
        self.chars = 0
        self._calendar = calendar
        self._token_sizes = token_sizes
        self._hours_per_time = hours_per_time
        self._offset = offset
        self._compacts: list[tuple[Compact, LaidOutMessage]] = []
        self._sizes: list[Size] = []
        self._closed_lines = NOTHING  # the lines measured so far, except the prefix of the oldest
        self._bodies: OrderedDict[int, Body] = OrderedDict()

    def extend(self, messages: Sequence[Message]) -> None:
        """Adds the messages that are new. `messages` must begin with the messages already in the layout."""
        new = messages[len(self.messages) :]
        self.messages += new
        self.chars += sum(_MESSAGE_CHARS + len(message.text) for message in new)
        self.laid_out += lay_out(new, self.legend, self._calendar, hours_per_time=self._hours_per_time)

    def compacts(self, count: int) -> Sequence[tuple[Compact, LaidOutMessage]]:
        """The newest `count` messages with compact texts, as they are laid out with them; newest first."""
        for message, laid_out in zip(
            self.messages[len(self._compacts) : count], self.laid_out[len(self._compacts) :], strict=False
        ):
            shorter = compact(message)
            same = shorter.message is message
            self._compacts.append((shorter, laid_out if same else laid_out._replace(text=shorter.message.text)))
        return self._compacts[:count]

    def item(self, index: int) -> ShownMessage:
        """Message `index` whole; of the first one, the part not shown earlier."""
        laid_out = self.laid_out[index]
        if index or not self._offset:
            return ShownMessage(laid_out, laid_out.text)
        length = len(laid_out.text)
        return ShownMessage(laid_out, laid_out.text[self._offset :], part=Part(self._offset + 1, length, length))

    def items(self, count: int) -> list[Item]:
        """The newest `count` messages, oldest first."""
        return [self.item(index) for index in range(count - 1, -1, -1)]

    def size(self, count: int) -> Size:
        """The size of the newest `count` (at least 1) messages, which `count_fitting` must have reached."""
        return self._sizes[count - 1]

    def count_fitting(self, count: int, allowance: Allowance, reserved: Size = NOTHING) -> int:
        """How many of the newest `count` messages fit the allowance together with `reserved`."""
        while len(self._sizes) < count and (not self._sizes or allowance.holds(self._sizes[-1])):
            if not self._measure_next():
                break
        most = min(count, len(self._sizes))
        return bisect_left(range(most), 1, key=lambda index: not allowance.holds(self._sizes[index] + reserved))

    def unwritten_body(self, count: int) -> Body:
        """The newest `count` (at least 1) messages with their estimated size but without text."""
        return Body("", self.size(count), tuple(self.laid_out[:count][::-1]))

    def body(self, count: int) -> Body:
        """The newest `count` messages, written."""
        body = self._bodies.get(count)
        if body is None:
            body = self._bodies[count] = write_body(self.items(count), self._token_sizes)
            if len(self._bodies) > _MAX_BODIES:
                self._bodies.popitem(last=False)
        return body

    def _measure_next(self) -> bool:
        """Measures one more message; False if it is longer than any answer."""
        index = len(self._sizes)
        this, token_sizes = self.item(index), self._token_sizes
        if len(this.text) > MAX_CHARS:
            return False
        if index:
            self._closed_lines += token_sizes.join(this.laid_out, self.item(index - 1))
        self._closed_lines += token_sizes.text(this.text).size
        self._sizes.append(self._closed_lines + token_sizes.join(None, this))
        return True


class LayoutCache:
    """The layouts of recent calls; the least recently used are dropped first."""

    def __init__(self, calendar: Calendar, token_sizes: TokenSizes) -> None:
        self.calendar = calendar
        self.token_sizes = token_sizes
        self._kept: OrderedDict[tuple[str, int], CachedLayout] = OrderedDict()
        self._chars = 0

    def of(
        self, messages: Sequence[Message], legend: Legend, *, hours_per_time: int = 1, offset: int = 0
    ) -> CachedLayout:
        """A layout that begins with these messages, newest first; it may hold more of them."""
        if offset or not messages:
            layout = CachedLayout(legend, self.calendar, self.token_sizes, hours_per_time=hours_per_time, offset=offset)
            layout.extend(messages)
            return layout
        key = (messages[0].id, hours_per_time)
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._chars -= kept.chars
            length = min(len(kept.messages), len(messages))
            # Messages that are the same objects, as those of kept pages are, compare at once.
            if kept.legend != legend or kept.messages[:length] != list(messages[:length]):
                kept = None  # edited since, or other people among them
        layout = kept or CachedLayout(legend, self.calendar, self.token_sizes, hours_per_time=hours_per_time)
        layout.extend(messages)
        self._kept[key] = layout
        self._chars += layout.chars
        while len(self._kept) > 1 and (len(self._kept) > _MAX_LAYOUTS or self._chars > _MAX_CHARS):
            _, dropped = self._kept.popitem(last=False)
            self._chars -= dropped.chars
        return layout
