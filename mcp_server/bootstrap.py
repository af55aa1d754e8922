"""The composition root: opens the adapters that the settings ask for, and hands over an assembled server."""

import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from pydantic import ValidationError

from mcp_server.arguments import Limits
from mcp_server.conversation.budget import TokenCounter
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.deferred import DeferredReader, OpenReader
from mcp_server.errors import ConversationError
from mcp_server.logs import configure_logging
from mcp_server.semantic import LocalSimilarity, installed
from mcp_server.service import ConversationReader, PageSource, Similarity
from mcp_server.settings import Settings
from mcp_server.upstream.cache import CachedPages, MemoryPageCache

if TYPE_CHECKING:
    from anyio.abc import ObjectReceiveStream, ObjectSendStream
    from mcp.server.lowlevel import Server
    from mcp.shared.message import SessionMessage

    from mcp_server.tokenizer import O200kCounter
    from mcp_server.upstream.client import MessagesClient

SANDBOX_BANNER = "SANDBOX: made-up people and messages"

# What a cursor is bound to beside account and conversation. These words are part of every cursor given out.
_TOOL, _ONLY_TENANT = "get_conversation", ""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def open_reader(settings: Settings) -> AsyncIterator[ConversationReader]:
    """A reader of the API that the settings name, for as long as the context lasts.

    The tokenizer is built meanwhile: the first read needs it only after its first page has come.
    """
    client_class, counter = await anyio.to_thread.run_sync(_load)
    async with client_class(settings) as client:
        # A thread of no task's: nobody waits for it, and leaving early does not either.
        Thread(target=_warm, args=(client, counter), name="warm", daemon=True).start()
        pages = CachedPages(client, MemoryPageCache(), account_id=settings.account_id)
        cursors = CursorCodec(settings.api_key.get_secret_value(), scope=cursor_scope(settings))
        yield make_reader(settings, pages, counter, cursors, local_similarity())


def local_similarity() -> Similarity | None:
    """The judge by meaning that comes with the extra `[semantic]`, where it is installed."""
    return LocalSimilarity() if installed() else None


def make_reader(
    settings: Settings,
    pages: PageSource,
    counter: TokenCounter,
    cursors: CursorCodec,
    similarity: Similarity | None,
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
        now_ms=lambda: time.time_ns() // 1_000_000,
        similarity=similarity,
    )


def cursor_scope(settings: Settings, tenant: str = _ONLY_TENANT) -> tuple[str, ...]:
    """What a cursor is bound to beside its conversation."""
    return (_TOOL, tenant, settings.account_id)


def assemble(settings: Settings, open_it: OpenReader | None = None) -> "Server[DeferredReader]":
    """The MCP server on these settings, for any transport. It reads with what `open_it` opens, if that is given."""
    # The SDK takes 400 ms to import, which reading on the command line does not need.
    from mcp_server.http.tenants import current_subject
    from mcp_server.prompt_files import prompt_files
    from mcp_server.prompts import load_templates
    from mcp_server.server import build_server

    return build_server(
        open_it or (lambda: open_reader(settings)),
        limits=Limits(settings.max_count, settings.zone),
        structured_output=settings.structured_output,
        templates=load_templates(prompt_files()),
        caller=current_subject.get,
    )


async def serve_stdio(settings: Settings) -> None:
    """Serve one client over stdin and stdout until it hangs up. Logs go to stderr."""
    from mcp.server.stdio import stdio_server

    configure_logging(settings.log_level)
    for warning in settings.warnings:
        logger.warning(warning)
    server = assemble(settings)
    async with stdio_server() as (lines, answers), anyio.create_task_group() as tasks:
        mended_lines, received = anyio.create_memory_object_stream["SessionMessage | Exception"]()
        tasks.start_soon(mend, lines, mended_lines)
        await server.run(received, answers, server.create_initialization_options())
        tasks.cancel_scope.cancel()


async def mend(
    lines: "ObjectReceiveStream[SessionMessage | Exception]", mended: "ObjectSendStream[SessionMessage | Exception]"
) -> None:
    """Passes on what came in. A line that the SDK could not read is read again, leniently.

    Half of an emoji, cut off by whoever wrote the arguments, makes a line that the SDK's JSON reader refuses; it then
    has no request to answer, and the host waits until it gives up. Nonsense stays what it was, and unanswered.
    """
    async with lines, mended:
        async for item in lines:
            await mended.send(read_again(item) if isinstance(item, ValidationError) else item)


def read_again(refusal: ValidationError) -> "SessionMessage | Exception":
    """The message in a refused line, with a question mark for every half of a character; or the refusal."""
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    line = refusal.errors(include_url=False)[0]["input"]
    try:
        whole = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace")
        return SessionMessage(jsonrpc_message_adapter.validate_json(whole, by_name=False))
    except (ValueError, TypeError, RecursionError):
        return refusal


def _load() -> "tuple[type[MessagesClient], O200kCounter]":
    # Imported when a reader is opened: an HTTP client and a tokenizer are 100 ms that no first answer waits for.
    from mcp_server.tokenizer import O200kCounter
    from mcp_server.upstream.client import MessagesClient

    return MessagesClient, O200kCounter()


def _warm(client: "MessagesClient", counter: "O200kCounter") -> None:
    # In the order of need. What makes it fail makes the first read fail too, in a call that can tell it.
    with suppress(ConversationError):
        client.warm()
        counter.warm()
