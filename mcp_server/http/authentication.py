"""Bearer tokens: a valid one gives a request its verified subject; without one it is refused. No token goes further."""

import re
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.http.tenants import current_subject

REGISTRATION_PATH = "/register"
"""Where clients of the 2025-03-26 specification register themselves if a server names no authorization server."""

_STATIC_TOKEN = (
    "The header Authorization must be Bearer and the token that this server's operator gave you, not a key of LinkedIn "
    "or of the messaging API."
)
_BEARER = re.compile(rb"bearer +([A-Za-z0-9._~+/-]+=*)", re.IGNORECASE)


class Verifier(Protocol):
    """Maps a token to its subject."""

    async def subject_of(self, token: str) -> str | None:
        """The verified subject, or None for an invalid token. Raises VerifierUnavailable, NotAllowed."""
        ...


class VerifierUnavailable(Exception):
    """The token cannot be verified now, through no fault of the caller."""


class NotAllowed(Exception):
    """The token is valid but lacks a required scope."""


class AnyOf:
    """Asks several verifiers in order; the first subject wins."""

    def __init__(self, *verifiers: Verifier) -> None:
        self._verifiers = verifiers

    async def subject_of(self, token: str) -> str | None:
        for verifier in self._verifiers:
            if (subject := await verifier.subject_of(token)) is not None:
                return subject
        return None


class BearerAuthentication:
    """ASGI middleware that sets `current_subject` to the verified subject, and answers 401, 403 or 503 without one.

    `subjects` are those admitted, None for every verified one. `metadata_url` is where a client finds the authorization
    server (RFC 9728).
    """

    def __init__(
        self,
        app: ASGIApp,
        verifier: Verifier,
        *,
        subjects: frozenset[str] | None = None,
        metadata_url: str | None = None,
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._subjects = subjects
        self._challenge = "" if metadata_url is None else f', resource_metadata="{metadata_url}"'
        self._wanted = (
            _STATIC_TOKEN
            if metadata_url is None
            else "The header Authorization must be Bearer and an access token for this server from its OAuth issuer."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        subject: str | None = None
        refusal: JSONResponse | None = None
        token = _token(scope)
        try:
            subject = None if token is None else await self._verifier.subject_of(token)
        except VerifierUnavailable:
            refusal = JSONResponse(
                {"error": "temporarily_unavailable", "error_description": "Tokens cannot be verified now."},
                503,
                {"Retry-After": "5"},
            )
        except NotAllowed:
            refusal = self._refusal(403, "insufficient_scope", "The token lacks a scope.")
        if refusal is None:
            if subject is None:
                refusal = self._refusal(401, "invalid_token", self._wanted)
            elif self._subjects is not None and subject not in self._subjects:
                refusal = self._refusal(403, "access_denied", "No account is set up for this caller.")
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        assert subject is not None
        # Nothing after this needs the token, so nothing can leak it.
        kept = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        before = current_subject.set(subject)
        try:
            await self._app({**scope, "headers": kept}, receive, send)
        finally:
            current_subject.reset(before)

    def _refusal(self, status: int, error: str, description: str) -> JSONResponse:
        challenge = f'Bearer error="{error}", error_description="{description}"{self._challenge}'
        body = {"error": error, "error_description": description}
        return JSONResponse(body, status, {"WWW-Authenticate": challenge})


async def refuse_registration(_: Request) -> JSONResponse:
    """The answer to a client that takes a 401 for OAuth where only static tokens exist: which token is needed.

    Not 404, after which mcp-remote tries the old SSE transport and reports only that that failed.
    """
    body = {"error": "access_denied", "error_description": f"This server has no OAuth. {_STATIC_TOKEN}"}
    return JSONResponse(body, 403)


def _token(scope: Scope) -> str | None:
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    match = _BEARER.fullmatch(given[0].strip()) if len(given) == 1 else None
    return None if match is None else match[1].decode("ascii")
