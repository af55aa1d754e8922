"""Upstreams that page in ways the API's documentation leaves open, or not at all as they should."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, NotCached, Page, Target
from mcp_server.errors import RequestRejected
from tests.support.conversations import MemorySource


class _TimeCursors(MemorySource):
    """Cursors are times in milliseconds."""

    def _start(self, cursor_ms: int) -> int:
        raise NotImplementedError

    def _next(self, last: Message, following: Message) -> str:
        return str(last.sent_at_ms)

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        start = 0 if cursor is None else self._start(int(cursor))
        page = await super().page(target, cursor=str(start), count=count, deadline=deadline, policy=policy)
        self.asked[-1] = (cursor, count)
        if page.next_cursor is None:
            return page
        end = int(page.next_cursor)
        return replace(page, next_cursor=self._next(self.messages[end - 1], self.messages[end]))


class ExclusiveTimes(_TimeCursors):
    """A page begins after the last message's time, so further messages of that very time are never delivered."""

    def _start(self, cursor_ms: int) -> int:
        older = (index for index, message in enumerate(self.messages) if (message.sent_at_ms or 0) < cursor_ms)
        return next(older, len(self.messages))


class InclusiveTimes(_TimeCursors):
    """A page begins at the last message's time, so a short page of one time leads to itself."""

    def _start(self, cursor_ms: int) -> int:
        older = (index for index, message in enumerate(self.messages) if (message.sent_at_ms or 0) <= cursor_ms)
        return next(older, len(self.messages))


class Losing(MemorySource):
    """Counts all messages, and delivers all but the oldest `lost`."""

    def __init__(self, messages: Sequence[Message], *, lost: int) -> None:
        super().__init__(messages[: len(messages) - lost])
        self._counted = len(messages)

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        page = await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
        return replace(page, total=self._counted)


class ExpiringCursors(MemorySource):
    """Refuses its cursors after `expire()`, and from then on gives out others. `before` is called at each request."""

    def __init__(self, messages: Sequence[Message], **options: object) -> None:
        super().__init__(messages, **options)  # type: ignore[arg-type]  # by name
        self._generation = 0
        self.before: Callable[[], None] = lambda: None

    def expire(self) -> None:
        self._generation += 1

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        self.before()
        generation, _, start = (cursor or f"{self._generation}:").partition(":")
        if generation != str(self._generation):
            self.asked.append((cursor, count))
            raise RequestRejected('The API rejected the request, in its words: "cursor is invalid."')
        page = await super().page(target, cursor=start or None, count=count, deadline=deadline, policy=policy)
        self.asked[-1] = (cursor, count)
        more = None if page.next_cursor is None else f"{self._generation}:{page.next_cursor}"
        return replace(page, next_cursor=more)


class Changed(MemorySource):
    """Serves pages as `change` alters them."""

    def __init__(self, messages: Sequence[Message], change: Callable[[Page], Page]) -> None:
        super().__init__(messages)
        self._change = change

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        return self._change(await super().page(target, cursor=cursor, count=count, deadline=deadline, policy=policy))


class LongCursors(MemorySource):
    """Cursors are 1,500 characters long."""

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        start = None if cursor is None else cursor.lstrip("0") or "0"
        page = await super().page(target, cursor=start, count=count, deadline=deadline, policy=policy)
        return replace(page, next_cursor=None if page.next_cursor is None else page.next_cursor.zfill(1500))
