"""Opens the reader of conversations: the API client, the cache, the tokenizer, and the reader that uses them.

It is not part of `bootstrap` because the server imports it only after its first answers: with the libraries it loads,
it takes longer than the rest of the start.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from threading import Thread

import anyio

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.errors import ConversationError
from mcp_server.fetching import PageSource
from mcp_server.semantic import LocalSimilarity, installed
from mcp_server.service import ConversationReader, Similarity
from mcp_server.setting_values import DEFAULT_TOKENIZER
from mcp_server.settings import Settings
from mcp_server.tokenizer import Vocabularies
from mcp_server.tokenizer.extras import label
from mcp_server.transcript.budget import Vocabulary
from mcp_server.upstream.cache import CachedPages, TimelineCache
from mcp_server.upstream.client import MessagesClient

SANDBOX_BANNER = "SANDBOX: made-up people and messages"

# Cursors are bound to these, besides account and conversation. Changing them invalidates every cursor.
_TOOL, _ONLY_TENANT = "get_conversation", ""


def now_ms() -> int:
    """The current time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def open_reader(
    settings: Settings, *, now_ms: Callable[[], int] = now_ms, clock_s: Callable[[], float] = time.monotonic
) -> AsyncIterator[ConversationReader]:
    """A reader of the settings' API, for the length of the context.

    `now_ms` returns the time in milliseconds since 1970; `clock_s` measures the age of messages in memory. The
    tokenizer is built in a background thread, since the first read needs it only once its first page has arrived.
    """
    vocabulary = Vocabularies().of(settings.tokenizer)
    async with MessagesClient(settings) as client, anyio.create_task_group() as fetches:
        # A daemon thread, so that neither the event loop nor the exit of the process waits for it.
        Thread(target=_warm, args=(client, vocabulary), name="warm", daemon=True).start()
        pages = CachedPages(
            client,
            TimelineCache(clock_s=clock_s),
            fetches,
            account_id=settings.account_id,
            unit=settings.messages_per_credit,
        )
        cursors = CursorCodec(settings.api_key.get_secret_value(), scope=cursor_scope(settings))
        try:
            yield make_reader(settings, pages, vocabulary, cursors, local_similarity(), now_ms=now_ms)
        finally:
            fetches.cancel_scope.cancel()


def local_similarity() -> Similarity | None:
    """The sentence model of the extra `[semantic]`, or None when it is not installed."""
    return LocalSimilarity() if installed() else None


def make_reader(
    settings: Settings,
    pages: PageSource,
    vocabulary: Vocabulary,
    cursors: CursorCodec,
    similarity: Similarity | None,
    *,
    now_ms: Callable[[], int] = now_ms,
) -> ConversationReader:
    """A reader of `pages` with these settings, for any transport. Readers share `similarity`, which is large."""
    return ConversationReader(
        pages,
        vocabulary,
        cursors,
        page_size=min(settings.page_size, settings.max_page_size),
        max_page_size=settings.max_page_size,
        messages_per_credit=settings.messages_per_credit,
        max_count=settings.max_count,
        max_credits=settings.max_credits_per_call,
        timeout_s=settings.call_timeout_s,
        zone=settings.zone,
        self_profile=settings.self_profile_url,
        tokenizer=None if settings.tokenizer == DEFAULT_TOKENIZER else label(settings.tokenizer),
        token_scale=settings.token_scale,
        structured_output=settings.structured_output,
        banner=SANDBOX_BANNER if settings.sandbox else None,
        now_ms=now_ms,
        similarity=similarity,
    )


def cursor_scope(settings: Settings, tenant: str = _ONLY_TENANT) -> tuple[str, ...]:
    """The values a cursor is bound to, besides its conversation."""
    return (_TOOL, tenant, settings.account_id)


def _warm(client: MessagesClient, vocabulary: Vocabulary) -> None:
    # In the order in which a read needs them. A failure is ignored here: it recurs in the first read, which reports it.
    with suppress(ConversationError):
        client.warm()
        vocabulary.warm()
