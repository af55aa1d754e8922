"""The use case: read messages of a conversation within a token budget. Independent of MCP and HTTP."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

import anyio
import anyio.to_thread

from mcp_server.condenser import Condenser, is_short
from mcp_server.condensing.relevance import without_names
from mcp_server.condensing.sentences import MAX_SPLIT_CHARS
from mcp_server.conversation.cursor import CursorCodec, CursorTooLong
from mcp_server.conversation.known_people import KnownPeople
from mcp_server.conversation.memory import age_note
from mcp_server.conversation.models import Message, OnPage, Query, Reading
from mcp_server.conversation.page_sizes import PageSizes
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.participants import with_known_senders
from mcp_server.conversation.pricing import MESSAGES_PER_CREDIT, Pricing
from mcp_server.conversation.profile import profile_label
from mcp_server.errors import InvalidArguments, SettingsError
from mcp_server.fetching import PageFetcher, PageSource, SkippingCosts
from mcp_server.setting_values import Speakers
from mcp_server.transcript.answer import AnswerBuilder, AnswerContext
from mcp_server.transcript.budget import Allowance, Vocabulary
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.labels import GivenLabels, given_labels, is_plain, labels_of
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.layout_cache import LayoutCache
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.verbatim import fits_whole, is_full, verbatim
from mcp_server.transcript.window import Continuation, Window
from mcp_server.walking import Call, Calls

logger = logging.getLogger(__name__)

_LONG_CURSOR_NOTE = "The API's cursor is too long to be passed on, so reading cannot continue from here."
_UNFINISHED = "The newest messages are shown: choosing among all of them took longer than the time limit per call,"


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
        vocabulary: Vocabulary,
        cursors: CursorCodec,
        *,
        page_size: int,
        max_page_size: int = 1000,
        messages_per_credit: int = MESSAGES_PER_CREDIT,
        max_count: int,
        max_credits: int | None = None,
        timeout_s: float,
        zone: ZoneInfo,
        self_profile: str | None,
        tokenizer: str | None = None,
        token_scale: float,
        structured_output: bool,
        banner: str | None,
        now_ms: Callable[[], int],
        similarity: Similarity | None = None,
        people: KnownPeople | None = None,
        speakers: Speakers,
        condenser: Condenser | None = None,
    ) -> None:
        """`people` are those known from the list of conversations. Readers share `condenser`."""
        self._fetcher = PageFetcher(
            source,
            sizes=PageSizes(first=page_size, largest=max(page_size, max_page_size)),
            pricing=Pricing(messages_per_credit),
            max_credits=max_credits,
            timeout_s=timeout_s,
        )
        self._cursors = cursors
        self._max_count = max_count
        self._context = AnswerContext(
            LayoutCache(Calendar(zone), TokenSizes.of(vocabulary)), profile_label(self_profile), banner, tokenizer
        )
        self._notes = vocabulary.notes
        self._token_scale = token_scale
        self._structured_output = structured_output
        self._now_ms = now_ms
        self._similarity = similarity
        self._calls = Calls(cursors, lambda: self._fetcher.sizes.size, max_count=max_count)
        self._timeout_s = timeout_s
        self._condenser = condenser or Condenser()
        self._long_context = replace(self._context, layouts=LayoutCache(Calendar(zone), TokenSizes.of(vocabulary)))
        self._people = people or KnownPeople()
        self._speakers = speakers

    async def read(self, query: Query, *, on_page: OnPage | None = None) -> Reading:
        """The answer to `query`. `on_page(messages read, messages requested)` is awaited after each page.

        Raises InvalidArguments and InvalidCursor before the first request, and UpstreamError if no message could be
        read. The error's `credits_spent` holds the credits spent until then.
        """
        return await self._calls.run(query, partial(self._read, query, on_page))

    async def _read(self, query: Query, on_page: OnPage | None, call: Call) -> Reading:
        walk, began_s = call.walk, anyio.current_time()
        if self._context.self_profile is None:
            await self._people.recall_owner()
        await self._people.recall(query.target, now_s=began_s)
        is_full = partial(self._is_full, query, walk) if query.detail == "verbatim" else None
        try:
            await self._fetcher.fill(
                walk,
                query.target,
                call.record,
                refresh=call.refresh,
                in_window=":" in (query.cursor or ""),
                is_full=is_full,
                on_page=on_page,
                known=self._people.of(query.target),
            )
        except SkippingCosts as costs:
            raise self._too_dear(query, costs) from None
        if query.detail == "verbatim":
            return verbatim(self._builder(query, walk))
        return await self._condensed(query, walk, deadline=began_s + self._timeout_s)

    async def _condensed(self, query: Query, walk: Walk, *, deadline: float) -> Reading:
        """The condensed answer; the newest messages with a note if it is not finished at `deadline`."""
        similarities = await self._similarities(query, walk)
        if is_short(walk.messages[: walk.count]):
            return condensed(self._builder(query, walk), similarities)
        reading = await self._condenser.condensed(
            self._builder(query, walk, self._long_context),
            similarities,
            conversation=(id(self), query.target),
            deadline=deadline,
        )
        notes = (f"{_UNFINISHED} {self._timeout_s:g} s.",)
        return reading or verbatim(self._builder(query, walk).with_changes(notes=notes))

    def _is_full(self, query: Query, walk: Walk) -> bool:
        """Whether a verbatim answer is full, so that a further page could not be shown."""
        return bool(walk.messages) and walk.needs_more and is_full(self._builder(query, walk))

    def _too_dear(self, query: Query, costs: SkippingCosts) -> InvalidArguments:
        """The refusal of a window cursor whose messages are no longer cached, with the price and how to accept it."""
        number = str(query.cursor).partition(":")[2]
        nearest = self._cursors.nearest_number(str(query.cursor), query.target)
        count = min(int(number) - nearest + query.count, self._max_count)
        return InvalidArguments(
            f"Message [{number}] is no longer in memory, and the API can only be read from message [{nearest}] on, "
            f"for about {costs.credits} credits.",
            advice=f"To spend them, call again with count {count} and the same cursor ending in :{nearest}.",
        )

    async def _similarities(self, query: Query, walk: Walk) -> Sequence[float] | None:
        """The similarity of each message to the focus, or None if it is not available or not needed."""
        if self._similarity is None or query.focus is None or fits_whole(builder := self._builder(query, walk)):
            return None
        messages = builder.window.messages
        question = without_names(query.focus, messages)
        texts = [message.text[:MAX_SPLIT_CHARS] for message in messages]
        try:
            return await anyio.to_thread.run_sync(self._similarity.similarity, question, texts, abandon_on_cancel=True)
        except SettingsError as error:
            # The messages are paid for, so the answer is ranked by words alone instead of failing.
            logger.warning("ranking by meaning is off: %s", error.what)
            self._similarity = None
            return None

    def _builder(self, query: Query, walk: Walk, context: AnswerContext | None = None) -> AnswerBuilder:
        def resume_at(index: int, offset: int) -> Continuation:
            position = walk.position_at(index, offset)
            if position is None:
                return Continuation(None, walk.end_reason, walk.end_notes, walk.undelivered)
            try:
                return Continuation(self._cursors.encode(replace(position, labels=given), query.target))
            except CursorTooLong:
                return Continuation(None, "stopped", (_LONG_CURSOR_NOTE,))

        def window_cursor(max_pages: int) -> str | None:
            pages = walk.window_pages(max_pages=max_pages)
            with suppress(CursorTooLong):
                return (
                    None if pages is None else self._cursors.encode_window(replace(pages, labels=given), query.target)
                )
            return None

        listed = self._people.of(query.target)
        other_profile = profile_label(query.target.value) if query.target.kind == "profile_url" else query.other_profile
        first, known = walk.first_page, with_known_senders(walk.messages, listed.other)
        labels, given = self._labels(query, known, is_group=listed.is_group)
        newest_age_s = first.age_s if walk.from_newest else None
        window = Window(
            messages=known[: walk.count],
            further_messages=known[walk.count :],
            resume_at=resume_at,
            window_cursor=window_cursor,
            credits=None if walk.tally.unpriced_pages else walk.tally.credits,
            total=walk.total,
            unread=first.unread,
            seen=first.seen,
            remaining=walk.remaining,
            offset=walk.offset,
            from_newest=walk.from_newest,
            from_memory=newest_age_s is not None,
            other_profile=other_profile or (listed.other.profile if listed.other else None),
            is_group=listed.is_group,
            labels=labels,
            notes=(
                *query.notes,
                *walk.notes,
                *self._notes,
                *age_note(newest_age_s=newest_age_s, oldest_age_s=walk.tally.age_s),
            ),
        )
        return AnswerBuilder(
            window,
            replace(context or self._context, self_profile=self._context.self_profile or self._people.owner),
            allowance=Allowance(query.max_tokens, query.token_scale or self._token_scale, self._structured_output),
            now_ms=self._now_ms(),
            focus=query.focus if query.detail == "condensed" else None,
        )

    def _labels(
        self, query: Query, messages: Sequence[Message], *, is_group: bool | None
    ) -> tuple[dict[str, str] | None, GivenLabels]:
        """The labels of the senders by their keys, None for marks; and what a cursor has to say of labels."""
        if self._speakers == "marks":
            return None, frozenset()
        fingerprint = partial(self._cursors.fingerprint, target=query.target)
        given = frozenset() if query.cursor is None else self._cursors.decode(query.cursor, query.target).labels
        people = {message.sender.key: message.sender for message in messages if message.sender is not None}
        labels = labels_of(people, given, fingerprint)
        # Between two people whose first names differ, nobody can join who has one of the two.
        is_pair = query.target.kind == "profile_url" or is_group is False
        if (
            is_pair
            and not given
            and len(people) == 2
            and all(is_plain(label, people[key]) for key, label in labels.items())
        ):
            return labels, given
        return labels, given_labels(labels, given, fingerprint)
