"""How much text of each conversation fits into a list: more in every step, the newest first in each step.

How far this goes is a position: at 0 no conversation shows any text, and with each further one the next conversation
takes its next step. So at a larger position every conversation shows as much or more.
"""

import math
from collections.abc import Callable

from mcp_server.listing.layout import Texts
from mcp_server.transcript.budget import NOTHING, Size, total
from mcp_server.transcript.planning import Planning
from mcp_server.transcript.token_sizes import Piece, TokenSizes

NO_TEXTS = Texts(0, 0)
_STEPS = (
    NO_TEXTS,
    Texts(0, 30),
    Texts(0, 60),
    Texts(40, 60),
    Texts(40, 110),
    Texts(60, 180),
    Texts(100, 280),
    Texts(None, 450),
    Texts(None, 800),
    Texts(None, 1600),
    Texts(None, None),
)

Write = Callable[[int, Texts], str]
"""Conversation number n of the list as it is written with texts of these lengths."""
Holds = Callable[[Size], bool]
"""Whether an answer with conversations of this size fits."""


class Growth:
    """The conversations of one list, as far as their texts have grown. `write` writes one of `number` conversations."""

    def __init__(self, number: int, write: Write, sizes: TokenSizes, planning: Planning) -> None:
        self._number = number
        self._write = write
        self._sizes = sizes
        self._planning = planning

    def longest(self, holds: Holds, *, about: Holds) -> int:
        """A position that fits, so that the next one does not. Position 0 must fit.

        The larger a budget `holds` stands for, the larger the position. It is planned with sizes that are quick to
        count, and with `about`, which is quicker than `holds`: of most positions nothing is shown in the end.
        """
        position, last = self._planned(about), self._number * (len(_STEPS) - 1)
        while position and not holds(self._size(position)):
            position -= 1
        while position < last and holds(self._size(position + 1)):
            position += 1
        return position

    def pieces(self, position: int) -> list[Piece]:
        """The conversations at this position."""
        return [self._sizes.written(self._written(each, position)) for each in range(self._number)]

    def _size(self, position: int) -> Size:
        return total(piece.size for piece in self.pieces(position))

    def _planned(self, holds: Holds) -> int:
        """The position before the first that does not fit as far as it is quick to count."""
        lines, grown, ratio = self._size(0), NOTHING, 1.0 if self._planning.exact else self._planning.ratio
        written = [self._written(each, 0) for each in range(self._number)]
        for position in range(self._number * (len(_STEPS) - 1)):
            each = position % self._number
            longer = self._written(each, position + 1)
            if longer != written[each]:
                sizes = self._planning.sizes
                grown = grown + sizes.written(longer).size - sizes.written(written[each]).size
                written[each] = longer
                if not holds(lines + _scaled(grown, ratio)):
                    return position
        return self._number * (len(_STEPS) - 1)

    def _written(self, each: int, position: int) -> str:
        steps, ahead = divmod(position, self._number)
        return self._write(each, _STEPS[steps + (each < ahead)])


def _scaled(size: Size, ratio: float) -> Size:
    """The size with this many times the tokens."""
    return size._replace(tokens=math.ceil(size.tokens * ratio), json_tokens=math.ceil(size.json_tokens * ratio))
