"""An answer put together: legend, figures, messages, cursor, in both channels, within the budget, exactly counted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from mcp_server.conversation.budget import Allowance, Meter, Size, escape, total
from mcp_server.conversation.layout import Cast, Item, Placed, Scale, Shown, entries, local_time, place
from mcp_server.conversation.models import Message, Reading
from mcp_server.conversation.render import render_entries, render_foot, render_head
from mcp_server.conversation.transcript import (
    End,
    Footer,
    Gap,
    Header,
    Latest,
    More,
    Speaker,
    Transcript,
)

FULL = 0
LEVELS = (FULL, 1, 2)
"""How much the answer says about itself, from all to the least that names the speakers: small budgets need it."""

_NAME_CHARS = (None, 24, 6)
_WINDOW_CURSOR_SHARE = 0.025
_TIMES_FROM = 2500
"""Below so many tokens an answer that leaves out stretches leaves these times to the days of its transcript too."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays the same from answer to answer. Profiles are labels (`linkedin.com/in/<slug>`)."""

    zone: ZoneInfo
    self_profile: str | None = None
    banner: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The messages an answer is made of, newest first, and what is known around them.

    `resume_at(n, offset)` is the cursor that goes on at message n of the window, `offset` characters into it (n past
    the last: at the next older page), None where nothing follows. `window_cursor(pages)` is the one that, with `:n`
    behind it, goes on at any message of the window, naming at most so many pages. `remaining` counts from the first
    message of the window to the beginning of the conversation. `from_newest`: the window starts at the conversation's
    newest message. `end`: why nothing follows, where nothing does. The first `offset` characters of the first
    message were shown before.
    """

    messages: tuple[Message, ...]
    resume_at: Callable[[int, int], str | None]
    window_cursor: Callable[[int], str | None] = lambda _pages: None
    credits: int = 0
    total: int | None = None
    unread: int | None = None
    seen: bool | None = None
    seen_at_ms: int | None = None
    remaining: int | None = None
    from_newest: bool = True
    end: Literal["beginning", "asked", "stopped"] = "beginning"
    offset: int = 0
    other_profile: str | None = None
    notes: tuple[str, ...] = ()


class Composer:
    """Makes answers of one window. `placed` are its messages on the calendar, newest first."""

    def __init__(
        self,
        window: Window,
        frame: Frame,
        *,
        meter: Meter,
        allowance: Allowance,
        now_ms: int,
        focus: str | None = None,
        span_hours: int = 1,
    ) -> None:
        """A time is shown once in `span_hours` hours of a day; `focus` is named among the figures."""
        self.window = window
        self.allowance = allowance
        self.scale = Scale(meter)
        self._meter = meter
        self._frame = frame
        self._now_ms = now_ms
        self.focus = focus
        self._cast = Cast.of(window.messages, self_profile=frame.self_profile, other_profile=window.other_profile)
        self.placed = place(window.messages, self._cast, frame.zone, span_hours=span_hours)

    def again(self, *, notes: tuple[str, ...] = (), span_hours: int = 1) -> "Composer":
        """The same window, with further notes, and a time shown only once in so many hours of a day."""
        return Composer(
            replace(self.window, notes=(*self.window.notes, *notes)),
            self._frame,
            meter=self._meter,
            allowance=self.allowance,
            now_ms=self._now_ms,
            focus=self.focus,
            span_hours=span_hours,
        )

    @cached_property
    def window_cursor(self) -> str | None:
        """The cursor that reads what is left out, as long as it takes a small share of the budget; else None."""
        most = int(self.allowance.tokens * _WINDOW_CURSOR_SHARE)
        cursors = (self.window.window_cursor(pages) for pages in (64, 16, 4, 1))
        return next((cursor for cursor in cursors if cursor and self._meter.count(cursor) <= most), None)

    def answer(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> Reading | None:
        """The answer with these items, oldest first, or None when it is over the budget; see `draft`."""
        size, reading = self.draft(items, covered=covered, offset=offset, level=level)
        return reading if self.allowance.holds(size) else None

    def draft(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> tuple[Size, Reading]:
        """The answer with these items, oldest first, and its size, which may be over the budget.

        `covered` is how many messages of the window the items stand for, `offset` how much of the next one is among
        them already.
        """
        cursor = self.window.resume_at(covered, offset)
        draft = self._draft(items, cursor, covered=covered, level=level)
        pieces = list(render_entries(draft.entries, draft.header.first))
        lines = total(self._meter.size(piece) for piece in pieces)
        head, foot = render_head(draft), render_foot(draft)
        tokens = lines.tokens + self._meter.count(head) + self._meter.count(foot)
        figures = self._figures(draft, items, cursor, tokens)
        opening = '{"transcript":"' + escape(head)
        closing = '",' + json.dumps(figures, ensure_ascii=False, separators=(",", ":"))[1:]
        size = Size(
            tokens,
            lines.chars + len(head) + len(foot),
            lines.json_tokens + self._meter.count(opening) + self._meter.count(closing),
            lines.json_chars + len(opening) + len(closing),
        )
        body = head + "".join(pieces)
        return size, Reading(
            text=body + foot,
            structured={"transcript": body, **figures},
            tokens=tokens,
            credits=self.window.credits,
            next_cursor=cursor,
            notes=self.window.notes,
        )

    def _draft(self, items: Sequence[Item], cursor: str | None, *, covered: int, level: int) -> Transcript:
        window = self.window
        shown = [item.placed for item in items if isinstance(item, Shown)]
        shortened = sum(isinstance(item, Shown) and item.shortened for item in items)
        days = [placed.day for placed in shown if placed.day is not None]
        header = Header(
            shown=len(shown) - shortened,
            shortened=shortened,
            omitted=sum(item.count for item in items if isinstance(item, Gap)),
            total=window.total,
            first=min(days, default=None),
            last=max(days, default=None),
            timezone=self._frame.zone.key,
            focus=None if self.focus is None else json.dumps(self.focus, ensure_ascii=False),
        )
        if level == FULL:
            seen_on = (
                local_time(window.seen_at_ms, self._frame.zone).date() if window.seen_at_ms and window.seen else None
            )
            header = replace(
                header,
                latest=self._latest(shown) if window.from_newest else None,
                unread=window.unread if window.from_newest else None,
                seen=window.seen if window.from_newest else None,
                seen_on=None if seen_on == header.last else seen_on,
                credits=window.credits,
            )
        marks = [placed.mark for placed in shown]
        if header.latest is not None and header.latest.awaited is not None:
            marks.append(header.latest.awaited)
        return Transcript(
            banner=self._frame.banner,
            speakers=tuple(_at_level(speaker, level) for speaker in self._cast.speakers(marks)),
            header=header,
            notes=window.notes,
            entries=entries(items),
            footer=self._footer(cursor, covered),
            window_cursor=self.window_cursor if any(isinstance(i, Gap) and i.at is not None for i in items) else None,
        )

    def _footer(self, cursor: str | None, covered: int) -> Footer:
        if cursor is None:
            return End(self.window.end)
        remaining = self.window.remaining
        # The API's total may be off; a number that cannot be true is not shown.
        older = None if remaining is None or remaining <= covered else remaining - covered
        return More(cursor, older=older)

    def _latest(self, shown: Sequence[Placed]) -> Latest | None:
        """Who wrote last, and whose turn it is in a conversation of two where one side is known to be "me"."""
        newest = next(iter(self.window.messages), None)
        if newest is None or newest.sent_at_ms is None or not shown or shown[-1].id != newest.id:
            return None
        mark, mine = shown[-1].mark, self._cast.my_mark
        other = {"<": ">", ">": "<"}.get(mark)
        awaited = other if mine in ("<", ">") and other in self._cast.marks.values() else None
        return Latest(mark, _ago(self._now_ms - newest.sent_at_ms), awaited)

    def _figures(self, draft: Transcript, items: Sequence[Item], cursor: str | None, tokens: int) -> dict[str, object]:
        """The structured content but for the transcript. What is not known is left out, not null."""
        header = draft.header
        ids = {item.placed.id for item in items if isinstance(item, Shown)}
        times: list[int] = []
        if self.allowance.tokens >= _TIMES_FROM or not header.omitted:
            times = [m.sent_at_ms for m in self.window.messages if m.id in ids and m.sent_at_ms is not None]
        figures: dict[str, object] = {
            "next_cursor": cursor,
            "window_cursor": draft.window_cursor,
            "shown": header.shown,
            "shortened": header.shortened,
            "omitted": header.omitted,
            "covered": header.covered,
            "total": header.total,
            "tokens": tokens,
            "credits": self.window.credits,
            "oldest": _iso(min(times), self._frame.zone) if times else None,
            "newest": _iso(max(times), self._frame.zone) if times else None,
        }
        return {name: value for name, value in figures.items() if value is not None}


def _at_level(speaker: Speaker, level: int) -> Speaker:
    if level == FULL:
        return speaker
    return replace(speaker, profile=None, name=speaker.name[: _NAME_CHARS[level]].rstrip())


def _iso(sent_at_ms: int, zone: ZoneInfo) -> str:
    return local_time(sent_at_ms, zone).isoformat(timespec="minutes").replace("+00:00", "Z")


def _ago(elapsed_ms: int) -> str:
    """`2 days ago`: the largest unit that fits twice, so that it is never far off."""
    minutes = elapsed_ms // 60_000
    for unit, length in (("year", 525_600), ("month", 43_800), ("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= 2 * length or (minutes >= length and unit in ("day", "hour", "minute")):
            number = minutes // length
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
