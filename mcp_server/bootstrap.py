"""The composition root: builds the MCP server from the settings and serves it over stdin and stdout.

`reader_factory` opens the reader. It is imported only then, after the server's first answers.
"""

import importlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

from mcp_server.http.tenants import current_subject
from mcp_server.logs import configure_logging
from mcp_server.protocol.arguments import Limits
from mcp_server.protocol.deferred import DeferredReader, OpenReader, Reader
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates
from mcp_server.protocol.server import build_server
from mcp_server.settings import Settings

logger = logging.getLogger(__name__)


def assemble(settings: Settings, open_reader: OpenReader | None = None) -> Server[DeferredReader]:
    """The MCP server with these settings, for any transport. By default it reads from the settings' API."""
    return build_server(
        open_reader or (lambda: _open_reader(settings)),
        limits=Limits(settings.max_count, settings.zone),
        structured_output=settings.structured_output,
        templates=load_templates(prompt_files()),
        caller=current_subject.get,
    )


async def serve_stdio(settings: Settings) -> None:
    """Serve one client over stdin and stdout until it disconnects. Logs go to stderr."""
    configure_logging(settings.log_level)
    for warning in settings.warnings:
        logger.warning(warning)
    server = assemble(settings)
    async with stdio_server() as (lines, answers), anyio.create_task_group() as tasks:
        repaired, received = anyio.create_memory_object_stream[SessionMessage | Exception]()
        tasks.start_soon(repair_lines, lines, repaired)
        await server.run(received, answers, server.create_initialization_options())
        tasks.cancel_scope.cancel()


async def repair_lines(
    lines: ObjectReceiveStream[SessionMessage | Exception], repaired: ObjectSendStream[SessionMessage | Exception]
) -> None:
    """Forward messages; a line that the SDK could not parse is parsed again, leniently.

    The SDK rejects a line with a lone surrogate (half of a truncated emoji). The request would then go unanswered until
    the client gives up. Other invalid lines are forwarded as the errors they were.
    """
    async with lines, repaired:
        async for item in lines:
            await repaired.send(parse_leniently(item) if isinstance(item, ValidationError) else item)


def parse_leniently(refusal: ValidationError) -> SessionMessage | Exception:
    """The message in a rejected line, with "?" for each lone surrogate; the rejection itself if it cannot be parsed."""
    line = refusal.errors(include_url=False)[0]["input"]
    try:
        whole = json.dumps(json.loads(line), ensure_ascii=False).encode("utf-8", "replace")
        return SessionMessage(jsonrpc_message_adapter.validate_json(whole, by_name=False))
    except (ValueError, TypeError, RecursionError):
        return refusal


@asynccontextmanager
async def _open_reader(settings: Settings) -> AsyncIterator[Reader]:
    opening = await anyio.to_thread.run_sync(importlib.import_module, "mcp_server.reader_factory")
    async with opening.open_reader(settings) as reader:
        yield reader
