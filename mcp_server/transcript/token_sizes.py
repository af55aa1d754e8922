"""Pieces of a transcript with their sizes, cached so that each is written and counted once."""

from collections import OrderedDict
from datetime import date
from typing import NamedTuple

from mcp_server.conversation.line_direction import is_mirrored
from mcp_server.transcript.budget import NOTHING, Meter, Size, Vocabulary
from mcp_server.transcript.grammar import Gap, Line
from mcp_server.transcript.layout import LaidOutMessage, ShownMessage, line, line_prefix
from mcp_server.transcript.render import render_day_line, render_gap, render_prefix, render_text

_MAX_CHARS = 4_000_000
_MAX_SMALL = 20_000
"""Prefixes and days. There are few, unless a sender invents message types."""
_MAX_COUNTS = 1_000
"""Preambles, footers and cursors, and as many gaps."""


class Piece(NamedTuple):
    """A piece of a transcript and its size."""

    text: str
    size: Size


class _KeptPieces:
    """Pieces by texts of up to `_MAX_CHARS` characters in total. Those used least recently are dropped first."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[str, Piece] = OrderedDict()
        self._chars = 0
        self.peek = self._pieces.get
        """The piece of a text, if it is kept. That is no use of it."""

    def find(self, text: str) -> Piece | None:
        """The piece of a text, if it is kept."""
        piece = self._pieces.get(text)
        if piece is not None:
            self._pieces.move_to_end(text)
        return piece

    def add(self, text: str, piece: Piece) -> Piece:
        """Keeps the piece of a text, and returns it."""
        self._pieces[text] = piece
        self._chars += len(text)
        while self._chars > _MAX_CHARS:
            dropped, _ = self._pieces.popitem(last=False)
            self._chars -= len(dropped)
        return piece


class TokenSizes:
    """A `render.PieceWriter` that returns pieces with sizes, most of which it keeps."""

    def __init__(self, meter: Meter, planner: "TokenSizes | None" = None) -> None:
        """`planner`, where there is one, has sizes in tokens that are quicker to count; see `planning`."""
        self._meter = meter
        self.planner = planner
        self._texts, self._written = _KeptPieces(), _KeptPieces()
        self._small: dict[object, Piece] = {}
        self._counts: dict[str, int] = {}
        self._gaps: dict[str, Piece] = {}

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "TokenSizes":
        """Sizes in the tokens of this vocabulary."""
        planner = None if vocabulary.planner is None else cls(Meter(vocabulary.planner))
        return cls(Meter(vocabulary.counter), planner)

    def count(self, text: str) -> int:
        """Tokens of a preamble, footer or cursor. Cached, because calls with another budget count the same again."""
        tokens = self._counts.get(text)
        if tokens is None:
            if len(self._counts) >= _MAX_COUNTS:
                self._counts.clear()
            tokens = self._counts[text] = self._meter.count(text)
        return tokens

    def text(self, text: str) -> Piece:
        """A message's text as it follows its prefix."""
        return self._texts.find(text) or self._texts.add(text, self._measured(render_text(text)))

    def written(self, written: str) -> Piece:
        """A whole piece of another grammar."""
        return self._written.find(written) or self._written.add(written, self._measured(written))

    def size_of_text(self, text: str) -> Size:
        """The size of a message's text. Does not count as a use of it, as all texts of a window are looked at."""
        return (self._texts.peek(text) or self.text(text)).size

    def prefix(self, line: Line, *, same_sender: bool) -> Piece:
        """The prefix of a line: time, mark, tags."""
        if line.part is not None:
            return self._measured(render_prefix(line, same_sender=same_sender))
        mirrored = is_mirrored(line.mark, line.text)
        key = (line.mark, line.kind, line.time, line.shortened, not line.text, same_sender, mirrored)
        piece = self._small.get(key)
        return piece or self._remembered(key, render_prefix(line, same_sender=same_sender))

    def day(self, day: date, *, with_year: bool) -> Piece:
        """The line of a day."""
        piece = self._small.get((day, with_year))
        return piece or self._remembered((day, with_year), render_day_line(day, with_year=with_year))

    def gap(self, gap: Gap, year: int | None) -> Piece:
        """The line of a gap; empty for a gap of no messages. Cached, because most gaps are in several drafts."""
        if not gap.count:
            return Piece("", NOTHING)
        written = render_gap(gap, year)
        piece = self._gaps.get(written)
        if piece is None:
            if len(self._gaps) >= _MAX_COUNTS:
                self._gaps.clear()
            piece = self._gaps[written] = self._measured(written)
        return piece

    def join(self, before: LaidOutMessage | None, this: ShownMessage, *, gap: bool = False) -> Size:
        """The size of the day line and prefix that `this` needs after `before`, excluding a gap's own line."""
        day, time, same_sender = line_prefix(before, this.laid_out, gap=gap)
        size = self.prefix(line(this, time), same_sender=same_sender).size
        if day is None:
            return size
        # A year is written where it changes. After an undated line the change is unknown here, so it is counted.
        with_year = before is not None and (before.day is None or before.day.year != day.year)
        return size + self.day(day, with_year=with_year).size

    def _remembered(self, key: object, written: str) -> Piece:
        if len(self._small) >= _MAX_SMALL:
            self._small.clear()
        piece = self._small[key] = self._measured(written)
        return piece

    def _measured(self, written: str) -> Piece:
        return Piece(written, self._meter.size(written))
