"""Tenants: the API key, account and limits of each verified caller. A caller that is not in the file reads nothing.

    {"alice": {"api_key": "...", "account_id": "...", "self_profile_url": "https://www.linkedin.com/in/alice",
               "tokenizer": "claude", "calls_per_minute": 60, "max_count": 500, "max_credits_per_call": 20},
     "bob": {"archive": "/srv/archives/bob.zip"}}

Only `api_key` and `account_id` are required, or `archive` in their place: the path of LinkedIn's copy of their data.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator

from mcp_server.errors import SettingsError
from mcp_server.settings import ARCHIVE, Settings

MAX_TENANTS = 100_000

current_subject: ContextVar[str] = ContextVar("current_subject", default="")
"""The verified caller of the current request; empty when no token is required."""


class Tenant(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: Annotated[SecretStr, Field(min_length=1, max_length=4096)] | None = None
    account_id: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    archive: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    self_profile_url: str | None = None
    tokenizer: str | None = None
    calls_per_minute: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    max_credits_per_call: Annotated[int, Field(ge=1, le=1_000_000)] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "Tenant":
        """Messages come from the API or from an archive."""
        of_api = [value for value in (self.api_key, self.account_id) if value is not None]
        if len(of_api) != (2 if self.archive is None else 0):
            raise ValueError
        return self


_TENANTS = TypeAdapter(dict[Annotated[str, Field(pattern=r"^[!-~]{1,200}$")], Tenant])


def parse_tenants(text: str) -> dict[str, Tenant]:
    """Parse the file. Raises ValueError, whose text continues a setting's name and repeats no value."""
    try:
        tenants = _TENANTS.validate_python(json.loads(text, object_pairs_hook=_without_repeats))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "value_error":
            raise ValueError("must give each tenant api_key and account_id, or archive in their place.") from None
        raise ValueError(f"has an invalid field: {'.'.join(map(str, first['loc'][1:])) or 'the top level'}.") from None
    except (ValueError, RecursionError):
        raise ValueError("must be a JSON object with one entry per subject.") from None
    if not tenants:
        raise ValueError("holds no tenant.")
    return tenants


def settings_of(tenant: Tenant, shared: Settings) -> Settings:
    """A tenant's settings: its own key and account or archive, profile, tokenizer and limits, all others as `shared`.

    Raises SettingsError for a key, account, profile or tokenizer that would be invalid in the environment too.
    """
    own = {
        "CONVERSATION_SELF_PROFILE_URL": tenant.self_profile_url or "",
        "CONVERSATION_TOKENIZER": tenant.tokenizer or shared.tokenizer,
        ARCHIVE: tenant.archive or "",
    }
    if tenant.api_key is not None:
        own |= {
            "CONVERSATION_API_BASE_URL": shared.api_base_url,
            "CONVERSATION_API_KEY": tenant.api_key.get_secret_value(),
            "CONVERSATION_ACCOUNT_ID": tenant.account_id or "",
        }
    checked = Settings.from_mapping(own)
    return replace(
        shared,
        api_base_url=checked.api_base_url,
        archive=checked.archive,
        api_key=checked.api_key,
        account_id=checked.account_id,
        self_profile_url=checked.self_profile_url,
        tokenizer=checked.tokenizer,
        max_count=min(shared.max_count, tenant.max_count or shared.max_count),
        max_credits_per_call=_least(shared.max_credits_per_call, tenant.max_credits_per_call),
    )


def check_tenants(tenants: Mapping[str, Tenant], shared: Settings) -> None:
    """Check every entry at the start rather than at a caller's first call. Raises SettingsError."""
    chosen: set[str] = set()
    for number, tenant in enumerate(tenants.values(), start=1):
        try:
            chosen.add(settings_of(tenant, shared).tokenizer)
        except SettingsError:
            raise SettingsError(
                f"CONVERSATION_HTTP_TENANTS_FILE: entry {number} has an invalid key, account, archive, profile or "
                "tokenizer."
            ) from None
    if chosen - {shared.tokenizer}:
        # Here, not above: this module is imported by every server, whatever it counts in.
        from mcp_server.tokenizer.extras import check_installed

        for name in sorted(chosen):
            check_installed(name)


def _least(one: int | None, other: int | None) -> int | None:
    given = [limit for limit in (one, other) if limit is not None]
    return min(given) if given else None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    # Of two equal names the last would win, and one tenant might read with another's key.
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)
