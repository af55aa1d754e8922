"""How often: a minute's calls of a caller, a minute's requests with a key."""

import anyio
import pytest

from mcp_server.conversation.models import Page, Target
from mcp_server.errors import RateLimited
from mcp_server.http.limits import Counts, PacedPages
from tests.support.conversations import TARGET, chat

pytestmark = pytest.mark.anyio


class Shop:
    """Sells pages."""

    def __init__(self) -> None:
        self.sold = 0

    async def page(self, target: Target, *, cursor: str | None, count: int, deadline: float) -> Page:
        self.sold += 1
        return Page(tuple(chat(1)), None, credits=1)


async def test_a_caller_gets_its_calls_and_is_then_told_to_wait() -> None:
    """In words a model understands; another caller is not held back."""
    counts = Counts(None, None)
    for _ in range(3):
        await counts.admit("alice", 3)
    with pytest.raises(RateLimited) as caught:
        await counts.admit("alice", 3)
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= 60
    assert caught.value.explain().startswith("rate_limited: More than 3 calls in a minute; the next may come in ")
    await counts.admit("bob", 3)


async def test_requests_with_one_key_are_paced_and_other_keys_are_not() -> None:
    """Where waiting would take longer than the call has, it says so instead, and asks nothing of the API."""
    counts, shop = Counts(None, None), Shop()
    deadline = anyio.current_time() + 0.01
    paced = PacedPages(shop, counts, per_minute=2, api_key="one")
    for _ in range(2):
        await paced.page(TARGET, cursor=None, count=1, deadline=deadline)
    with pytest.raises(RateLimited):
        await paced.page(TARGET, cursor=None, count=1, deadline=deadline)
    assert shop.sold == 2
    other = PacedPages(shop, counts, per_minute=2, api_key="other")
    await other.page(TARGET, cursor=None, count=1, deadline=deadline)
    assert shop.sold == 3
