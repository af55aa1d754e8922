"""Opens what reads conversations: the API's client, the cache, the tokenizer, and the reader over them.

Not part of `bootstrap`, because serving imports this only once its first answers are out: together with what it loads
it takes longer than everything else that a server does before it can read.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from threading import Thread

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.errors import ConversationError
from mcp_server.semantic import LocalSimilarity, installed
from mcp_server.service import ConversationReader, PageSource, Similarity
from mcp_server.settings import Settings
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.budget import TokenCounter
from mcp_server.upstream.cache import CachedPages, MemoryPageCache
from mcp_server.upstream.client import MessagesClient

SANDBOX_BANNER = "SANDBOX: made-up people and messages"

# What a cursor is bound to beside account and conversation. These words are part of every cursor given out.
_TOOL, _ONLY_TENANT = "get_conversation", ""


def now_ms() -> int:
    """The time of this machine's clock, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_reader(settings: Settings, *, now_ms: Callable[[], int] = now_ms) -> AsyncIterator[ConversationReader]:
    """A reader of the API that the settings name, for as long as the context lasts.

    `now_ms` returns the time in milliseconds since 1970. The tokenizer is built meanwhile: the first read needs it
    only after its first page has come.
    """
    counter = O200kCounter()
    async with MessagesClient(settings) as client:
        # A thread of no task's: nobody waits for it, and leaving early does not either.
        Thread(target=_warm, args=(client, counter), name="warm", daemon=True).start()
        pages = CachedPages(client, MemoryPageCache(), account_id=settings.account_id)
        cursors = CursorCodec(settings.api_key.get_secret_value(), scope=cursor_scope(settings))
        yield make_reader(settings, pages, counter, cursors, local_similarity(), now_ms=now_ms)


def local_similarity() -> Similarity | None:
    """The judge by meaning that comes with the extra `[semantic]`, where it is installed."""
    return LocalSimilarity() if installed() else None


def make_reader(
    settings: Settings,
    pages: PageSource,
    counter: TokenCounter,
    cursors: CursorCodec,
    similarity: Similarity | None,
    *,
    now_ms: Callable[[], int] = now_ms,
) -> ConversationReader:
    """A reader of `pages` on these settings, for any transport. `similarity` takes memory: readers share one."""
    return ConversationReader(
        pages,
        counter,
        cursors,
        page_size=settings.page_size,
        max_count=settings.max_count,
        max_credits=settings.max_credits_per_call,
        zone=settings.zone,
        self_profile=settings.self_profile_url,
        token_scale=settings.token_scale,
        structured_output=settings.structured_output,
        banner=SANDBOX_BANNER if settings.sandbox else None,
        now_ms=now_ms,
        similarity=similarity,
    )


def cursor_scope(settings: Settings, tenant: str = _ONLY_TENANT) -> tuple[str, ...]:
    """What a cursor is bound to beside its conversation."""
    return (_TOOL, tenant, settings.account_id)


def _warm(client: MessagesClient, counter: O200kCounter) -> None:
    # In the order of need. What makes it fail makes the first read fail too, in a call that can tell it.
    with suppress(ConversationError):
        client.warm()
        counter.warm()
