"""The use case: list conversations within a token budget. Independent of MCP and HTTP."""

from collections.abc import Callable, Collection
from functools import partial
from zoneinfo import ZoneInfo

import anyio

from mcp_server.conversation.anchor_search import GAP_NOTE
from mcp_server.conversation.cursor import CursorCodec, CursorTooLong
from mcp_server.conversation.known_people import KnownPeople
from mcp_server.conversation.memory import age_note
from mcp_server.conversation.models import INBOX, ListQuery, OnPage, Reading
from mcp_server.conversation.page_sizes import PageSizes
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.pricing import MESSAGES_PER_CREDIT, Pricing
from mcp_server.errors import RequestRejected
from mcp_server.fetching import PageFetcher, PageSource
from mcp_server.listing.answer import ListContext, ListWindow, answer
from mcp_server.listing.matching import Words, matching
from mcp_server.setting_values import Speakers
from mcp_server.transcript.budget import Allowance, Vocabulary
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.window import Continuation
from mcp_server.walking import Call, Calls

MAX_LISTED = 200
_FIRST_PAGE, _LARGEST_PAGE = 50, 100
"""Conversations per request. The API gets 25 at a time from LinkedIn, so that larger pages take longer."""
_LONG_CURSOR_NOTE = "The API's cursor is too long to be passed on, so listing cannot continue from here."
_MOVED_NOTE = (
    "Conversations with messages since the list was begun are at its top: to see them, call again without cursor."
)
_NOTES = {
    GAP_NOTE: "The conversation this cursor points to has moved to the top of the list. Listing resumed by time.",
}
_REFUSED_ADVICE = "Call again without cursor; if it is refused again, this API may not list conversations."

SearchTexts = Callable[[str], Collection[str]]
"""The ids of the conversations with a text that matches. Blocking: it is called in a worker thread."""


class ConversationLister:
    """Answers list queries: fetches the conversations to look at, no more, and fits those that match into the budget.

    What the list says of people is noted in `people`. `search` looks through all texts, where there are any.
    """

    def __init__(
        self,
        source: PageSource,
        vocabulary: Vocabulary,
        cursors: CursorCodec,
        people: KnownPeople,
        *,
        max_credits: int | None = None,
        timeout_s: float,
        zone: ZoneInfo,
        tokenizer: str | None = None,
        token_scale: float,
        structured_output: bool,
        banner: str | None,
        search: SearchTexts | None = None,
        speakers: Speakers,
    ) -> None:
        self._fetcher = PageFetcher(
            source,
            sizes=PageSizes(first=_FIRST_PAGE, largest=_LARGEST_PAGE),
            pricing=Pricing(MESSAGES_PER_CREDIT),
            max_credits=max_credits,
            timeout_s=timeout_s,
        )
        self._cursors = cursors
        self._people = people
        self._context = ListContext(Calendar(zone), TokenSizes.of(vocabulary), speakers, banner, tokenizer)
        self._notes = vocabulary.notes
        self._token_scale = token_scale
        self._structured_output = structured_output
        self._search = search
        self._calls = Calls(cursors, lambda: self._fetcher.sizes.size, max_count=MAX_LISTED)

    async def read(self, query: ListQuery, *, on_page: OnPage | None = None) -> Reading:
        """The list. `on_page(conversations read, conversations requested)` is awaited after each page.

        Raises InvalidArguments and InvalidCursor before the first request, and UpstreamError if no conversation could
        be read. The error's `credits_spent` holds the credits spent until then.
        """
        return await self._calls.run(query, partial(self._read, query, on_page))

    async def _read(self, query: ListQuery, on_page: OnPage | None, call: Call) -> Reading:
        walk = call.walk
        try:
            await self._fetcher.fill(walk, INBOX, call.record, refresh=call.refresh, is_full=None, on_page=on_page)
        except RequestRejected as error:
            error.advice = _REFUSED_ADVICE
            raise
        self._people.note(walk.messages)
        found: Collection[str] = ()
        if query.query is not None and self._search is not None:
            found = await anyio.to_thread.run_sync(self._search, query.query)
        return answer(self._window(query, walk, found), self._context, self._allowance(query))

    def _allowance(self, query: ListQuery) -> Allowance:
        return Allowance(query.max_tokens, query.token_scale or self._token_scale, self._structured_output)

    def _window(self, query: ListQuery, walk: Walk, found: Collection[str]) -> ListWindow:
        def resume_at(index: int) -> Continuation:
            position = walk.position_at(index, 0)
            if position is None:
                notes = () if walk.from_newest else (_MOVED_NOTE,)
                return Continuation(None, walk.end_reason, (*walk.end_notes, *notes))
            try:
                return Continuation(self._cursors.encode(position, INBOX))
            except CursorTooLong:
                return Continuation(None, "stopped", (_LONG_CURSOR_NOTE,))

        conversations = tuple(walk.messages[: walk.count])
        words = None if query.query is None else Words(query.query)
        newest_age_s = walk.first_page.age_s if walk.from_newest else None
        return ListWindow(
            conversations,
            matching(conversations, query.show, words, ids=found),
            resume_at,
            others=tuple(walk.messages[walk.count :]),
            credits=None if walk.tally.unpriced_pages else walk.tally.credits,
            show=query.show,
            query=query.query,
            all_texts=self._search is not None,
            notes=(
                *query.notes,
                *(_NOTES.get(note, note) for note in walk.notes),
                *self._notes,
                *age_note(newest_age_s=newest_age_s, oldest_age_s=walk.tally.age_s),
            ),
        )
