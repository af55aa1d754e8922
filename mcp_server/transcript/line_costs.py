"""What showing messages costs when others are left out: exact but for a token here or there, and fast to ask.

A line costs what stands before it by the message shown before it, and its text. A stretch left out costs its mark. The
final answer is counted exactly; these figures choose what goes into it.
"""

from collections.abc import Sequence

from mcp_server.transcript.budget import MAX_CHARS, Allowance, Size
from mcp_server.transcript.grammar import Gap
from mcp_server.transcript.layout import Placed, Shown, lead, line
from mcp_server.transcript.token_sizes import TokenSizes

DATED_FROM = 10
"""A stretch of fewer messages is dated by the days around it, and so is one that begins and ends on those days."""


class LineCosts:
    """Costs of the messages of a window, numbered from 0, oldest first. Implements `choosing.Costs`.

    Costs are tokens of the larger channel; where characters run out before tokens, they count in their stead.
    """

    def __init__(self, placed: Sequence[Placed], scale: TokenSizes, allowance: Allowance, *, numbered: bool) -> None:
        """`placed` oldest first; `numbered`: marks of what is left out say where it can be read."""
        self._placed = placed
        self._scale = scale
        self._allowance = allowance
        self._numbered = numbered
        self._prefixes: dict[tuple[str, str | None, bool, bool], int] = {}
        self._days: dict[object, int] = {}
        self._gaps: dict[tuple[bool, bool, int, int], int] = {}
        self._joins: dict[tuple[int | None, int | None], int] = {}

    def whole(self, number: int) -> int:
        text = self._placed[number].text
        # A text longer than any answer is not even counted.
        return self._weight(self._scale.text(text).size) if len(text) <= MAX_CHARS else len(text)

    def cut(self, number: int, text: str) -> int:  # noqa: ARG002 - a text costs the same wherever it stands
        return self._weight(self._scale.text(text).size) + 1

    def join(self, before: int | None, after: int | None) -> int:
        cost = self._joins.get((before, after))
        if cost is None:
            cost = self._joins[(before, after)] = self._join(before, after)
        return cost

    def gap_between(self, start: int, end: int) -> Gap:
        """The mark for the messages from `start` to before `end`."""
        at = len(self._placed) - end if self._numbered else None
        if not self._dated(start, end):
            return Gap(end - start, at=at)
        return Gap(end - start, self._placed[start].day, self._placed[end - 1].day, at)

    def _join(self, before: int | None, after: int | None) -> int:
        start = 0 if before is None else before + 1
        end = len(self._placed) if after is None else after
        cost = self._gap(start, end) if end > start else 0
        if after is None:
            return cost
        this = self._placed[after]
        previous = None if before is None else self._placed[before]
        day, time, again = lead(previous, this, gap=end > start)
        key = (this.mark, this.kind, time is None, again)
        prefix = self._prefixes.get(key)
        if prefix is None:
            prefix = self._prefixes[key] = self._weight(
                self._scale.prefix(line(Shown(this, this.text), time), again=again).size
            )
        if day is None:
            return cost + prefix
        with_year = previous is not None and (previous.day is None or previous.day.year != day.year)
        day_cost = self._days.get((day, with_year))
        if day_cost is None:
            day_cost = self._days[(day, with_year)] = self._weight(self._scale.day(day, with_year=with_year).size)
        return cost + prefix + day_cost

    def _dated(self, start: int, end: int) -> bool:
        first, last = self._placed[start].day, self._placed[end - 1].day
        if end - start < DATED_FROM or first is None or last is None:
            return False
        before = self._placed[start - 1].day if start else None
        after = self._placed[end].day if end < len(self._placed) else None
        return before != first or after != last

    def _gap(self, start: int, end: int) -> int:
        first, last = self._placed[start].day, self._placed[end - 1].day
        dated = self._dated(start, end)
        key = (dated, dated and first != last, (end - start) // 1000, (len(self._placed) - end) // 1000)
        cost = self._gaps.get(key)
        if cost is None:
            # By the size of its numbers; the year is that of the days around, almost always.
            year = None if first is None else first.year
            cost = self._gaps[key] = self._weight(self._scale.gap(self.gap_between(start, end), year).size)
        return cost

    def _weight(self, size: Size) -> int:
        return self._allowance.weight(size)
