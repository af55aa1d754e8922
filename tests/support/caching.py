"""Cached pages over a conversation in memory, with a clock that only moves on demand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, NotCached, Page, Target
from mcp_server.conversation.positions import anchor_of
from mcp_server.errors import UpstreamError
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import TARGET, MemorySource


class Clock:
    """A clock that only moves on demand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Api(MemorySource):
    """Serves `messages`, newest first. `open` delays its answers until it is set; `error` is raised instead of one."""

    def __init__(self, messages: Sequence[Message], *, total: bool = True) -> None:
        super().__init__(messages, total=total)
        self.open = anyio.Event()
        self.open.set()
        self.error: UpstreamError | None = None
        self.credits = 0

    def close(self) -> None:
        """Answer no request until `open.set()`."""
        self.open = anyio.Event()

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        self.asked.append((cursor, count))
        await self.open.wait()
        if self.error is not None:
            raise self.error
        page = await MemorySource(self.messages, total=self._total).page(
            target, cursor=cursor, count=count, deadline=deadline
        )
        self.credits += page.credits
        return page


@asynccontextmanager
async def cached(source: object, clock: Clock, **options: object) -> AsyncIterator[CachedPages]:
    """Cached pages of `source` for one account, with an empty cache unless `cache` is given."""
    values = {"account_id": "account", "cache": TimelineCache(clock_s=clock), **options}
    async with anyio.create_task_group() as background:
        yield CachedPages(source, background=background, **values)  # type: ignore[arg-type]  # by name
        background.cancel_scope.cancel()


async def ask(
    pages: CachedPages, cursor: str | None = None, *, count: int = 10, target: Target = TARGET, **policy: object
) -> Page:
    """One page, within ten seconds."""
    return await pages.page(
        target,
        cursor=cursor,
        count=count,
        deadline=anyio.current_time() + 10,
        policy=CachePolicy(**policy),  # type: ignore[arg-type]  # by name
    )


async def walk(
    pages: CachedPages, count: int, *, page_size: int = 50, fresh: bool = False
) -> tuple[list[Message], int]:
    """The newest `count` messages, read page by page, and the credits of these pages."""
    found, credits, is_whole = await walk_whole(pages, count, page_size=page_size, fresh=fresh)
    assert is_whole
    return found, credits


async def walk_whole(
    pages: CachedPages, count: int, *, page_size: int = 50, fresh: bool = False
) -> tuple[list[Message], int, bool]:
    """The same, and whether it is whole: False if a page says that some may be missing, or they lead in circles."""
    found: dict[str, Message] = {}
    credits, is_whole = 0, True
    cursor: str | None = None
    anchor, total = None, None
    for _ in range(300):
        if len(found) >= count:
            break
        size = min(page_size, count - len(found))
        page = await ask(
            pages, cursor, count=size, fresh=fresh and cursor is None, spare=count, anchor=anchor, total=total
        )
        for message in page.messages:
            found.setdefault(message.id, message)
        credits, is_whole, cursor = credits + page.credits, is_whole and not page.gap, page.next_cursor
        if cursor is None:
            break
        total = page.total if page.next_total is None else page.next_total
        anchor = anchor_of(list(found)[-1]) if found else None
    else:
        is_whole = False
    return list(found.values())[:count], credits, is_whole
