"""One call that walks pages, from its query to its reading: what a conversation and the list of them have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import anyio

from mcp_server.audit import CallRecord, audited
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.memory import AnsweredQueries
from mcp_server.conversation.models import INBOX, AnyQuery, Query, Reading
from mcp_server.conversation.pagination import Walk
from mcp_server.conversation.positions import START, Position
from mcp_server.errors import ConversationError, InvalidArguments, InvalidCursor


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has been checked. `refresh`: the caller looks for something new, so no newest page is taken from
    memory."""

    walk: Walk
    record: CallRecord
    refresh: bool


class Calls:
    """Runs the calls of one reader: checks, audits and accounts for each. `max_count` is the most one may ask for."""

    def __init__(self, cursors: CursorCodec, page_size: Callable[[], int], *, max_count: int) -> None:
        """`page_size` returns the present size of requests."""
        self._cursors = cursors
        self._page_size = page_size
        self._max_count = max_count
        self._answered = AnsweredQueries()

    async def run(self, query: AnyQuery, answer: Callable[[Call], Awaitable[Reading]]) -> Reading:
        """The reading that `answer` makes of the call.

        Raises InvalidArguments and InvalidCursor before that. The `credits_spent` of its errors include the walk's.
        """
        target = query.target
        with audited(self._cursors.pseudonym(target), clock_s=anyio.current_time) as record:
            if not 1 <= query.count <= self._max_count:
                raise InvalidArguments(f"count must be from 1 to {self._max_count}.")
            since_ms = query.since_ms if isinstance(query, Query) else None
            record.walk = walk = Walk(
                self._position(query), count=query.count, since_ms=since_ms, page_size=self._page_size()
            )
            walk.tally.noun = "conversation" if target == INBOX else "message"
            refresh = self._answered.repeats(query, now_s=anyio.current_time())
            try:
                reading = await answer(Call(walk, record, refresh))
            except ConversationError as error:
                walk.tally.charge(error)
                raise
            self._answered.add(query, now_s=anyio.current_time())
            return replace(reading, credits_saved=walk.tally.credits_saved)

    def _position(self, query: AnyQuery) -> Position:
        if query.cursor is None:
            return START
        try:
            return self._cursors.decode(query.cursor, query.target)
        except InvalidCursor:
            raise InvalidCursor(of_list=query.target == INBOX) from None
