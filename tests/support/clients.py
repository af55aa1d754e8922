"""The real client of the API, for a server of the test."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio

from mcp_server.conversation.models import Page, Target
from mcp_server.errors import UpstreamError
from mcp_server.settings import Settings
from mcp_server.upstream.client import MessagesClient

KEY = "canary-key-7f3a"
TARGET = Target("conversation_id", "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAB,2-abc)")


def settings_for(base_url: str, **further: str) -> Settings:
    given = {"CONVERSATION_API_BASE_URL": base_url, "CONVERSATION_API_KEY": KEY, "CONVERSATION_ACCOUNT_ID": "acct"}
    return Settings.from_mapping(given | further)


@dataclass
class Naps:
    """A replacement for sleeping that records the delay and returns at once."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, delay_s: float) -> None:
        self.taken.append(delay_s)


def client_for(
    base_url: str,
    *,
    attempt_timeout_s: float = 5.0,
    pace: Callable[[float], Awaitable[None]] | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    tls: ssl.SSLContext | None = None,
    wall_clock_s: Callable[[], float] = lambda: 1_777_147_200.0,
    environ: Mapping[str, str] | None = None,
) -> MessagesClient:
    """A client with these settings whose retries follow at once."""
    return MessagesClient(
        settings_for(base_url, **(environ or {})),
        tls=tls,
        attempt_timeout_s=attempt_timeout_s,
        pace=pace,
        sleep=sleep or Naps(),
        draw=lambda: 0.0,
        wall_clock_s=wall_clock_s,
    )


async def read(
    client: MessagesClient, *, cursor: str | None = None, within_s: float = 10.0, target: Target = TARGET
) -> Page | UpstreamError:
    """One page, or the error."""
    try:
        return await client.page(target, cursor=cursor, count=10, deadline=anyio.current_time() + within_s)
    except UpstreamError as error:
        return error
