"""The pieces of a transcript with their sizes: each is written and weighed once, however often it is asked for."""

from collections import OrderedDict
from datetime import date
from typing import NamedTuple

from mcp_server.transcript.budget import NOTHING, Meter, Size
from mcp_server.transcript.grammar import Gap, Line
from mcp_server.transcript.layout import Placed, Shown, lead, line
from mcp_server.transcript.render import render_day_line, render_gap, render_prefix, render_text

_MOST_CHARS = 4_000_000
_MOST_SMALL = 20_000
"""Prefixes and days: there are not many, unless somebody makes up types of messages."""
_MOST_COUNTS = 1_000


class Piece(NamedTuple):
    """A piece as it stands in a transcript, and what it takes there."""

    text: str
    size: Size


class TokenSizes:
    """Writes and weighs. Implements `render.PieceWriter`; remembers texts of up to `_MOST_CHARS` characters in all."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._texts: OrderedDict[str, Piece] = OrderedDict()
        self._chars = 0
        self._small: dict[object, Piece] = {}
        self._counts: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Tokens of what an answer says of itself: the same again where the same is asked in another budget."""
        tokens = self._counts.get(text)
        if tokens is None:
            if len(self._counts) >= _MOST_COUNTS:
                self._counts.clear()
            tokens = self._counts[text] = self._meter.count(text)
        return tokens

    def text(self, text: str) -> Piece:
        """A message's text, as it stands behind its prefix."""
        piece = self._texts.get(text)
        if piece is not None:
            self._texts.move_to_end(text)
            return piece
        piece = self._texts[text] = self._weighed(render_text(text))
        self._chars += len(text)
        while self._chars > _MOST_CHARS:
            dropped, _ = self._texts.popitem(last=False)
            self._chars -= len(dropped)
        return piece

    def prefix(self, line: Line, *, again: bool) -> Piece:
        """What stands before a text on its line."""
        if line.part is not None:
            return self._weighed(render_prefix(line, again=again))
        key = (line.mark, line.kind, line.time, line.shortened, not line.text, again)
        piece = self._small.get(key)
        return piece or self._remembered(key, render_prefix(line, again=again))

    def day(self, day: date, *, with_year: bool) -> Piece:
        """The line that begins a day."""
        piece = self._small.get((day, with_year))
        return piece or self._remembered((day, with_year), render_day_line(day, with_year=with_year))

    def gap(self, gap: Gap, year: int | None) -> Piece:
        """The line that stands for a stretch left out; nothing for an empty one."""
        return self._weighed(render_gap(gap, year)) if gap.count else Piece("", NOTHING)

    def join(self, before: Placed | None, this: Shown, *, gap: bool = False) -> Size:
        """All that stands between the line of `before` and the text of `this`, but the gap's own line."""
        day, time, again = lead(before, this.placed, gap=gap)
        size = self.prefix(line(this, time), again=again).size
        if day is None:
            return size
        # A year is named where it changes; after an undated line that is not known here, so it is counted.
        with_year = before is not None and (before.day is None or before.day.year != day.year)
        return size + self.day(day, with_year=with_year).size

    def _remembered(self, key: object, written: str) -> Piece:
        if len(self._small) >= _MOST_SMALL:
            self._small.clear()
        piece = self._small[key] = self._weighed(written)
        return piece

    def _weighed(self, written: str) -> Piece:
        return Piece(written, self._meter.size(written))
