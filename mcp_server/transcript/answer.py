"""An answer put together: legend, figures, messages, cursor, in both channels, within the budget, exactly counted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from mcp_server.conversation.cleaning import clean_name
from mcp_server.conversation.models import Message, Reading
from mcp_server.transcript.budget import Allowance, Size, escape
from mcp_server.transcript.grammar import (
    End,
    Footer,
    Header,
    Latest,
    More,
    Speaker,
    Transcript,
)
from mcp_server.transcript.layout import Item, Legend, Placed, local_time
from mcp_server.transcript.layout_cache import Body, LayoutCache, write_body
from mcp_server.transcript.render import render_foot, render_head

FULL = 0
LEVELS = (FULL, 1, 2)
"""How much the answer says about itself, from all to the least that names the speakers: small budgets need it."""

_NAME_CHARS = (None, 24, 6)
_WINDOW_CURSOR_SHARE = 0.025
_TIMES_FROM = 2500
"""Below so many tokens an answer that leaves out stretches leaves these times to the days of its transcript too."""


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What stays the same from answer to answer. Profiles are labels (`in/<slug>`)."""

    sheets: LayoutCache
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


class Surroundings(NamedTuple):
    """What an answer says beside its messages, in both channels; the size of the `body` it was made for, and of all."""

    head: str
    foot: str
    figures: dict[str, object]
    cursor: str | None
    body: Size
    size: Size


