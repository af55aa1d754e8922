"""Settings: read once from a mapping, validated, frozen. No error text quotes a value, since it may be the key."""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import SecretStr

from mcp_server.conversation.profile import canonical_profile_url
from mcp_server.errors import SettingsError
from mcp_server.setting_values import (
    DEFAULT_SPEAKERS,
    DEFAULT_TOKENIZER,
    Listed,
    MappingReader,
    Speakers,
    StructuredOutput,
    listed_names,
    log_level,
    token_scale,
    whole_number,
)

PREFIX = "CONVERSATION_"
REQUIRED = ("CONVERSATION_API_BASE_URL", "CONVERSATION_API_KEY", "CONVERSATION_ACCOUNT_ID")
ARCHIVE = "CONVERSATION_ARCHIVE"
"""Takes the place of the required ones."""
OPTIONAL = (
    ARCHIVE,
    "CONVERSATION_PAGE_SIZE",
    "CONVERSATION_MAX_PAGE_SIZE",
    "CONVERSATION_MESSAGES_PER_CREDIT",
    "CONVERSATION_MAX_COUNT",
    "CONVERSATION_MAX_CREDITS_PER_CALL",
    "CONVERSATION_CALL_TIMEOUT",
    "CONVERSATION_TIMEZONE",
    "CONVERSATION_SELF_PROFILE_URL",
    "CONVERSATION_TOKENIZER",
    "CONVERSATION_TOKEN_SCALE",
    "CONVERSATION_STRUCTURED_OUTPUT",
    "CONVERSATION_SPEAKERS",
    "CONVERSATION_PROMPTS",
    "CONVERSATION_LOG_LEVEL",
    "CONVERSATION_PROXY",
)
# Used only by `serve --http` and read by `mcp_server.http.settings`; desktop clients do not need them.
SERVING = (
    "CONVERSATION_HTTP_ALLOWED_HOSTS",
    "CONVERSATION_HTTP_ALLOWED_ORIGINS",
    "CONVERSATION_HTTP_TOKENS",
    "CONVERSATION_HTTP_TOKENS_FILE",
    "CONVERSATION_HTTP_TENANTS_FILE",
    "CONVERSATION_HTTP_OAUTH_ISSUER",
    "CONVERSATION_HTTP_OAUTH_RESOURCE",
    "CONVERSATION_HTTP_OAUTH_JWKS_URL",
    "CONVERSATION_HTTP_OAUTH_ALGORITHMS",
    "CONVERSATION_HTTP_OAUTH_SCOPES",
    "CONVERSATION_HTTP_CALLS_PER_MINUTE",
    "CONVERSATION_HTTP_CALLS_AT_ONCE",
    "CONVERSATION_API_REQUESTS_PER_MINUTE",
    "CONVERSATION_REDIS_URL",
    "CONVERSATION_KEY_RING",
    "CONVERSATION_HTTP_TELEMETRY",
    "CONVERSATION_HTTP_LOG_FORMAT",
)

MAX_CREDITS_PER_CALL = 120
"""The default limit: the public price of a call for 1,000 messages, and a fifth more for pages that overlap."""

# Other programs read these. This one sends its requests through a proxy only if a setting of its own names it.
_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_MAX_VALUE_CHARS = 4096

_VISIBLE_ASCII = re.compile(r"[!-~]+")
_HOST_NAME = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_URL_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
# People paste the URL of the endpoint or of the API version instead of its base.
_ENDPOINT = re.compile(r"/+v2(?:/+messages)?/*$")


