"""The composition root: opens the adapters that the settings ask for, and hands over an assembled server."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from mcp_server.arguments import Limits
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.deferred import DeferredReader
from mcp_server.errors import ConversationError
from mcp_server.logs import configure_logging
from mcp_server.service import ConversationReader
from mcp_server.settings import Settings

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

    from mcp_server.tokenizer import O200kCounter
    from mcp_server.upstream.client import MessagesClient

SANDBOX_BANNER = "SANDBOX: made-up people and messages"

logger = logging.getLogger(__name__)


@asynccontextmanager
async def open_reader(settings: Settings) -> AsyncIterator[ConversationReader]:
    """A reader of the API that the settings name, for as long as the context lasts.

    The tokenizer is built meanwhile: the first read needs it only after its first page has come.
    """
    client_class, counter = await anyio.to_thread.run_sync(_load)
    async with client_class(settings) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(_warm, counter)
        yield ConversationReader(
            client,
            counter,
            CursorCodec(settings.api_key.get_secret_value(), scope=("get_conversation", "", settings.account_id)),
            page_size=settings.page_size,
            max_count=settings.max_count,
            zone=settings.zone,
            self_profile=settings.self_profile_url,
            token_scale=settings.token_scale,
            structured_output=settings.structured_output,
            banner=SANDBOX_BANNER if settings.sandbox else None,
            now_ms=lambda: time.time_ns() // 1_000_000,
        )
        tasks.cancel_scope.cancel()


def assemble(settings: Settings) -> "Server[DeferredReader]":
    """The MCP server on these settings, for any transport."""
    # The SDK takes 400 ms to import, which reading on the command line does not need.
    from mcp_server.prompt_files import prompt_files
    from mcp_server.prompts import load_templates
    from mcp_server.server import build_server

    return build_server(
        lambda: open_reader(settings),
        limits=Limits(settings.max_count, settings.zone),
        structured_output=settings.structured_output,
        templates=load_templates(prompt_files()),
    )


async def serve_stdio(settings: Settings) -> None:
    """Serve one client over stdin and stdout until it hangs up. Logs go to stderr."""
    from mcp.server.stdio import stdio_server

    configure_logging(settings.log_level)
    for warning in settings.warnings:
        logger.warning(warning)
    server = assemble(settings)
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())


def _load() -> "tuple[type[MessagesClient], O200kCounter]":
    # Imported when a reader is opened: an HTTP client and a tokenizer are 100 ms that no first answer waits for.
    from mcp_server.tokenizer import O200kCounter
    from mcp_server.upstream.client import MessagesClient

    return MessagesClient, O200kCounter()


async def _warm(counter: "O200kCounter") -> None:
    # What makes it fail makes the first count fail too, in a call that can tell it.
    with suppress(ConversationError):
        await anyio.to_thread.run_sync(counter.warm, abandon_on_cancel=True)
