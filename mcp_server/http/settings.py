"""Settings of serving over HTTP, in addition to `mcp_server.settings.Settings`; all checked before it starts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from mcp_server.errors import SettingsError
from mcp_server.http.oauth import ALGORITHMS, OAuthSettings
from mcp_server.http.telemetry import KINDS
from mcp_server.http.tenants import Tenant, parse_tenants
from mcp_server.http.tokens import TokenDigest, parse_digests
from mcp_server.setting_values import MappingReader, whole_number
from mcp_server.settings import is_host, is_loopback

_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
LOOPBACK_ORIGINS = tuple(f"http://{host}" for host in LOOPBACK_HOSTS)
_PLAIN = re.compile(r"[!-~]{1,2000}")
_LEAST_KEY_CHARS = 32
_LARGEST_FILE_BYTES = 16 * 1024 * 1024

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """`host` and `port` to listen on (0: any free port). `HostValidation` takes `allowed_hosts` and `allowed_origins`.

    `tokens` is empty when no token is required. `tenants` maps subjects to tenants; when it is None, all callers read
    the one account of the environment.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    allowed_origins: tuple[str, ...] = LOOPBACK_ORIGINS
    tokens: tuple[TokenDigest, ...] = ()
    tenants: Mapping[str, Tenant] | None = None
    oauth: OAuthSettings | None = None
    calls_per_minute: int | None = None
    calls_at_once: int = 100
    api_requests_per_minute: int | None = None
    redis_url: SecretStr | None = None
    key_ring: tuple[SecretStr, ...] = ()
    telemetry: tuple[str, ...] = ()
    json_logs: bool = False

    @property
    def authenticates(self) -> bool:
        return bool(self.tokens) or self.oauth is not None

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str], *, host: str, port: int, workers: int) -> "HttpSettings":
        """Settings from an environment-like mapping and the command line.

        Raises SettingsError for invalid values, and for listening on other addresses than loopback without tokens.
        """
        reader = MappingReader(mapping)
        none: tuple[str, ...] = ()
        no_keys: tuple[SecretStr, ...] = ()
        no_tokens: tuple[TokenDigest, ...] = ()
        hosts = reader.optional("CONVERSATION_HTTP_ALLOWED_HOSTS", _listed(_HOST, "mcp.example.com"), none)
        origins = reader.optional(
            "CONVERSATION_HTTP_ALLOWED_ORIGINS", _listed(_ORIGIN, "https://app.example.com"), None
        )
        tokens = reader.optional("CONVERSATION_HTTP_TOKENS", parse_digests, no_tokens)
        tokens += reader.optional("CONVERSATION_HTTP_TOKENS_FILE", _in_file(parse_digests), no_tokens)
        tenants = reader.optional("CONVERSATION_HTTP_TENANTS_FILE", _in_file(parse_tenants), None)
        loopback = is_loopback(host)
        settings = cls(
            host=host,
            port=port,
            workers=workers,
            allowed_hosts=hosts + (_own_names(host) if loopback else ()),
            allowed_origins=origins if origins is not None else (LOOPBACK_ORIGINS if loopback else ()),
            tokens=tokens,
            tenants=tenants,
            oauth=_oauth(reader),
            calls_per_minute=reader.optional("CONVERSATION_HTTP_CALLS_PER_MINUTE", whole_number(1, 100_000), None),
            calls_at_once=reader.optional("CONVERSATION_HTTP_CALLS_AT_ONCE", whole_number(1, 1_000), 100),
            api_requests_per_minute=reader.optional(
                "CONVERSATION_API_REQUESTS_PER_MINUTE", whole_number(1, 1_000_000), None
            ),
            redis_url=reader.optional("CONVERSATION_REDIS_URL", _redis_url, None),
            telemetry=reader.optional("CONVERSATION_HTTP_TELEMETRY", _telemetry, none),
            json_logs=reader.optional("CONVERSATION_HTTP_LOG_FORMAT", _is_json, False),
            key_ring=reader.optional("CONVERSATION_KEY_RING", _key_ring, no_keys),
        )
        problems = [*reader.problems(), *settings._dangers(loopback=loopback)]
        if problems:
            raise SettingsError(" ".join(problems))
        settings.check_extras(lambda module: find_spec(module) is not None)
        return settings

    @property
    def counts(self) -> bool:
        """Whether any limit per minute is set."""
        limited = (tenant.calls_per_minute for tenant in (self.tenants or {}).values())
        return any((self.calls_per_minute, self.api_requests_per_minute, *limited))

    def check_extras(self, is_installed: Callable[[str], bool]) -> None:
        """Raises SettingsError where settings need an optional package that is not installed."""
        needed = {"redis": ["redis", "cryptography"]} if self.redis_url else {}
        needed |= {"http": ["limits"]} if self.counts else {}
        needed |= {"otel": ["opentelemetry.sdk", "opentelemetry.exporter"]} if self.telemetry else {}
        missing = [extra for extra, modules in needed.items() if not all(map(is_installed, modules))]
        if missing:
            raise SettingsError(
                "These settings need an optional package that is not installed.",
                advice=f"Run: pip install 'conversation-mcp[{','.join(missing)}]'.",
            )

    def _dangers(self, *, loopback: bool) -> list[str]:
        dangers = []
        if not loopback and not self.authenticates:
            dangers.append(
                f"Listening on {self.host} admits other machines, so tokens are required: set "
                "CONVERSATION_HTTP_TOKENS_FILE (or CONVERSATION_HTTP_TOKENS, or CONVERSATION_HTTP_OAUTH_ISSUER), or "
                "listen on 127.0.0.1."
            )
        if not loopback and not self.allowed_hosts:
            dangers.append(
                "CONVERSATION_HTTP_ALLOWED_HOSTS must list the host names by which clients call this server, such as "
                "mcp.example.com."
            )
        if self.tenants is not None and not self.authenticates:
            dangers.append(
                "CONVERSATION_HTTP_TENANTS_FILE requires tokens: without them no caller can be identified as a tenant."
            )
        if self.tenants is None and self.oauth is not None:
            dangers.append(
                "CONVERSATION_HTTP_OAUTH_ISSUER requires CONVERSATION_HTTP_TENANTS_FILE: without it every user of the "
                "issuer would read the one account."
            )
        subjects = {token.subject for token in self.tokens}
        if self.tenants is not None and (strangers := subjects - set(self.tenants)):
            dangers.append(
                f"CONVERSATION_HTTP_TENANTS_FILE has no entry for {len(strangers)} of the subjects that have tokens."
            )
        return dangers


