"""The composition root: builds the MCP server from the settings and serves it over stdin and stdout.

`reader_factory` opens the reader. It is imported only then, after the server's first answers.
"""

import importlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from mcp.server.lowlevel import Server

from mcp_server.errors import SettingsError
from mcp_server.front.connection import Connection
from mcp_server.http.tenants import current_subject
from mcp_server.logs import configure_logging
from mcp_server.protocol.arguments import Limits
from mcp_server.protocol.deferred import DeferredReader, OpenReader, Reader
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates
from mcp_server.protocol.server import build_server
from mcp_server.protocol.stdio import serve_connection
from mcp_server.settings import Settings

logger = logging.getLogger(__name__)

FINISH_S = 2.0
"""How long calls under way may continue after the end of input, from when the reader is open."""
_TICK_S = 0.25
_BUSY_SHARE = 0.02
"""A process that gets more of a processor than this is computing, however many others there are."""

Sleep = Callable[[float], Awaitable[None]]


def assemble(
    settings: Settings,
    open_reader: OpenReader | None = None,
    *,
    one_tokenizer: bool = True,
    unusable: SettingsError | None = None,
) -> Server[DeferredReader]:
    """The MCP server with these settings, for any transport. By default it reads from the settings' API.

    `one_tokenizer`: the answers of all callers are counted in the tokens that the settings name.
    With `unusable` it lists what it offers and answers every read with that error.
    """
    return build_server(
        open_reader or (lambda: _open_reader(settings)),
        limits=Limits(settings.max_count, settings.zone, settings.speakers),
        structured_output=settings.structured_output,
        templates=load_templates(prompt_files()) if settings.prompts else {},
        tokenizer=settings.tokenizer if one_tokenizer else None,
        caller=current_subject.get,
        unusable=unusable,
    )


async def serve_stdio(connection: Connection, settings: Settings, unusable: SettingsError | None = None) -> None:
    """Serve one client over stdin and stdout until it disconnects. Logs go to stderr."""
    configure_logging(settings.log_level)
    for warning in () if unusable else settings.warnings:
        logger.warning(warning)
    opened = anyio.Event()

    @asynccontextmanager
    async def open_it() -> AsyncIterator[Reader]:
        async with _open_reader(settings) as reader:
            opened.set()
            yield reader

    async def finish() -> None:
        await opened.wait()
        await time_to_finish(FINISH_S)

    await serve_connection(assemble(settings, open_it, unusable=unusable), connection, finish=finish)


async def time_to_finish(
    limit_s: float, *, processor_s: Callable[[], float] = time.process_time, sleep: Sleep = anyio.sleep
) -> None:
    """Return after `limit_s` seconds of waiting, or after as much processor time, whichever is first.

    Time in which this process computes is not waiting: on a busy machine, loading what a first call needs takes longer.
    """
    waited = computed = 0.0
    while waited < limit_s and computed < limit_s:
        before_s = processor_s()
        await sleep(_TICK_S)
        used_s = processor_s() - before_s
        computed += used_s
        waited += _TICK_S if used_s < _BUSY_SHARE * _TICK_S else 0.0


@asynccontextmanager
async def _open_reader(settings: Settings) -> AsyncIterator[Reader]:
    opening = await anyio.to_thread.run_sync(importlib.import_module, "mcp_server.reader_factory")
    async with opening.open_reader(settings) as reader:
        yield reader
