"""`--since` in words, on the command line alone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mcp_server.commands.since import iso_since
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.arguments import parse_arguments
from tests.support.serving import LIMITS, PROFILE

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
"""Half past midnight in Berlin, the day after the clocks went forward."""


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("today", "2026-03-30T00:00:00+02:00"),
        (" Yesterday ", "2026-03-29T00:00:00+01:00"),
        ("7d", "2026-03-22T22:30:00+00:00"),
        ("12h", "2026-03-29T10:30:00+00:00"),
        ("2W ago", "2026-03-15T22:30:00+00:00"),
        ("7 days", "2026-03-22T22:30:00+00:00"),
        ("12 hours ago", "2026-03-29T10:30:00+00:00"),
        ("1 week ago", "2026-03-22T22:30:00+00:00"),
        ("2026-04-20", "2026-04-20"),
        ("tomorrow", "tomorrow"),
        ("7", "7"),
        ("99999d", "99999d"),
    ],
)
def test_a_word_is_a_date_in_the_configured_zone(text: str, iso: str) -> None:
    """A day begins at its own midnight, and seven days are seven times 24 hours. Other texts stay as they are."""
    assert iso_since(text, zone=BERLIN, now=NOW) == iso


@pytest.mark.parametrize("text", ["yesterday", "7d"])
def test_the_tool_accepts_iso_dates_only(text: str) -> None:
    """A model may not know what day it is."""
    with pytest.raises(InvalidArguments, match="since must be an ISO date or time"):
        parse_arguments({"profile_url": PROFILE, "since": text}, LIMITS)
