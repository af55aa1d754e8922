"""Fits a list of conversations into a budget, in both channels.

First every conversation gets its line. If not all lines fit, the newest that do are shown, without any text. Otherwise
headlines and last messages are shown, a little longer step by step, the newest first in each step, until the budget is
full. A larger budget takes further steps, so it never shows less of a conversation.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from mcp_server.condensing.sentences import CUT
from mcp_server.conversation.listed import Show
from mcp_server.conversation.models import Message, Reading
from mcp_server.errors import InvalidArguments
from mcp_server.listing.grammar import ConversationList, ListHeader, Search
from mcp_server.listing.growth import NO_TEXTS, Growth
from mcp_server.listing.layout import LaidOutConversation, Texts, lay_out, shortened, target_of
from mcp_server.listing.matching import Words
from mcp_server.listing.render import render_entry, render_footer, render_preamble
from mcp_server.setting_values import Speakers
from mcp_server.transcript.budget import NOTHING, Allowance, Size, escape, total
from mcp_server.transcript.grammar import End, More
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.planning import Planning
from mcp_server.transcript.render import render_day_line
from mcp_server.transcript.token_sizes import Piece, TokenSizes
from mcp_server.transcript.window import Continuation

_NAME_CHARS = (None, 24, 6)
"""Names are shortened only where not even one line fits."""
_QUOTED_CHARS = 60
_SLACK = Size(60, 200, 60, 200)
"""How much larger than the envelope of one conversation that of more may be: by longer numbers and another cursor."""


@dataclass(frozen=True, slots=True)
class ListContext:
    """Settings and caches of all answers. `tokenizer` says whose tokens are counted; None for those the tool names."""

    calendar: Calendar
    token_sizes: TokenSizes
    speakers: Speakers
    banner: str | None = None
    tokenizer: str | None = None


@dataclass(frozen=True, slots=True)
class ListWindow:
    """The conversations looked at, newest first, and the indexes of those that `matched`.

    `resume_at(n)` returns how to resume at conversation n of them (n past the last: at the next older page). `others`
    are conversations that are known but were not looked at. `credits` is None if the API did not report what it
    charged. `query` is what was searched for; `all_texts`: in all texts.
    """

    conversations: tuple[Message, ...]
    matched: Sequence[int]
    resume_at: Callable[[int], Continuation]
    others: tuple[Message, ...] = ()
    credits: int | None = 0
    show: Show = "all"
    query: str | None = None
    all_texts: bool = False
    notes: tuple[str, ...] = ()


class _Envelope(NamedTuple):
    """Everything in an answer but its conversations. `size` is that of the whole answer."""

    preamble: str
    closing: str
    metadata: dict[str, object]
    following: Continuation
    size: Size


def answer(window: ListWindow, context: ListContext, allowance: Allowance) -> Reading:
    """The list within the budget. Raises InvalidArguments if not even one conversation fits."""
    for name_chars in _NAME_CHARS:
        if reading := _Builder(window, context, allowance, name_chars).reading():
            return reading
    raise InvalidArguments("max_tokens is too small for this list.", advice="Call again with a larger one.")


class _Builder:
    """Builds the answers about one window, with names of at most `name_chars` characters."""

    def __init__(self, window: ListWindow, context: ListContext, allowance: Allowance, name_chars: int | None) -> None:
        self._window = window
        self._context = context
        self._allowance = allowance
        self._name_chars = name_chars
        self._token_sizes = context.token_sizes
        self._words = None if window.query is None else Words(window.query)
        everyone = (*window.conversations, *window.others)
        self._laid_out = lay_out(everyone, window.matched, context.calendar, context.speakers)
        times = (each.sent_at_ms for each in window.conversations)
        days = [context.calendar.at(time).day for time in times if time is not None]
        self._first, self._last = min(days, default=None), max(days, default=None)
        self._day_lines = list(_day_lines(self._laid_out, self._last))
        self._drafts: dict[int, tuple[ConversationList, Continuation]] = {}

    def reading(self) -> Reading | None:
        """The answer, or None if it does not hold even one conversation."""
        written = (self._written(number, NO_TEXTS) for number in range(len(self._laid_out)))
        lines = list(map(self._token_sizes.written, written))
        envelope = self._envelope(len(lines), total(line.size for line in lines))
        if self._allowance.holds(envelope.size):
            return self._reading(*(self._with_texts() if lines else (lines, envelope)))
        if len(lines) <= 1:
            return None
        sizes = list(accumulate((line.size for line in lines), initial=NOTHING))
        most = self._envelope(1, NOTHING).size + _SLACK
        at_least = max((n for n, size in enumerate(sizes[:-1]) if self._allowance.holds(size + most)), default=0)
        # Up from there, so that a larger budget never stops earlier; and down, where the slack was not enough.
        fitting = self._longest(sizes, range(at_least + 1, len(lines)), stop_at_fitting=False)
        fitting = fitting or self._longest(sizes, range(at_least, 0, -1), stop_at_fitting=True)
        return None if fitting is None else self._reading(lines[: fitting[0]], fitting[1])

    def _longest(
        self, sizes: Sequence[Size], counts: Iterable[int], *, stop_at_fitting: bool
    ) -> tuple[int, _Envelope] | None:
        """The last of these counts before one that does not fit, or the first that fits."""
        found = None
        for count in counts:
            envelope = self._envelope(count, sizes[count])
            fits = self._allowance.holds(envelope.size)
            if fits:
                found = count, envelope
            if fits is stop_at_fitting:
                break
        return found

    def _with_texts(self) -> tuple[list[Piece], _Envelope]:
        """All conversations, with as much text as the rest of the budget holds."""
        number = len(self._laid_out)
        texts = [each.entry.text for each in self._laid_out]
        planning = Planning(self._token_sizes, self._allowance, texts)
        growth = Growth(number, self._written, self._token_sizes, planning)
        frame = self._envelope(number, NOTHING).size
        longest = growth.longest(
            lambda body: self._allowance.holds(self._envelope(number, body).size),
            about=lambda body: self._allowance.holds(frame + body),
        )
        pieces = growth.pieces(longest)
        return pieces, self._envelope(number, total(piece.size for piece in pieces))

    def _written(self, number: int, texts: Texts) -> str:
        """A conversation with texts of these lengths, after the line of its day if that begins here."""
        entry = shortened(self._laid_out[number].entry, texts, self._words, name_chars=self._name_chars)
        return self._day_lines[number] + render_entry(entry)

    def _envelope(self, count: int, body: Size) -> _Envelope:
        if count not in self._drafts:
            self._drafts[count] = self._draft(count)
        draft, following = self._drafts[count]
        preamble, closing = render_preamble(draft), render_footer(draft.footer)
        count_tokens = self._token_sizes.count
        tokens = body.tokens + count_tokens(preamble) + count_tokens(closing)
        metadata = self._metadata(draft.header, following, tokens)
        json_start = '{"list":"' + escape(preamble)
        json_end = '",' + json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))[1:]
        size = Size(
            tokens,
            body.chars + len(preamble) + len(closing),
            body.json_tokens + count_tokens(json_start) + count_tokens(json_end),
            body.json_chars + len(json_start) + len(json_end),
        )
        return _Envelope(preamble, closing, metadata, following, size)

    def _draft(self, count: int) -> tuple[ConversationList, Continuation]:
        """The answer with `count` conversations, without them, and what follows it."""
        window, context = self._window, self._context
        whole = count == len(self._laid_out)
        following = window.resume_at(len(window.conversations) if whole else window.matched[count])
        header = ListHeader(
            looked_at=len(window.conversations),
            matched=len(window.matched),
            shown=count,
            to_answer=sum(each.listed.awaits_answer for each in window.conversations if each.listed is not None),
            first=self._first,
            last=self._last,
            timezone=context.calendar.zone.key,
            credits="unknown" if window.credits is None else window.credits,
            show=window.show,
            search=None if window.query is None else Search(_quoted(window.query), all_texts=window.all_texts),
        )
        footer = End(following.end) if following.cursor is None else More(following.cursor)
        notes = (*window.notes, *following.notes)
        return ConversationList(header, (), footer, notes, context.banner), following

    def _metadata(self, header: ListHeader, following: Continuation, tokens: int) -> dict[str, object]:
        """The structured content without the list. Unknown values are left out."""
        metadata: dict[str, object] = {
            "next_cursor": following.cursor,
            "looked_at": header.looked_at,
            "matched": header.matched,
            "shown": header.shown,
            "to_answer": header.to_answer,
            "tokens": tokens,
            "tokenizer": self._context.tokenizer,
            "credits": self._window.credits,
        }
        return {name: value for name, value in metadata.items() if value is not None}

    def _reading(self, pieces: Sequence[Piece], envelope: _Envelope) -> Reading:
        text = envelope.preamble + "".join(piece.text for piece in pieces)
        return Reading(
            text=text + envelope.closing,
            structured={"list": text, **envelope.metadata},
            tokens=envelope.size.tokens,
            credits=self._window.credits or 0,
            next_cursor=envelope.following.cursor,
            notes=self._window.notes + envelope.following.notes,
            targets=tuple(target for each in self._laid_out[: len(pieces)] if (target := target_of(each.entry))),
        )


def _day_lines(laid_out: Sequence[LaidOutConversation], last: date | None) -> Iterator[str]:
    """The line of the day before each conversation, empty where the day has not changed."""
    current, year = None, None if last is None else last.year
    for each in laid_out:
        if each.day is None or each.day == current:
            yield ""
            continue
        current = each.day
        yield render_day_line(current, with_year=current.year != year)
        year = current.year


def _quoted(query: str) -> str:
    return json.dumps(query if len(query) <= _QUOTED_CHARS else f"{query[:_QUOTED_CHARS]}{CUT}", ensure_ascii=False)
