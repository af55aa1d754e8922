"""The composition root of serving over HTTP: opens, once per process, everything that its tenants share."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from mcp_server.bootstrap import assemble
from mcp_server.condenser import Condenser
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.fetching import PageSource
from mcp_server.http.app import build_app
from mcp_server.http.authentication import AnyOf, Verifier
from mcp_server.http.concurrency import CallSlots
from mcp_server.http.oauth import JwtVerifier, KeySet, fetch_from
from mcp_server.http.settings import HttpSettings
from mcp_server.http.telemetry import Instruments, ObservedPages, start_telemetry
from mcp_server.http.tenant_readers import TenantReaders
from mcp_server.http.tenants import Tenant, settings_of
from mcp_server.http.tokens import StaticTokens
from mcp_server.logs import configure_logging
from mcp_server.protocol.deferred import Reader
from mcp_server.reader_factory import cursor_scope, local_similarity, make_archive_reader, make_reader
from mcp_server.settings import Settings
from mcp_server.upstream.cache import CachedPages, TimelineCache
from mcp_server.upstream.client import MessagesClient
from mcp_server.upstream.transport import Transport, transport_for

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from mcp_server.http.limits import Counts, Pace
    from mcp_server.tokenizer import Vocabularies
    from mcp_server.upstream.redis_store import RedisStore
    from mcp_server.upstream.sealing import Seal
    from mcp_server.upstream.shared import SharedPages
    from mcp_server.upstream.shared_owner import SharedOwner

MAX_CACHE_BYTES = 128 * 1024 * 1024

logger = logging.getLogger(__name__)


def http_app(settings: Settings, http: HttpSettings) -> "ASGIApp":
    """The application of one worker process."""
    configure_logging(settings.log_level, as_json=http.json_logs)
    for warning in settings.warnings:
        logger.warning(warning)
    return Worker(settings, http).app


class Worker:
    """A worker process. `app` is ready once its reader is open, its tokenizer built and its HTTP client loaded."""

    def __init__(self, settings: Settings, http: HttpSettings) -> None:
        own = [tenant for tenant in (http.tenants or {}).values() if tenant.tokenizer is not None]
        server = assemble(settings, self._open, one_tokenizer=not own)
        self._settings = settings
        self._http = http
        self._reader: Reader | None = None
        self._transport = transport_for("https:", proxy=settings.proxy) if http.oauth is not None else None
        verifier = _verifier(http, self._transport)
        self._telemetry = start_telemetry(http.telemetry)
        self.app = build_app(server, http, verifier=verifier, opened=self._opened, routes=self._telemetry.routes)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        try:
            async with open_readers(self._settings, self._http) as self._reader:
                # Everything loaded so far stays, so the garbage collector need not scan it again during calls.
                gc.freeze()
                yield
        finally:
            if self._transport is not None:
                await self._transport.aclose()
            await self._telemetry.stop()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Reader]:
        assert self._reader is not None  # opened by the lifespan, before any request
        yield self._reader


def _verifier(http: HttpSettings, transport: "Transport | None") -> "Verifier | None":
    verifiers: list[Verifier] = [StaticTokens(http.tokens)] if http.tokens else []
    if http.oauth is not None and transport is not None:
        verifiers.append(JwtVerifier(http.oauth, KeySet(fetch_from(http.oauth.jwks_url, transport))))
    return AnyOf(*verifiers) if verifiers else None


@asynccontextmanager
async def open_readers(settings: Settings, http: HttpSettings) -> AsyncIterator[Reader]:
    """A reader that is every tenant's own, over one connection pool, one tokenizer and one memory of pages."""
    transport = transport_for(settings.api_base_url or "https:", proxy=settings.proxy)
    try:
        async with _sharing(http) as sharing:
            vocabularies = await anyio.to_thread.run_sync(_warm_vocabularies, settings, http.tenants)
            instruments = Instruments(asyncio.get_running_loop())
            similarity, condenser = local_similarity(), Condenser()
            timelines = TimelineCache(max_bytes=MAX_CACHE_BYTES)

            def make(subject: str) -> Reader:
                tenant, own = "", settings
                if http.tenants is not None:
                    tenant, own = subject, settings_of(http.tenants[subject], settings)
                ring = [key.get_secret_value() for key in http.key_ring]
                if own.archive is not None:
                    return make_archive_reader(
                        own,
                        vocabularies.of(own.tokenizer),
                        similarity,
                        tenant=tenant,
                        secrets=ring,
                        condenser=condenser,
                    )
                secrets = ring or [own.api_key.get_secret_value()]
                client = MessagesClient(own, transport=transport, pace=sharing.pace(own))
                source: PageSource = ObservedPages(client, instruments)
                seal = sharing.seal(own, tenant=tenant, secret=secrets[0])
                shared = None if seal is None else sharing.pages(source, seal)
                pages = CachedPages(
                    shared or source,
                    timelines,
                    sharing.background,
                    account_id=own.account_id,
                    tenant=tenant,
                    unit=own.messages_per_credit,
                    publish=None if shared is None else shared.publish,
                    on_unclaimed=instruments.note_unclaimed,
                )
                cursors = CursorCodec(*secrets, scope=cursor_scope(own, tenant))
                return make_reader(
                    own,
                    pages,
                    vocabularies.of(own.tokenizer),
                    cursors,
                    similarity,
                    owner_memory=None if seal is None else sharing.owner(seal),
                    condenser=condenser,
                )

            one_for_all = partial(_same, make("")) if http.tenants is None else make
            yield TenantReaders(one_for_all, sharing.admit, CallSlots(http.calls_at_once), instruments)
    finally:
        await transport.aclose()


