"""Puts an answer together in both channels: legend, summary, messages, cursors; exactly counted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mcp_server.conversation.cleaning import clean_name
from mcp_server.conversation.models import Reading
from mcp_server.transcript.budget import MAX_CHARS, Allowance, Size, escape
from mcp_server.transcript.grammar import End, Footer, Header, More, Speaker, Transcript
from mcp_server.transcript.layout import Item, LaidOutMessage, Legend, local_time
from mcp_server.transcript.layout_cache import Body, CachedLayout, LayoutCache, write_body
from mcp_server.transcript.planning import Planning
from mcp_server.transcript.render import render_closing, render_preamble
from mcp_server.transcript.turn import latest, read_by_recipient
from mcp_server.transcript.window import Continuation, Window

FULL = 0
LEVELS = (FULL, 1, 2)
"""How much the preamble contains, from everything to shortened names only. Small budgets need the later levels."""

_NAME_CHARS = (None, 24, 6)
WINDOW_CURSOR_SHARE = 0.025
_LIMITED_BY_CHARACTERS = f"Limited to {MAX_CHARS:,} characters: a larger max_tokens shows no more."
_MIN_TOKENS_FOR_TIMES = 2500
"""An answer with gaps and a smaller budget omits `oldest` and `newest`: its transcript shows the days."""


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """Settings and caches shared by all answers. Profiles are labels (`in/<slug>`).

    `tokenizer` says whose tokens are counted; None for those that the tool's own description names.
    """

    layouts: LayoutCache
    self_profile: str | None = None
    banner: str | None = None
    tokenizer: str | None = None


class Envelope(NamedTuple):
    """Everything in an answer but its messages. `body_size` is their size, `size` that of the whole answer."""

    preamble: str
    closing: str
    metadata: dict[str, object]
    following: Continuation
    notes: tuple[str, ...]
    body_size: Size
    size: Size


class AnswerBuilder:
    """Builds answers about one window."""

    def __init__(
        self,
        window: Window,
        context: AnswerContext,
        *,
        allowance: Allowance,
        now_ms: int,
        focus: str | None = None,
        hours_per_time: int = 1,
        window_cursor_share: float = WINDOW_CURSOR_SHARE,
    ) -> None:
        """A time is shown once per `hours_per_time` hours. `focus` is quoted in the summary line.

        `window_cursor_share` is the largest share of the budget that the window cursor may take.
        """
        self.window = window
        self.allowance = allowance
        self.token_sizes = context.layouts.token_sizes
        self._context = context
        self._now_ms = now_ms
        self.focus = focus
        self._window_cursor_share = window_cursor_share
        self._legend = Legend.of(
            window.known_messages,
            self_profile=context.self_profile,
            other_profile=window.other_profile,
            labels=window.labels,
            is_group=window.is_group is True,
        )
        self._hours_per_time = hours_per_time

    @cached_property
    def layout(self) -> CachedLayout:
        """The layout of the window, which may hold older messages as well."""
        return self._context.layouts.of(
            self.window.messages, self._legend, hours_per_time=self._hours_per_time, offset=self.window.offset
        )

    @cached_property
    def laid_out(self) -> list[LaidOutMessage]:
        """The messages of the window with marks, days and times, newest first."""
        return self.layout.laid_out[: len(self.window.messages)]

    def with_changes(
        self,
        *,
        notes: tuple[str, ...] = (),
        hours_per_time: int = 1,
        window_cursor_share: float = WINDOW_CURSOR_SHARE,
    ) -> "AnswerBuilder":
        """A builder for the same window with more notes, and otherwise with these values."""
        return AnswerBuilder(
            replace(self.window, notes=(*self.window.notes, *notes)),
            self._context,
            allowance=self.allowance,
            now_ms=self._now_ms,
            focus=self.focus,
            hours_per_time=hours_per_time,
            window_cursor_share=window_cursor_share,
        )

    @cached_property
    def planning(self) -> Planning:
        """What choosing among the messages of the window counts with."""
        return Planning(self.token_sizes, self.allowance, [message.text for message in self.window.messages])

    @cached_property
    def window_cursor(self) -> str | None:
        """The cursor that reads gaps, or None if it would exceed its small share of the budget."""
        most = int(self.allowance.tokens * self._window_cursor_share)
        cursors = (self.window.window_cursor(pages) for pages in (64, 16, 4, 1))
        return next((cursor for cursor in cursors if cursor and self.token_sizes.count(cursor) <= most), None)

    def answer(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> Reading | None:
        """`draft`, or None if it is over the budget."""
        size, reading = self.draft(items, covered=covered, offset=offset, level=level)
        return reading if self.allowance.holds(size) else None

    def draft(self, items: Sequence[Item], *, covered: int, offset: int = 0, level: int = FULL) -> tuple[Size, Reading]:
        """The answer with these items, oldest first, and its size, which may be over the budget.

        `covered` is how many messages of the window the items represent. `offset` is how many characters of the next
        message they already contain.
        """
        body = write_body(items, self.token_sizes)
        envelope = self._envelope(body, covered=covered, offset=offset, level=level)
        return envelope.size, self._reading(body, envelope)

    def envelope_of_newest(self, count: int, *, level: int = FULL) -> Envelope:
        """The envelope for the newest `count` (at least 1) messages whole, which are not written yet."""
        return self._envelope(self.layout.unwritten_body(count), covered=count, level=level)

    def whole(self, count: int, envelope: Envelope, *, level: int = FULL) -> Reading | None:
        """The answer with the newest `count` messages whole, or None if it is over the budget."""
        body = self.layout.body(count)
        if body.size != envelope.body_size:  # a year more or less than estimated
            envelope = self._envelope(body, covered=count, level=level)
        return self._reading(body, envelope) if self.allowance.holds(envelope.size) else None

    def _envelope(self, body: Body, *, covered: int, level: int, offset: int = 0) -> Envelope:
        following = self.window.resume_at(covered, offset)
        draft = self._draft(body, following, covered=covered, level=level)
        preamble, closing = render_preamble(draft), render_closing(draft)
        tokens = body.size.tokens + self.token_sizes.count(preamble) + self.token_sizes.count(closing)
        metadata = self._metadata(draft, body, following, tokens)
        json_start = '{"transcript":"' + escape(preamble)
        json_end = '",' + json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))[1:]
        size = Size(
            tokens,
            body.size.chars + len(preamble) + len(closing),
            body.size.json_tokens + self.token_sizes.count(json_start) + self.token_sizes.count(json_end),
            body.size.json_chars + len(json_start) + len(json_end),
        )
        return Envelope(preamble, closing, metadata, following, draft.notes, body.size, size)

    def _reading(self, body: Body, envelope: Envelope) -> Reading:
        text = envelope.preamble + body.text
        return Reading(
            text=text + envelope.closing,
            structured={"transcript": text, **envelope.metadata},
            tokens=envelope.size.tokens,
            credits=self.window.credits or 0,
            next_cursor=envelope.following.cursor,
            notes=envelope.notes,
        )

    def _draft(self, body: Body, following: Continuation, *, covered: int, level: int) -> Transcript:
        """The answer without its entries, which are already written."""
        window, calendar = self.window, self._context.layouts.calendar
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
            header = replace(
                header,
                latest=latest(window, self._legend, body.shown, self._now_ms),
                unread=(window.unread or None) if window.from_newest else None,
                read_by_recipient=read_by_recipient(window, self._legend),
                credits="unknown" if window.credits is None else window.credits,
            )
        marks = set(body.marks)
        if header.latest is not None and header.latest.awaited is not None:
            marks.add(header.latest.awaited)
        return Transcript(
            banner=self._context.banner,
            speakers=tuple(_at_level(speaker, level) for speaker in self._legend.speakers(marks)),
            header=header,
            notes=(*window.notes, *following.notes, *self._limit_notes(body, covered)),
            entries=(),
            footer=self._footer(following, covered),
            window_cursor=self.window_cursor if body.has_gap_numbers else None,
        )

    def _limit_notes(self, body: Body, covered: int) -> tuple[str, ...]:
        """A note if something of the window is missing because of its characters, and not for want of tokens."""
        size, allowance = body.size, self.allowance
        missing = body.omitted or body.shortened or covered < len(self.window.messages)
        by_characters = allowance.effective_tokens(size) > max(size.tokens, size.json_tokens)
        return (_LIMITED_BY_CHARACTERS,) if missing and by_characters else ()

    def _footer(self, following: Continuation, covered: int) -> Footer:
        if following.cursor is None:
            return End(following.end)
        remaining = self.window.remaining
        # The API's total may be wrong; a number that cannot be true is not shown.
        older = None if remaining is None or remaining <= covered else remaining - covered
        return More(following.cursor, older=older)

    def _metadata(self, draft: Transcript, body: Body, following: Continuation, tokens: int) -> dict[str, object]:
        """The structured content without the transcript. Unknown values are left out."""
        header, zone = draft.header, self._context.layouts.calendar.zone
        show_times = self.allowance.tokens >= _MIN_TOKENS_FOR_TIMES or not header.omitted
        oldest, newest = body.times if show_times and body.times is not None else (None, None)
        metadata: dict[str, object] = {
            "next_cursor": following.cursor,
            "window_cursor": draft.window_cursor,
            "shown": header.shown,
            "shortened": header.shortened,
            "omitted": header.omitted,
            "covered": header.covered,
            "total": header.total,
            "undelivered": following.undelivered or None,
            "tokens": tokens,
            "tokenizer": self._context.tokenizer,
            "credits": self.window.credits,
            "oldest": None if oldest is None else _iso(oldest, zone),
            "newest": None if newest is None else _iso(newest, zone),
        }
        return {name: value for name, value in metadata.items() if value is not None}


def _at_level(speaker: Speaker, level: int) -> Speaker:
    if level == FULL:
        return speaker
    # Cleaned again: a cut can leave half of a flag emoji, or one of a pair of direction marks.
    return replace(speaker, profile=None, name=clean_name(speaker.name[: _NAME_CHARS[level]]))


def _iso(sent_at_ms: int, zone: ZoneInfo) -> str:
    return local_time(sent_at_ms, zone).isoformat(timespec="minutes").replace("+00:00", "Z")