class AnswerBuilder:
    """Makes answers of one window. `placed` are its messages on the calendar, newest first."""

    def __init__(
        self,
        window: Window,
        frame: AnswerContext,
        *,
        allowance: Allowance,
        now_ms: int,
        focus: str | None = None,
        span_hours: int = 1,
    ) -> None:
        """A time is shown once in `span_hours` hours of a day; `focus` is named among the figures."""
        self.window = window
        self.allowance = allowance
        self.scale = frame.sheets.scale
        self._frame = frame
        self._now_ms = now_ms
        self.focus = focus
        self._legend = Legend.of(window.messages, self_profile=frame.self_profile, other_profile=window.other_profile)
        self.sheet = frame.sheets.of(window.messages, self._legend, span_hours=span_hours, offset=window.offset)

    @cached_property
    def placed(self) -> list[Placed]:
        """The messages of the window on the calendar, newest first."""
        return self.sheet.placed[: len(self.window.messages)]

    def again(self, *, notes: tuple[str, ...] = (), span_hours: int = 1) -> "AnswerBuilder":
        """The same window, with further notes, and a time shown only once in so many hours of a day."""
        return AnswerBuilder(
            replace(self.window, notes=(*self.window.notes, *notes)),
            self._frame,
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
        return next((cursor for cursor in cursors if cursor and self.scale.count(cursor) <= most), None)

    def answer(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> Reading | None:
        """The answer with these items, oldest first, or None when it is over the budget; see `draft`."""
        size, reading = self.draft(items, covered=covered, offset=offset, level=level)
        return reading if self.allowance.holds(size) else None

    def draft(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> tuple[Size, Reading]:
        """The answer with these items, oldest first, and its size, which may be over the budget.

        `covered` is how many messages of the window the items stand for, `offset` how much of the next one is among
        them already.
        """
        body = write_body(items, self.scale)
        around = self._around(body, covered=covered, offset=offset, level=level)
        return around.size, self._reading(body, around)

    def around_whole(self, count: int, *, level: int = FULL) -> Surroundings:
        """What stands around the newest `count` messages, at least one, whole; nothing of them is written yet."""
        return self._around(self.sheet.outline(count), covered=count, level=level)

    def whole(self, count: int, around: Surroundings, *, level: int = FULL) -> Reading | None:
        """The answer with the newest `count` messages whole, or None when it is over the budget."""
        body = self.sheet.body(count)
        if body.size != around.body:  # a year more or less than was reckoned with
            around = self._around(body, covered=count, level=level)
        return self._reading(body, around) if self.allowance.holds(around.size) else None

    def _around(self, body: Body, *, covered: int, level: int, offset: int = 0) -> Surroundings:
        cursor = self.window.resume_at(covered, offset)
        draft = self._draft(body, cursor, covered=covered, level=level)
        head, foot = render_head(draft), render_foot(draft)
        tokens = body.size.tokens + self.scale.count(head) + self.scale.count(foot)
        figures = self._figures(draft, body, cursor, tokens)
        opening = '{"transcript":"' + escape(head)
        closing = '",' + json.dumps(figures, ensure_ascii=False, separators=(",", ":"))[1:]
        size = Size(
            tokens,
            body.size.chars + len(head) + len(foot),
            body.size.json_tokens + self.scale.count(opening) + self.scale.count(closing),
            body.size.json_chars + len(opening) + len(closing),
        )
        return Surroundings(head, foot, figures, cursor, body.size, size)

    def _reading(self, body: Body, around: Surroundings) -> Reading:
        text = around.head + body.text
        return Reading(
            text=text + around.foot,
            structured={"transcript": text, **around.figures},
            tokens=around.size.tokens,
            credits=self.window.credits,
            next_cursor=around.cursor,
            notes=self.window.notes,
        )

    def _draft(self, body: Body, cursor: str | None, *, covered: int, level: int) -> Transcript:
        """The answer but for its entries, which are written already."""
        window, calendar = self.window, self._frame.sheets.calendar
        header = Header(
            shown=len(body.shown) - body.shortened,
            shortened=body.shortened,
            omitted=body.omitted,
            total=window.total,
            first=body.first,
            last=body.last,
            timezone=calendar.zone.key,
            focus=None if self.focus is None else json.dumps(self.focus, ensure_ascii=False),
        )
        if level == FULL:
            seen_on = calendar.at(window.seen_at_ms).day if window.seen_at_ms and window.seen else None
            header = replace(
                header,
                latest=self._latest(body.shown) if window.from_newest else None,
                unread=(window.unread or None) if window.from_newest else None,
                seen=window.seen if window.from_newest else None,
                seen_on=None if seen_on == header.last else seen_on,
                credits=window.credits,
            )
        marks = set(body.marks)
        if header.latest is not None and header.latest.awaited is not None:
            marks.add(header.latest.awaited)
        return Transcript(
            banner=self._frame.banner,
            speakers=tuple(_at_level(speaker, level) for speaker in self._legend.speakers(marks)),
            header=header,
            notes=window.notes,
            entries=(),
            footer=self._footer(cursor, covered),
            window_cursor=self.window_cursor if body.numbered else None,
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
        mark, mine = shown[-1].mark, self._legend.my_mark
        other = {"<": ">", ">": "<"}.get(mark)
        awaited = other if mine in ("<", ">") and other in self._legend.marks.values() else None
        return Latest(mark, _ago(self._now_ms - newest.sent_at_ms), awaited)

    def _figures(self, draft: Transcript, body: Body, cursor: str | None, tokens: int) -> dict[str, object]:
        """The structured content but for the transcript. What is not known is left out, not null."""
        header, zone = draft.header, self._frame.sheets.calendar.zone
        told = self.allowance.tokens >= _TIMES_FROM or not header.omitted
        oldest, newest = body.times if told and body.times is not None else (None, None)
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
            "oldest": None if oldest is None else _iso(oldest, zone),
            "newest": None if newest is None else _iso(newest, zone),
        }
        return {name: value for name, value in figures.items() if value is not None}


def _at_level(speaker: Speaker, level: int) -> Speaker:
    if level == FULL:
        return speaker
    # Cleaned again: a cut can leave half of a flag, or one of two marks of direction.
    return replace(speaker, profile=None, name=clean_name(speaker.name[: _NAME_CHARS[level]]))


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
