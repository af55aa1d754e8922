"""How often: a minute's calls of a caller, a minute's requests with a key."""

import time

import anyio
import pytest

from mcp_server.errors import RateLimited
from mcp_server.http.limits import Counts, Pace
from tests.support.chaos import ChaosUpstream, refusal
from tests.support.clients import KEY, client_for, read

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def a_minute_has_just_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are counted by the clock's minutes: when one ends in the middle of a test, more may pass."""
    now_s = time.time
    ahead_s = 61 - now_s() % 60
    monkeypatch.setattr(time, "time", lambda: now_s() + ahead_s)


async def test_a_caller_gets_its_calls_and_is_then_told_to_wait() -> None:
    """In words a model understands; another caller is not held back."""
    counts = Counts(None, None)
    for _ in range(3):
        await counts.admit("alice", 3)
    with pytest.raises(RateLimited) as caught:
        await counts.admit("alice", 3)
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= 60
    assert caught.value.explain().startswith("rate_limited: More than 3 calls in a minute; the next is allowed in ")
    await counts.admit("bob", 3)


async def test_requests_with_one_key_are_paced_and_other_keys_are_not() -> None:
    """Where waiting would take longer than the call has, it says so instead."""
    counts, deadline = Counts(None, None), anyio.current_time() + 0.01
    pace = Pace(counts, per_minute=2, api_key="one")
    for _ in range(2):
        await pace(deadline)
    with pytest.raises(RateLimited):
        await pace(deadline)
    await Pace(counts, per_minute=2, api_key="other")(deadline)


async def test_attempts_are_paced_and_not_only_pages() -> None:
    """An API that fails is asked again, and each time counts."""
    async with ChaosUpstream(refusal(500, "INTERNAL_ERROR")) as upstream:
        pace = Pace(Counts(None, None), per_minute=2, api_key=KEY)
        async with client_for(upstream.base_url, pace=pace) as client:
            outcome = await read(client)
        assert isinstance(outcome, RateLimited)
        assert outcome.explain().startswith("rate_limited: This server has sent the API as many requests as it may")
        assert len(upstream.requests) == 2
