"""Token costs of showing some messages and leaving others out: exact to within a token or two, and fast.

A line costs its text, and the prefix it needs after the previous shown message. A gap costs its own line. These costs
guide the selection; the final answer is counted exactly.
"""

import math
from collections.abc import Callable, Sequence

from mcp_server.conversation.line_direction import is_mirrored
from mcp_server.transcript.budget import MAX_CHARS, Allowance, Size
from mcp_server.transcript.grammar import Gap
from mcp_server.transcript.layout import LaidOutMessage, ShownMessage, line, line_prefix
from mcp_server.transcript.token_sizes import TokenSizes

DATED_FROM = 10
"""A gap of fewer messages shows no days, nor does a gap that begins and ends on the days around it."""


_PULSE_EVERY = 32
"""Counting so many texts takes less than half a second, whatever their length."""


class LineCosts:
    """Costs of the messages of a window, indexed from 0, oldest first. Implements `shown_costs.TokenCosts`.

    Costs are effective tokens (`Allowance.effective_tokens`).
    """

    def __init__(
        self,
        laid_out: Sequence[LaidOutMessage],
        token_sizes: TokenSizes,
        allowance: Allowance,
        *,
        least_numbered_gap: int | None,
    ) -> None:
        """`laid_out` is oldest first. Gaps of at least `least_numbered_gap` messages (None: no gaps) carry the index
        that a window cursor reads them at.
        """
        self._laid_out = laid_out
        self._days_of = [at.day for at in laid_out]
        self._token_sizes = token_sizes
        self._allowance = allowance
        self._least_numbered_gap = least_numbered_gap
        self._prefixes: dict[tuple[str, str | None, bool, bool, bool], int] = {}
        # The costs of lines that are the first of their day, without and with a year.
        self._firsts_of_day: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._gaps: dict[tuple[bool, bool, bool, int, int], int] = {}
        self._joins: dict[tuple[int | None, int | None], int] = {}

    def measured_with(self, token_sizes: TokenSizes, allowance: Allowance) -> "LineCosts":
        """The costs of the same messages by other sizes."""
        return LineCosts(self._laid_out, token_sizes, allowance, least_numbered_gap=self._least_numbered_gap)

    def whole(self, number: int) -> int:
        text = self._laid_out[number].text
        # Counting a text longer than any answer would be wasted work.
        return self._effective(self._token_sizes.text(text).size) if len(text) <= MAX_CHARS else len(text)

    def all_whole(self, pulse: Callable[[], None]) -> list[int]:
        size_of, effective, costs = self._token_sizes.size_of_text, self._allowance.effective_tokens, []
        for number, laid_out in enumerate(self._laid_out):
            if not number % _PULSE_EVERY:
                pulse()
            text = laid_out.text
            # Counting a text longer than any answer would be wasted work.
            costs.append(effective(size_of(text)) if len(text) <= MAX_CHARS else len(text))
        return costs

    def cut(self, number: int, text: str) -> int:
        planner = self._token_sizes.planner
        if planner is None:
            return self._effective(self._token_sizes.text(text).size) + 1
        # A message is shortened step by step. Counting each step exactly would take longer than counting the answer.
        planned = self._effective(planner.text(self._laid_out[number].text).size)
        return math.ceil(self._effective(planner.text(text).size) * self.whole(number) / planned) + 1

    def added(self, short: str, long: str) -> int:
        # Counting a link longer than any answer would be wasted work.
        if len(long) > MAX_CHARS:
            return len(long)
        size = self._token_sizes.text
        return max(0, self._effective(size(long).size) - self._effective(size(short).size))

    def join(self, before: int | None, after: int | None) -> int:
        key = (before, after)
        cost = self._joins.get(key)
        if cost is not None:
            return cost
        start = 0 if before is None else before + 1
        end = len(self._laid_out) if after is None else after
        cost = self._gap(start, end) if end > start else 0
        if after is not None:
            cost += self._line(before, after, gap=end > start)
        self._joins[key] = cost
        return cost

    def gap_between(self, start: int, end: int) -> Gap:
        """The gap for messages `start` to `end` (exclusive)."""
        least = self._least_numbered_gap
        at = None if least is None or end - start < least else len(self._laid_out) - end
        if end - start < DATED_FROM or not self._dated(start, end):
            return Gap(end - start, at=at)
        return Gap(end - start, self._laid_out[start].day, self._laid_out[end - 1].day, at)

    def _line(self, before: int | None, after: int, *, gap: bool) -> int:
        """The cost of what the line of message `after` begins with when it follows `before`, and of its day."""
        this, day = self._laid_out[after], self._days_of[after]
        day_before = None if before is None else self._days_of[before]
        if day is None or day == day_before:
            previous = None if before is None else self._laid_out[before]
            _, time, same_sender = line_prefix(previous, this, gap=gap)
            return self._prefix(this, time, same_sender=same_sender)
        with_year = before is not None and (day_before is None or day_before.year != day.year)
        costs = self._firsts_of_day[with_year]
        cost = costs.get(after)
        if cost is None:
            written = self._token_sizes.day(day, with_year=with_year)
            cost = costs[after] = self._prefix(this, this.time, same_sender=False) + self._effective(written.size)
        return cost

    def _prefix(self, this: LaidOutMessage, time: str | None, *, same_sender: bool) -> int:
        key = (this.mark, this.kind, time is None, same_sender, is_mirrored(this.mark, this.text))
        prefix = self._prefixes.get(key)
        if prefix is None:
            prefix = self._prefixes[key] = self._effective(
                self._token_sizes.prefix(line(ShownMessage(this, this.text), time), same_sender=same_sender).size
            )
        return prefix

    def _dated(self, start: int, end: int) -> bool:
        days = self._days_of
        first, last = days[start], days[end - 1]
        if first is None or last is None:
            return False
        return (start == 0 or days[start - 1] != first) or (end == len(days) or days[end] != last)

    def _gap(self, start: int, end: int) -> int:
        days, count, least = self._days_of, end - start, self._least_numbered_gap
        dated = count >= DATED_FROM and self._dated(start, end)
        key = (
            least is not None and count >= least,
            dated,
            dated and days[start] != days[end - 1],
            count // 1000,
            (len(days) - end) // 1000,
        )
        cost = self._gaps.get(key)
        if cost is None:
            # Cached by the digits of its numbers. The year is almost always that of the days around.
            first = days[start]
            year = None if first is None else first.year
            cost = self._gaps[key] = self._effective(self._token_sizes.gap(self.gap_between(start, end), year).size)
        return cost

    def _effective(self, size: Size) -> int:
        return self._allowance.effective_tokens(size)
