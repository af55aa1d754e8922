"""Access tokens of an authorization server: JWTs, verified against its published keys.

This server is a resource server only. It never sees a password, and it accepts a token only if the audience names it:
a token for another resource of the same issuer is refused.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import jwt

from mcp_server.http.authentication import NotAllowed, VerifierUnavailable
from mcp_server.upstream.outcome import Broken
from mcp_server.upstream.transport import Transport

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Those with public keys. With a shared key (HS256), every verifier could also issue tokens."""
_KEY_TYPES = ("RSA", "EC", "OKP")
LEEWAY_S = 30
MAX_TOKEN_CHARS = 16_384
_CLAIMS = ("exp", "iss", "aud", "sub")
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, RecursionError)

FRESH_S = 600.0
"""Age at which cached keys are fetched again."""
STALE_S = 6 * 3600.0
"""How long cached keys stay valid when the issuer does not respond."""
PAUSE_S = 30.0
"""Least time between two requests to the issuer, however many unknown keys tokens name."""
_PAUSE_AFTER_FAILURE_S = 5.0
_FETCH_TIMEOUT_S = 5.0
_LARGEST_KEYS_BYTES = 256 * 1024

FetchKeys = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """`issuer` and `resource` exactly as tokens spell them; a token must have all `scopes`."""

    issuer: str
    resource: str
    jwks_url: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    scopes: tuple[str, ...] = ()


class JwtVerifier:
    """Verifies access tokens. Implements `authentication.Verifier`."""

    def __init__(self, settings: OAuthSettings, keys: "KeySet") -> None:
        self._settings = settings
        self._keys = keys

    async def subject_of(self, token: str) -> str | None:
        """See `Verifier.subject_of`."""
        if len(token) > MAX_TOKEN_CHARS:
            return None
        try:
            header = jwt.get_unverified_header(token)
        except _MALFORMED:
            return None
        if header.get("alg") not in self._settings.algorithms:
            return None
        kid = header.get("kid")
        key = await self._keys.key(kid if isinstance(kid, str) else None)
        if key is None:
            return None
        try:
            claims = jwt.decode(
                token,
                key.verifying,
                algorithms=self._settings.algorithms,
                issuer=self._settings.issuer,
                audience=[self._settings.resource, self._settings.resource.rstrip("/")],
                leeway=LEEWAY_S,
                options={"require": list(_CLAIMS)},
            )
        except _MALFORMED:
            return None
        if not set(self._settings.scopes) <= _scopes(claims):
            raise NotAllowed
        subject = claims["sub"]
        return subject if isinstance(subject, str) and subject else None


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A public key; `algorithm` is the only one the issuer uses it with, None where it does not say."""

    jwk: jwt.PyJWK
    algorithm: str | None

    @property
    def verifying(self) -> Any:
        """The key for PyJWT. Given a `PyJWK` without an algorithm, PyJWT would choose one."""
        return self.jwk.key if self.algorithm is None else self.jwk


class KeySet:
    """An issuer's public keys, fetched when one is needed, at intervals, and once for all callers.

    Tokens signed with a key that is already cached are verified without delay; old keys are fetched again meanwhile.
    """

    def __init__(self, fetch: FetchKeys, *, clock_s: Callable[[], float] | None = None) -> None:
        self._fetch = fetch
        self._clock_s = clock_s or anyio.current_time
        self._keys: dict[str | None, PublishedKey] = {}
        self._fetched_s: float | None = None
        self._tried_s: float | None = None
        self._failed = False
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, kid: str | None) -> PublishedKey | None:
        """The key with this id, or the only key for None; None when the issuer has no such key.

        Raises VerifierUnavailable when the issuer cannot be asked.
        """
        if not self._is_cached(kid) or self._age_s() > FRESH_S:
            refreshing = self._refresh_soon()
            if refreshing is not None and not self._is_cached(kid):
                # Other callers wait for the same request: one that is cancelled must not cancel it.
                await asyncio.shield(refreshing)
        if self._age_s() > STALE_S or (self._failed and kid not in self._keys):
            raise VerifierUnavailable
        return self._keys.get(kid)

    def _is_cached(self, kid: str | None) -> bool:
        return kid in self._keys and self._age_s() <= STALE_S

    def _age_s(self) -> float:
        return float("inf") if self._fetched_s is None else self._clock_s() - self._fetched_s

    def _refresh_soon(self) -> "asyncio.Task[None] | None":
        """The request in progress, started now if none is and enough time has passed; else None."""
        if self._refreshing is None:
            pause_s = _PAUSE_AFTER_FAILURE_S if self._failed else PAUSE_S
            if self._tried_s is None or self._clock_s() - self._tried_s >= pause_s:
                self._refreshing = asyncio.create_task(self._refresh())
        return self._refreshing

    async def _refresh(self) -> None:
        began_s, self._failed = self._clock_s(), True
        try:
            with anyio.fail_after(_FETCH_TIMEOUT_S):
                keys = _read_keys(await self._fetch())
            self._keys, self._fetched_s, self._failed = keys, began_s, False
        except (Broken, TimeoutError, *_MALFORMED):
            pass  # cached keys stay in use
        finally:
            # Counted from its end: an issuer that hangs would otherwise be asked again at once.
            self._tried_s, self._refreshing = self._clock_s(), None


def fetch_from(url: str, transport: Transport) -> FetchKeys:
    """Fetches the keys at `url`, with no redirects, a short timeout and a size limit. Raises Broken, ValueError."""

    async def fetch() -> bytes:
        deadline = anyio.current_time() + _FETCH_TIMEOUT_S
        answer = await transport.get(url, headers={"Accept": "application/json"}, deadline=deadline)
        if answer.status != 200 or len(answer.body) > _LARGEST_KEYS_BYTES:
            raise ValueError("no key set")
        return bytes(answer.body)

    return fetch


def _read_keys(body: bytes) -> dict[str | None, PublishedKey]:
    """Keys by their ids, without those that verify no token. Raises ValueError or TypeError for an invalid key set."""
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise TypeError("no key set")
    keys: dict[str | None, PublishedKey] = {}
    for entry in listed:
        if not isinstance(entry, dict) or not _may_verify(entry):
            continue
        try:
            keys[entry.get("kid")] = PublishedKey(jwt.PyJWK.from_dict(entry), entry.get("alg"))
        except _MALFORMED:
            continue
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _may_verify(entry: Mapping[str, object]) -> bool:
    """Whether this entry is a public key for signatures. A private one that was published by mistake is nobody's."""
    is_public = entry.get("kty") in _KEY_TYPES and "d" not in entry
    return is_public and entry.get("use", "sig") == "sig" and entry.get("alg") in (None, *ALGORITHMS)


def _scopes(claims: Mapping[str, object]) -> set[str]:
    # `scope` is the standard claim, a string; a large vendor uses `scp`, a string or a list.
    found: set[str] = set()
    for name in ("scope", "scp"):
        match claims.get(name):
            case str() as words:
                found.update(words.split())
            case list() as words:
                found.update(word for word in words if isinstance(word, str))
            case _:
                pass
    return found
