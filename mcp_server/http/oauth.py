"""Access tokens of an authorization server, verified here: JWTs signed with its published keys, meant for this server.

This server is a resource server only. It never sees a password, and what it accepts is bound to it by the token's
audience: a token for another resource of the same issuer is refused.
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
"""Those with a public key. With a shared one (HS256), whoever can verify tokens could make them."""
LEEWAY_S = 30
MAX_TOKEN_CHARS = 16_384
_CLAIMS = ("exp", "iss", "aud", "sub")
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, RecursionError)

FRESH_S = 600.0
"""After this the keys are asked for again."""
STALE_S = 6 * 3600.0
"""So long they are used on when the issuer does not answer."""
PAUSE_S = 30.0
"""At least so long between two requests, however many unknown keys are named to us."""
_PAUSE_AFTER_FAILURE_S = 5.0
_FETCH_TIMEOUT_S = 5.0
_LARGEST_KEYS_BYTES = 256 * 1024

FetchKeys = Callable[[], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """`issuer` and `resource` exactly as tokens name them; `scopes` a token must have, all of them."""

    issuer: str
    resource: str
    jwks_url: str
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    scopes: tuple[str, ...] = ()


class JwtVerifier:
    """Says whose access token one is. Implements `gate.Verifier`."""

    def __init__(self, settings: OAuthSettings, keys: "KeySet") -> None:
        self._settings = settings
        self._keys = keys

    async def subject_of(self, token: str) -> str | None:
        """See `gate.Verifier.subject_of`."""
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
    """`algorithm`: the only one the issuer uses it with, where it says so."""

    jwk: jwt.PyJWK
    algorithm: str | None

    @property
    def verifying(self) -> Any:
        """What PyJWT verifies with. A `PyJWK` of no algorithm would stand for one that PyJWT thinks of."""
        return self.jwk.key if self.algorithm is None else self.jwk


class KeySet:
    """An issuer's public keys, asked for when one is needed, seldom, and once for all callers.

    Whoever shows a key that is known waits for nobody: it is asked again meanwhile.
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
        """The key of this name; of no name, where there is only one. None: the issuer has no such key.

        Raises VerifierUnavailable where that cannot be known.
        """
        if not self._is_usable(kid) or self._age_s() > FRESH_S:
            refreshing = self._refresh_soon()
            if refreshing is not None and not self._is_usable(kid):
                # Whoever gives up takes nobody else's answer away.
                await asyncio.shield(refreshing)
        if self._age_s() > STALE_S or (self._failed and kid not in self._keys):
            raise VerifierUnavailable
        return self._keys.get(kid)

    def _is_usable(self, kid: str | None) -> bool:
        return kid in self._keys and self._age_s() <= STALE_S

    def _age_s(self) -> float:
        return float("inf") if self._fetched_s is None else self._clock_s() - self._fetched_s

    def _refresh_soon(self) -> "asyncio.Task[None] | None":
        """The request under way, begun now where there is none and it is time for one."""
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
            pass  # known keys are used on
        finally:
            # From the end of it: an issuer that hangs would otherwise be asked again as soon as it was given up.
            self._tried_s, self._refreshing = self._clock_s(), None


def fetch_from(url: str, transport: Transport) -> FetchKeys:
    """Asks for the keys at `url`: no redirects, a short time, a small answer. Raises Broken, ValueError."""

    async def fetch() -> bytes:
        deadline = anyio.current_time() + _FETCH_TIMEOUT_S
        answer = await transport.get(url, headers={"Accept": "application/json"}, deadline=deadline)
        if answer.status != 200 or len(answer.body) > _LARGEST_KEYS_BYTES:
            raise ValueError("no key set")
        return bytes(answer.body)

    return fetch


def _read_keys(body: bytes) -> dict[str | None, PublishedKey]:
    """Keys by their names, without those of unknown kinds. Raises ValueError or TypeError for what is no key set."""
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise TypeError("no key set")
    keys: dict[str | None, PublishedKey] = {}
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig" or entry.get("kty") == "oct":
            continue
        try:
            keys[entry.get("kid")] = PublishedKey(jwt.PyJWK.from_dict(entry), entry.get("alg"))
        except _MALFORMED:
            continue
    if len(keys) == 1:
        keys[None] = next(iter(keys.values()))
    return keys


def _scopes(claims: Mapping[str, object]) -> set[str]:
    # `scope` is the standard's, one string; `scp` that of a large vendor, either way.
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