@asynccontextmanager
async def _sharing(http: HttpSettings) -> AsyncIterator["Sharing"]:
    """The stores and counts that replicas share, as far as the settings configure any."""
    # Imported here: these extras need not be installed unless they are configured.
    redis = None
    async with anyio.create_task_group() as background:
        try:
            counts = store = breaker = None
            if http.redis_url is not None:
                from mcp_server.upstream.redis_store import RedisStore, open_redis, redis_breaker

                redis = open_redis(http.redis_url.get_secret_value())
                breaker = redis_breaker()
                store = RedisStore(redis, breaker)
            if http.counts:
                from mcp_server.http.limits import Counts

                counts = Counts(None if http.redis_url is None else http.redis_url.get_secret_value(), breaker)
            yield Sharing(http, store, counts, background)
        finally:
            background.cancel_scope.cancel()
            if redis is not None:
                with anyio.move_on_after(1, shield=True):
                    await redis.aclose()


class Sharing:
    """Wraps a tenant's page source in the shared cache, and counts calls and requests."""

    def __init__(
        self, http: HttpSettings, store: "RedisStore | None", counts: "Counts | None", background: TaskGroup
    ) -> None:
        self._http = http
        self._store = store
        self._counts = counts
        self.background = background
        """Fetches and writes to the store that no single call waits for."""

    def pace(self, own: Settings) -> "Pace | None":
        """The rate limit of requests with this key, None where the settings set none."""
        if self._counts is None or self._http.api_requests_per_minute is None:
            return None
        from mcp_server.http.limits import Pace

        per_minute, api_key = self._http.api_requests_per_minute, own.api_key.get_secret_value()
        return Pace(self._counts, per_minute=per_minute, api_key=api_key)

    def seal(self, own: Settings, *, tenant: str, secret: str) -> "Seal | None":
        """What encrypts this tenant's values in the store; None where the settings name no store."""
        if self._store is None:
            return None
        from mcp_server.upstream.sealing import Seal

        return Seal(secret, tenant=tenant, account_id=own.account_id)

    def pages(self, source: PageSource, seal: "Seal") -> "SharedPages":
        """The page source, shared with other replicas."""
        from mcp_server.upstream.shared import SharedPages

        assert self._store is not None  # there is a seal
        return SharedPages(source, self._store, seal, self.background)

    def owner(self, seal: "Seal") -> "SharedOwner":
        """Whose account it is, shared with other replicas."""
        from mcp_server.upstream.shared_owner import SharedOwner

        assert self._store is not None  # there is a seal
        return SharedOwner(self._store, seal, self.background)

    async def admit(self, subject: str) -> None:
        """Count a call of this subject. Raises RateLimited beyond its limit."""
        if self._counts is None:
            return
        tenant = (self._http.tenants or {}).get(subject)
        per_minute = self._http.calls_per_minute
        if tenant is not None and tenant.calls_per_minute is not None:
            per_minute = tenant.calls_per_minute
        if per_minute is not None:
            await self._counts.admit(subject, per_minute)


def _same(reader: Reader, _: str) -> Reader:
    return reader


def _warm_vocabularies(settings: Settings, tenants: Mapping[str, Tenant] | None) -> "Vocabularies":
    """The vocabularies that the tenants use, loaded: their first calls do not hold up everybody else's."""
    from mcp_server.tokenizer import Vocabularies

    vocabularies = Vocabularies()
    used = {settings_of(tenant, settings).tokenizer for tenant in (tenants or {}).values()} or {settings.tokenizer}
    for name in used:
        vocabularies.of(name).warm()
    return vocabularies
