"""The composition root of serving over HTTP: what one process opens once and all its tenants share."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from mcp_server.bootstrap import assemble, cursor_scope, make_reader
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.deferred import Reader
from mcp_server.http.app import build_app
from mcp_server.http.gate import AnyOf, Verifier
from mcp_server.http.oauth import JwtVerifier, KeySet, fetch_from
from mcp_server.http.readers import TenantReaders
from mcp_server.http.settings import HttpSettings
from mcp_server.http.tenants import settings_of
from mcp_server.http.tokens import StaticTokens
from mcp_server.logs import configure_logging
from mcp_server.settings import Settings
from mcp_server.upstream.cache import CachedPages, MemoryPageCache
from mcp_server.upstream.client import MessagesClient
from mcp_server.upstream.transport import Transport, transport_for

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from mcp_server.tokenizer import O200kCounter

MAX_CACHE_BYTES = 128 * 1024 * 1024

logger = logging.getLogger(__name__)


def http_app(settings: Settings, http: HttpSettings) -> "ASGIApp":
    """The application of one worker process."""
    configure_logging(settings.log_level)
    for warning in settings.warnings:
        logger.warning(warning)
    return Worker(settings, http)


class Worker:
    """ASGI application that is ready once its reader is open, its tokenizer built and its HTTP client loaded."""

    def __init__(self, settings: Settings, http: HttpSettings) -> None:
        self._ready = False
        server = assemble(settings, self._open)
        self._settings = settings
        self._http = http
        self._reader: Reader | None = None
        self._transport = transport_for("https:") if http.oauth is not None else None
        verifier = _verifier(http, self._transport)
        self._app = build_app(server, http, verifier=verifier, is_ready=lambda: self._ready)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        async with open_readers(self._settings, self._http) as self._reader:
            self._ready = True
            await self._app(scope, receive, send)
            self._ready = False
        if self._transport is not None:
            await self._transport.aclose()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Reader]:
        assert self._reader is not None  # the lifespan, which comes before any request, has opened it
        yield self._reader


def _verifier(http: HttpSettings, transport: "Transport | None") -> "Verifier | None":
    verifiers: list[Verifier] = [StaticTokens(http.tokens)] if http.tokens else []
    if http.oauth is not None and transport is not None:
        verifiers.append(JwtVerifier(http.oauth, KeySet(fetch_from(http.oauth.jwks_url, transport))))
    return AnyOf(*verifiers) if verifiers else None


@asynccontextmanager
async def open_readers(settings: Settings, http: HttpSettings) -> AsyncIterator[Reader]:
    """A reader that is every tenant's own, over one connection pool, one tokenizer and one memory of pages."""
    transport = transport_for(settings.api_base_url)
    counter = await anyio.to_thread.run_sync(_warm_counter)
    kept = MemoryPageCache(max_bytes=MAX_CACHE_BYTES)

    def make(subject: str) -> Reader:
        tenant, own = "", settings
        if http.tenants is not None:
            tenant, own = subject, settings_of(http.tenants[subject], settings)
        client = MessagesClient(own, transport=transport)
        pages = CachedPages(client, kept, account_id=own.account_id, tenant=tenant)
        cursors = CursorCodec(own.api_key.get_secret_value(), scope=cursor_scope(own, tenant))
        return make_reader(own, pages, counter, cursors)

    one_for_all = partial(_same, make("")) if http.tenants is None else make
    try:
        yield TenantReaders(one_for_all)
    finally:
        await transport.aclose()


def _same(reader: Reader, _: str) -> Reader:
    return reader


def _warm_counter() -> "O200kCounter":
    from mcp_server.tokenizer import O200kCounter

    counter = O200kCounter()
    counter.warm()
    return counter