@dataclass(frozen=True, slots=True)
class Settings:
    """The server's settings. `api_base_url` ends with neither a slash nor `/v2`; `timezone` is an IANA name.

    `proxy` is the URL of an HTTP proxy; `ignored_proxy` is the name of a system variable that is set in its place.
    `sandbox` is set when the API is the built-in sandbox; no variable sets it. `archive` is the path of LinkedIn's data
    export, which is read in place of the API; URL, key and account are empty then. `warnings` are sentences for the log
    and for `check` about variables that look like settings but are not.
    """

    api_base_url: str
    api_key: SecretStr
    account_id: str
    page_size: int = 50
    max_page_size: int = 1000
    messages_per_credit: int = 10
    max_count: int = 1000
    max_credits_per_call: int | None = MAX_CREDITS_PER_CALL
    call_timeout_s: int = 45
    timezone: str = "UTC"
    self_profile_url: str | None = None
    tokenizer: str = DEFAULT_TOKENIZER
    token_scale: float = 1.0
    structured_output: StructuredOutput = "on"
    prompts: bool = True
    speakers: Speakers = DEFAULT_SPEAKERS
    log_level: str = "WARNING"
    proxy: SecretStr | None = None
    ignored_proxy: str | None = None
    sandbox: bool = False
    archive: Path | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> "Settings":
        """Settings from an environment-like mapping. Only names that begin with CONVERSATION_ are read, and of the
        system's variables for proxies only whether they are set.

        Empty values and unfilled placeholders count as unset. Raises a SettingsError that names everything missing or
        invalid at once.
        """
        settings, error = cls.read(mapping)
        if error is not None:
            raise error
        return settings

    @classmethod
    def read(cls, mapping: Mapping[str, str]) -> tuple["Settings", SettingsError | None]:
        """The same, for a server that starts anyway: with an error, no request may be made on these settings.

        Optional settings that are invalid have their defaults then, and required ones are empty.
        """
        reader = MappingReader(mapping)
        listed = Listed.read(reader)
        archive = reader.optional(ARCHIVE, _path, None)
        if archive is not None and (given := [name for name in REQUIRED if reader.is_set(name)]):
            reader.add_problem(
                f"{ARCHIVE} and {listed_names(given)} are set, but messages can come from one source only: "
                "unset the one or the other."
            )
        needed = reader.required if archive is None else reader.optional
        settings = cls(
            archive=archive,
            api_base_url=needed("CONVERSATION_API_BASE_URL", _base_url, ""),
            api_key=needed("CONVERSATION_API_KEY", _api_key, SecretStr("")),
            account_id=needed("CONVERSATION_ACCOUNT_ID", _account_id, ""),
            page_size=reader.optional("CONVERSATION_PAGE_SIZE", whole_number(1, 100), 50),
            max_page_size=reader.optional("CONVERSATION_MAX_PAGE_SIZE", whole_number(1, 10_000), 1000),
            messages_per_credit=reader.optional("CONVERSATION_MESSAGES_PER_CREDIT", whole_number(1, 1000), 10),
            max_count=listed.max_count,
            max_credits_per_call=reader.optional(
                "CONVERSATION_MAX_CREDITS_PER_CALL", whole_number(1, 1_000_000), MAX_CREDITS_PER_CALL
            ),
            call_timeout_s=reader.optional("CONVERSATION_CALL_TIMEOUT", whole_number(1, 300), 45),
            timezone=reader.optional("CONVERSATION_TIMEZONE", _timezone, "UTC"),
            self_profile_url=reader.optional("CONVERSATION_SELF_PROFILE_URL", _self_profile_url, None),
            tokenizer=listed.tokenizer,
            token_scale=reader.optional("CONVERSATION_TOKEN_SCALE", token_scale, 1.0),
            structured_output=listed.structured_output,
            prompts=listed.prompts,
            speakers=listed.speakers,
            log_level=reader.optional("CONVERSATION_LOG_LEVEL", log_level, "WARNING"),
            proxy=reader.optional("CONVERSATION_PROXY", _proxy, None),
            ignored_proxy=_ignored_proxy(mapping),
            warnings=_unknown_names(mapping),
        )
        problems = reader.problems()
        return settings, SettingsError(" ".join((*problems, *settings.warnings))) if problems else None


def _unknown_names(mapping: Mapping[str, str]) -> tuple[str, ...]:
    known = REQUIRED + OPTIONAL + SERVING
    warnings = []
    for name in sorted(mapping):
        if not name.upper().startswith(PREFIX) or name in known:
            continue
        shown = re.sub(r"[^A-Za-z0-9_]", "?", name)[:60]
        # All names share the prefix, so only the rest is compared.
        rest = {candidate.removeprefix(PREFIX): candidate for candidate in known}
        close = difflib.get_close_matches(name.upper().removeprefix(PREFIX), rest, n=1, cutoff=0.6)
        meant = f": did you mean {rest[close[0]]}?" if close else "."
        warnings.append(f"{shown} is not a setting{meant}")
    return tuple(warnings)