def _own_names(host: str) -> tuple[str, ...]:
    shown = f"[{host}]" if ":" in host else host
    return LOOPBACK_HOSTS if shown in LOOPBACK_HOSTS else (*LOOPBACK_HOSTS, shown)


def _oauth(reader: MappingReader) -> OAuthSettings | None:
    no_scopes: tuple[str, ...] = ()
    usual: tuple[str, ...] = ("RS256", "ES256")
    issuer = reader.optional("CONVERSATION_HTTP_OAUTH_ISSUER", _https, "")
    resource = reader.optional("CONVERSATION_HTTP_OAUTH_RESOURCE", _https, "")
    jwks_url = reader.optional("CONVERSATION_HTTP_OAUTH_JWKS_URL", _https, "")
    algorithms = reader.optional("CONVERSATION_HTTP_OAUTH_ALGORITHMS", _algorithms, usual)
    scopes = reader.optional("CONVERSATION_HTTP_OAUTH_SCOPES", _scopes, no_scopes)
    given = (issuer, resource, jwks_url)
    if any(given) and not all(given):
        reader.add_problem(
            "CONVERSATION_HTTP_OAUTH_ISSUER, _RESOURCE and _JWKS_URL must be set together or not at all."
        )
    return OAuthSettings(issuer, resource, jwks_url, algorithms, scopes) if all(given) else None


def _telemetry(raw: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip().lower() for kind in raw.split(",") if kind.strip())
    if not set(kinds) <= set(KINDS):
        raise ValueError(f"must be a comma-separated list of {', '.join(KINDS)}.")
    return kinds


def _is_json(raw: str) -> bool:
    if raw.lower() not in ("text", "json"):
        raise ValueError("must be text or json.")
    return raw.lower() == "json"


def _redis_url(raw: str) -> SecretStr:
    if not re.fullmatch(r"rediss?://[!-~]{1,2000}", raw):
        raise ValueError("must be an address that begins with redis:// or rediss://.")
    return SecretStr(raw)


def _key_ring(raw: str) -> tuple[SecretStr, ...]:
    keys = tuple(key.strip() for key in raw.split(",") if key.strip())
    if not 1 <= len(keys) <= 5 or any(len(key) < _LEAST_KEY_CHARS for key in keys) or len(set(keys)) < len(keys):
        raise ValueError(f"must be one to five different secrets of at least {_LEAST_KEY_CHARS} characters each.")
    return tuple(SecretStr(key) for key in keys)


def _https(raw: str) -> str:
    parts = urlsplit(raw)
    fine = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not (fine and is_host(parts.hostname or "") and _PLAIN.fullmatch(raw)) or "@" in parts.netloc or parts.fragment:
        raise ValueError("must be an address that begins with https://.")
    return raw


def _algorithms(raw: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in raw.split(",") if name.strip())
    if not names or not set(names) <= set(ALGORITHMS):
        raise ValueError(f"must be a comma-separated list of {', '.join(ALGORITHMS)}.")
    return names


def _scopes(raw: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in raw.split(",") if name.strip())


def _listed(pattern: re.Pattern[str], example: str) -> Callable[[str], tuple[str, ...]]:
    def parse(raw: str) -> tuple[str, ...]:
        entries = tuple(entry.strip().lower().rstrip("/") for entry in raw.split(",") if entry.strip())
        if not all(pattern.fullmatch(entry) for entry in entries):
            raise ValueError(f"must be a comma-separated list such as {example}, without wildcards.")
        return entries

    return parse


def _in_file(parse: Callable[[str], _Value]) -> Callable[[str], _Value]:
    def read(raw: str) -> _Value:
        try:
            content = Path(raw).read_bytes()[: _LARGEST_FILE_BYTES + 1]
            text = content.decode("utf-8-sig")
        except (OSError, ValueError):
            raise ValueError("names a file that cannot be read as text.") from None
        if len(content) > _LARGEST_FILE_BYTES:
            raise ValueError("names a file of more than 16 MiB.")
        return parse(text)

    return read
