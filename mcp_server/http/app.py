"""The ASGI application: the endpoint `/mcp` with its middleware, and the paths that monitoring asks.

HostValidation -> /health, /ready, /metrics, metadata
              `-> BearerAuthentication -> RequestLimit -> WholeBody -> Negotiation -> Cancellation -> the SDK's endpoint
"""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.auth.settings import AuthSettings
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.http.authentication import REGISTRATION_PATH, BearerAuthentication, Verifier, refuse_registration
from mcp_server.http.cancellation import Cancellation
from mcp_server.http.concurrency import RequestLimit
from mcp_server.http.host_validation import HostValidation
from mcp_server.http.negotiation import Negotiation
from mcp_server.http.oauth import OAuthSettings
from mcp_server.http.request_body import MAX_BODY_BYTES, WholeBody
from mcp_server.http.settings import HttpSettings

PATH = "/mcp"


def build_app(
    server: Server[Any],
    settings: HttpSettings,
    *,
    verifier: Verifier | None,
    opened: Callable[[], AbstractAsyncContextManager[object]],
    routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """The application around `server`, which is open for as long as the application's lifespan lasts.

    The context that `opened` returns is open for as long, and a stop waits until it is closed. `/ready` answers 200
    in between, and 503 while every place for requests is taken.

    No state is kept between requests, so any replica can answer any of them, in both eras of the protocol. The SDK
    answers with a stream: that is how a client's disconnect reaches the tool, which then fetches no further page.
    """
    manager = StreamableHTTPSessionManager(
        server,
        stateless=True,
        max_request_body_size=MAX_BODY_BYTES,
        # `HostValidation` has already checked Host and Origin, on this path and on every other.
        security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    # No argument of the tool is repeated in a header. Without this the SDK lists all tools at each call to find out.
    server.get_tool_input_schema = lambda _: None
    limit = RequestLimit(WholeBody(Negotiation(Cancellation(StreamableHTTPASGIApp(manager)))))
    endpoint: ASGIApp = limit
    is_ready = False
    metadata_url, metadata = _metadata(settings.oauth)
    if verifier is not None:
        subjects = None if settings.tenants is None else frozenset(settings.tenants)
        endpoint = BearerAuthentication(endpoint, verifier, subjects=subjects, metadata_url=metadata_url)
        if settings.oauth is None:
            metadata = [Route(REGISTRATION_PATH, refuse_registration, methods=["POST"])]

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_: Request) -> Response:
        is_free = is_ready and not limit.is_full
        return PlainTextResponse("ready") if is_free else PlainTextResponse("not ready", 503)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal is_ready
        async with opened(), manager.run():
            is_ready = True
            yield
            is_ready = False

    app = Starlette(
        routes=[
            *(Route(path, _PostOnly(endpoint)) for path in (PATH, f"{PATH}/")),
            Route("/health", health),
            Route("/ready", ready),
            *metadata,
            *routes,
        ],
        lifespan=lifespan,
        middleware=[_pages_of(settings.allowed_origins)],
    )
    # Starlette would redirect other spellings to an address with the scheme and the name that it saw itself.
    app.router.redirect_slashes = False
    return HostValidation(app, hosts=settings.allowed_hosts, origins=settings.allowed_origins)


def _metadata(oauth: OAuthSettings | None) -> tuple[str | None, list[Route]]:
    """Where clients learn which issuer to ask for a token (RFC 9728), and what answers there."""
    if oauth is None:
        return None, []
    # Through this model the addresses stay letter by letter what the issuer and its tokens say.
    auth = AuthSettings.model_validate(
        {
            "issuer_url": oauth.issuer,
            "resource_server_url": oauth.resource,
            "required_scopes": list(oauth.scopes) or None,
            "validate_token_resource": True,
        }
    )
    assert auth.resource_server_url is not None  # given just above
    routes = create_protected_resource_routes(auth.resource_server_url, [auth.issuer_url], auth.required_scopes)
    return str(build_resource_metadata_url(auth.resource_server_url)), routes


class _PostOnly:
    """A stateless server has no stream to offer to GET and no session to DELETE: the specification's answer is 405."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Only POST is served here.", 405, {"Allow": "POST"})(scope, receive, send)


def _pages_of(origins: Sequence[str]) -> Middleware:
    """What lets web pages of these origins, on whatever port where none is named, read the answers."""
    patterns = [re.escape(origin) + ("" if re.search(r":\d+$", origin) else r"(:\d+)?") for origin in origins]
    return Middleware(
        CORSMiddleware,
        allow_origin_regex="|".join(patterns) or "(?!)",
        allow_methods=["POST"],
        allow_headers=["*"],
        expose_headers=["WWW-Authenticate", "Mcp-Session-Id"],
    )
