"""The use case: read messages of a conversation within a token budget. Independent of MCP and HTTP."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread

from mcp_server.audit import CallRecord, audited
from mcp_server.condensing.relevance import without_names
from mcp_server.conversation.cursor import START, CursorCodec, CursorTooLong
from mcp_server.conversation.models import OnPage, Query, Reading
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.participants import with_known_senders
from mcp_server.conversation.pricing import Pricing
from mcp_server.conversation.profile import profile_label
from mcp_server.errors import ConversationError, InvalidArguments, SettingsError
from mcp_server.fetching import PageFetcher, PageSource
from mcp_server.transcript.answer import AnswerBuilder, AnswerContext, Continuation, Window
from mcp_server.transcript.budget import Allowance, Meter, TokenCounter
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.layout_cache import LayoutCache
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.verbatim import fits_whole, is_full, verbatim

logger = logging.getLogger(__name__)

_LONG_CURSOR_NOTE = "The API's cursor is too long to be passed on, so reading cannot continue from here."


class Similarity(Protocol):
    """Compares texts with a question by meaning. Blocking: call it in a worker thread."""

    def similarity(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """A score from 0 to 1 for each text, 0 if it has none. Raises SettingsError if the model is unusable."""
        ...


class ConversationReader:
    """Answers queries: fetches the requested messages, no more, and fits them into the token budget."""

    def __init__(
        self,
        source: PageSource,
        counter: TokenCounter,
        cursors: CursorCodec,
        *,
        page_size: int,
        max_count: int,
        max_credits: int | None = None,
        timeout_s: float,
        zone: ZoneInfo,
        self_profile: str | None,
        token_scale: float,
        structured_output: bool,
        banner: str | None,
        now_ms: Callable[[], int],
        similarity: Similarity | None = None,
    ) -> None:
        self._fetcher = PageFetcher(
            source, page_size=page_size, max_credits=max_credits, timeout_s=timeout_s, pricing=Pricing()
        )
        self._cursors = cursors
        self._max_count = max_count
        self._context = AnswerContext(
            LayoutCache(Calendar(zone), TokenSizes(Meter(counter))), profile_label(self_profile), banner
        )
        self._token_scale = token_scale
        self._structured_output = structured_output
        self._now_ms = now_ms
        self._similarity = similarity

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        """The answer to `query`. `on_page(messages read, messages requested)` is awaited after each page.

        Raises InvalidArguments and InvalidCursor before the first request, and UpstreamError if no message could be
        read. The error's `credits_spent` holds the credits spent until then.
        """
        with audited(self._cursors.pseudonym(query.target), clock_s=anyio.current_time) as record:
            if not 1 <= query.count <= self._max_count:
                raise InvalidArguments(f"count must be from 1 to {self._max_count}.")
            position = START if query.cursor is None else self._cursors.decode(query.cursor, query.target)
            record.walk = walk = Walk(
                position, count=query.count, since_ms=query.since_ms, page_size=self._fetcher.page_size
            )
            try:
                return await self._read(query, walk, record, on_page)
            except ConversationError as error:
                walk.tally.credits = error.credits_spent = error.credits_spent + walk.tally.credits
                walk.tally.maybe_extra = error.maybe_extra = error.maybe_extra + walk.tally.maybe_extra
                error.maybe_extra += walk.tally.unpriced_pages
                raise

    async def _read(self, query: Query, walk: Walk, record: CallRecord, on_page: OnPage | None) -> Reading:
        await self._fetcher.fill(
            walk, query.target, record, is_full=lambda: self._is_full(query, walk), on_page=on_page
        )
        builder = self._builder(query, walk)
        if query.detail == "verbatim":
            return verbatim(builder)
        return condensed(builder, await self._similarities(builder))

    def _is_full(self, query: Query, walk: Walk) -> bool:
        """Whether a verbatim answer is full, so that a further page could not be shown."""
        reads_whole = query.detail == "verbatim" and bool(walk.messages) and walk.needs_more
        return reads_whole and is_full(self._builder(query, walk))

    async def _similarities(self, builder: AnswerBuilder) -> Sequence[float] | None:
        """The similarity of each message to the focus, or None if it is not available or not needed."""
        if self._similarity is None or builder.focus is None or fits_whole(builder) is not None:
            return None
        messages = builder.window.messages
        question = without_names(builder.focus, messages)
        texts = [message.text for message in messages]
        try:
            return await anyio.to_thread.run_sync(self._similarity.similarity, question, texts, abandon_on_cancel=True)
        except SettingsError as error:
            # The messages are paid for, so the answer is ranked by words alone instead of failing.
            logger.warning("ranking by meaning is off: %s", error.what)
            self._similarity = None
            return None

    def _builder(self, query: Query, walk: Walk) -> AnswerBuilder:
        def resume_at(index: int, offset: int) -> Continuation:
            position = walk.position_at(index, offset)
            if position is None:
                return Continuation(None, walk.end_reason, walk.end_notes, walk.undelivered)
            try:
                return Continuation(self._cursors.encode(position, query.target))
            except CursorTooLong:
                return Continuation(None, "stopped", (_LONG_CURSOR_NOTE,))

        def window_cursor(max_pages: int) -> str | None:
            pages = walk.window_pages(max_pages=max_pages)
            with suppress(CursorTooLong):
                return None if pages is None else self._cursors.encode_window(pages, query.target)
            return None

        first = walk.first_page
        window = Window(
            messages=with_known_senders(walk.messages[: walk.count]),
            resume_at=resume_at,
            window_cursor=window_cursor,
            credits=None if walk.tally.unpriced_pages else walk.tally.credits,
            total=walk.total,
            unread=first.unread,
            seen=first.seen,
            remaining=walk.remaining,
            offset=walk.offset,
            from_newest=walk.from_newest,
            other_profile=profile_label(query.target.value) if query.target.kind == "profile_url" else None,
            notes=(*query.notes, *walk.notes),
        )
        return AnswerBuilder(
            window,
            self._context,
            allowance=Allowance(query.max_tokens, self._token_scale, self._structured_output),
            now_ms=self._now_ms(),
            focus=query.focus if query.detail == "condensed" else None,
        )