def _base_url(raw: str) -> str:
    if not _VISIBLE_ASCII.fullmatch(raw) or len(raw) > _MAX_VALUE_CHARS:
        raise ValueError("must be a URL in ASCII without spaces.")
    if "://" not in raw:
        raise ValueError("must begin with https://.")
    try:
        parts = urlsplit(raw)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a valid URL: its host or port is invalid.") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with https://.")
    if "@" in parts.netloc or "?" in raw or "#" in raw:
        raise ValueError("must have no user name or password, no query and no fragment.")
    if not is_host(host) or port == 0:
        raise ValueError("is not a valid URL: its host or port is invalid.")
    if not _URL_PATH.fullmatch(parts.path):
        raise ValueError("has a path with characters that are not allowed in URLs.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https://; http:// is allowed for this machine only (localhost, 127.0.0.1).")
    return f"{parts.scheme}://{parts.netloc.lower()}{_ENDPOINT.sub('', parts.path)}".rstrip("/")


def _proxy(raw: str) -> SecretStr:
    if not _VISIBLE_ASCII.fullmatch(raw) or len(raw) > _MAX_VALUE_CHARS:
        raise ValueError("must be a URL in ASCII without spaces.")
    try:
        parts = urlsplit(raw if "://" in raw else f"http://{raw}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not a valid URL: its host or port is invalid.") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with http:// or https://; other kinds of proxies are not supported.")
    if not is_host(host) or port == 0 or parts.path not in ("", "/") or "?" in raw or "#" in raw:
        raise ValueError("must look like http://proxy.example.com:3128, with user:password@ before the host if needed.")
    return SecretStr(f"{parts.scheme}://{parts.netloc}")


def _ignored_proxy(mapping: Mapping[str, str]) -> str | None:
    return next(
        (name for name in _PROXY_VARIABLES if mapping.get(name) and not mapping.get("CONVERSATION_PROXY")), None
    )


def is_host(host: str) -> bool:
    return _address(host) is not None or bool(_HOST_NAME.fullmatch(host))


def is_loopback(host: str) -> bool:
    address = _address(host)
    if isinstance(address, ipaddress.IPv4Address):
        return address in ipaddress.ip_network("127.0.0.0/8")
    return host == "localhost" or address == ipaddress.IPv6Address("::1")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _api_key(raw: str) -> SecretStr:
    # The key is sent in a header: other characters would break the request or inject another header.
    if not _VISIBLE_ASCII.fullmatch(raw) or len(raw) > _MAX_VALUE_CHARS:
        raise ValueError(
            "contains characters that are invalid in a key (spaces, line breaks, non-ASCII letters): copy it again."
        )
    return SecretStr(raw)


def _account_id(raw: str) -> str:
    if not raw.isprintable() or len(raw) > 256:
        raise ValueError("must be one line of at most 256 printable characters.")
    return raw


def _path(raw: str) -> Path:
    if not raw.isprintable() or len(raw) > _MAX_VALUE_CHARS:
        raise ValueError("must be the path of a file or a folder.")
    return Path(raw).expanduser()


def _timezone(raw: str) -> str:
    try:
        ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        names = {name.lower(): name for name in available_timezones()}
        asked = raw.lower().replace(" ", "_")
        if asked in names:
            return names[asked]
        # A place, because abbreviations are much alike: CEST is nowhere near EST.
        places = [name for name in names if "/" in name]
        close = difflib.get_close_matches(asked[:60], places, n=1)
        example = names[close[0]] if close else "Europe/Berlin"
        raise ValueError(f"must be the IANA name of a time zone, such as {example}.") from None
    return raw


def _self_profile_url(raw: str) -> str:
    try:
        return canonical_profile_url(raw)
    except ValueError:
        raise ValueError("must look like https://www.linkedin.com/in/<name>.") from None
