"""Opens the reader of conversations: the API client, the cache, the tokenizer, and the reader that uses them.

It is not part of `bootstrap` because the server imports it only after its first answers: with the libraries it loads,
it takes longer than the rest of the start.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date, datetime
from datetime import time as time_of_day
from functools import partial
from threading import Thread
from zoneinfo import ZoneInfo

import anyio

from mcp_server.archive.archive import Archive
from mcp_server.archive.loading import ArchiveLoader
from mcp_server.archive.pages import ArchivePages
from mcp_server.archive.reader import ArchiveReader, Reader, banner
from mcp_server.condenser import Condenser
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.known_people import KnownPeople, OwnerMemory
from mcp_server.conversation.models import AnyQuery, ListQuery, OnPage, Reading
from mcp_server.errors import ConversationError
from mcp_server.fetching import PageSource
from mcp_server.lister import ConversationLister, SearchTexts
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

_ARCHIVE_PAGE_SIZE = 200

_WARM_DELAY_S = 2.0
"""Delay between what the first call needs and what only many calls need: clients may start a process for each call."""

# Cursors are bound to these, besides account and conversation. Changing them invalidates every cursor.
_TOOL, _ONLY_TENANT = "get_conversation", ""


def now_ms() -> int:
    """The current time in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class AnyReader:
    """Reads conversations with one reader and lists them with another."""

    def __init__(self, reader: ConversationReader, lister: ConversationLister) -> None:
        self._reader = reader
        self._lister = lister

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        """The answer to either kind of query; see the two readers."""
        if isinstance(query, ListQuery):
            return await self._lister.read(query, on_page=on_page)
        return await self._reader.read(query, on_page=on_page)


@asynccontextmanager
async def open_reader(
    settings: Settings, *, now_ms: Callable[[], int] = now_ms, clock_s: Callable[[], float] = time.monotonic
) -> AsyncIterator[Reader]:
    """A reader of the settings' API or archive, for the length of the context.

    `now_ms` returns the time in milliseconds since 1970; `clock_s` measures the age of messages in memory.
    """
    opened = _open_api(settings, now_ms, clock_s) if settings.archive is None else _open_archive(settings, now_ms)
    async with opened as reader:
        yield reader


@asynccontextmanager
async def _open_api(
    settings: Settings, now_ms: Callable[[], int], clock_s: Callable[[], float]
) -> AsyncIterator[AnyReader]:
    """A reader of the settings' API.

    The tokenizer is loaded in a background thread, since the first read needs it only once its first page has arrived.
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


@asynccontextmanager
async def _open_archive(settings: Settings, now_ms: Callable[[], int]) -> AsyncIterator[ArchiveReader]:
    """A reader of LinkedIn's data export, which is read in the background from now on."""
    vocabulary = Vocabularies().of(settings.tokenizer)
    Thread(target=_warm, args=(None, vocabulary), name="warm", daemon=True).start()
    yield make_archive_reader(settings, vocabulary, local_similarity(), now_ms=now_ms)


def make_archive_reader(
    settings: Settings,
    vocabulary: Vocabulary,
    similarity: Similarity | None,
    *,
    tenant: str = _ONLY_TENANT,
    secrets: Sequence[str] = (),
    now_ms: Callable[[], int] = now_ms,
    condenser: Condenser | None = None,
) -> ArchiveReader:
    """A reader of the settings' archive, whose file is read in the background from now on. Needs an event loop.

    `secrets` sign cursors; without any, what only those know who have the export.
    """
    assert settings.archive is not None  # the caller has looked

    def make(archive: Archive) -> AnyReader:
        owner = archive.owner
        own = replace(
            settings,
            page_size=_ARCHIVE_PAGE_SIZE,
            max_credits_per_call=None,
            self_profile_url=owner.profile_url if owner else settings.self_profile_url,
        )
        cursors = CursorCodec(*(secrets or (f"archive {archive.secret}",)), scope=cursor_scope(own, tenant))
        pages = ArchivePages(archive)
        return make_reader(
            own,
            pages,
            vocabulary,
            cursors,
            similarity,
            now_ms=partial(_as_of, archive.day, settings.zone, now_ms),
            banner=banner(archive.day),
            search=pages.inbox.search,
            condenser=condenser,
        )

    loader = ArchiveLoader(settings.archive, self_profile_url=settings.self_profile_url)
    loader.start()
    return ArchiveReader(loader, make)


def _as_of(day: date | None, zone: ZoneInfo, now_ms: Callable[[], int]) -> int:
    """The end of that day, as nothing later is known; the present where it has not ended yet."""
    if day is None:
        return now_ms()
    end = datetime.combine(day, time_of_day.max, zone)
    return min(now_ms(), int(end.timestamp() * 1_000))


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
    banner: str | None = None,
    search: SearchTexts | None = None,
    owner_memory: OwnerMemory | None = None,
    condenser: Condenser | None = None,
) -> AnyReader:
    """A reader of `pages` with these settings, for any transport. Readers share `similarity`, which is large, and
    `condenser`.

    `search` looks through the texts of all conversations, where the source can.
    """
    people = KnownPeople(owner_memory)
    tokenizer = None if settings.tokenizer == DEFAULT_TOKENIZER else label(settings.tokenizer)
    banner = SANDBOX_BANNER if settings.sandbox else banner
    reader = ConversationReader(
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
        tokenizer=tokenizer,
        token_scale=settings.token_scale,
        structured_output=settings.structured_output != "off",
        banner=banner,
        now_ms=now_ms,
        similarity=similarity,
        people=people,
        speakers=settings.speakers,
        condenser=condenser,
    )
    lister = ConversationLister(
        pages,
        vocabulary,
        cursors,
        people,
        max_credits=settings.max_credits_per_call,
        timeout_s=settings.call_timeout_s,
        zone=settings.zone,
        tokenizer=tokenizer,
        token_scale=settings.token_scale,
        structured_output=settings.structured_output != "off",
        banner=banner,
        search=search,
        speakers=settings.speakers,
    )
    return AnyReader(reader, lister)


def cursor_scope(settings: Settings, tenant: str = _ONLY_TENANT) -> tuple[str, ...]:
    """The values a cursor is bound to, besides its conversation."""
    return (_TOOL, tenant, settings.account_id)


def _warm(client: MessagesClient | None, vocabulary: Vocabulary) -> None:
    # In the order in which a read needs them. A failure is ignored here: it recurs in the first read, which reports it.
    with suppress(ConversationError):
        if client is not None:
            client.warm()
        vocabulary.prepare()
        time.sleep(_WARM_DELAY_S)
        vocabulary.warm()
