"""The cost of a walk whose pages are cached, with long pauses between the calls."""

import pytest

from mcp_server.upstream.cache import CachedPages, MemoryPageCache
from tests.support.conversations import MemorySource, chat, query, reader
from tests.support.reading import texts, told

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def test_a_slow_walk_pays_for_every_page_once() -> None:
    """After the first pause the newest page is too old for a new call, but not for continuing."""
    source, clock = MemorySource(chat(50)), Clock()
    pages = CachedPages(source, MemoryPageCache(clock_s=clock), account_id="account", clock_s=clock)
    walking = reader(pages, page_size=20)
    shown: list[str] = []
    credits_spent, cursor = 0, None
    while True:
        answer = await walking.read(query(count=50, max_tokens=250, detail="verbatim", cursor=cursor))
        shown, credits_spent, cursor = texts(answer) + shown, credits_spent + answer.credits, answer.next_cursor
        if cursor is None:
            break
        clock.now_s += 40
    assert shown == told(50)
    assert source.asked == [(None, 20), ("20", 20), ("40", 20)]
    assert credits_spent == 5


async def test_a_new_call_from_the_newest_message_sees_what_is_new() -> None:
    """Forty seconds later, because it continues nothing."""
    source, clock = MemorySource(chat(50)), Clock()
    pages = CachedPages(source, MemoryPageCache(clock_s=clock), account_id="account", clock_s=clock)
    reading = reader(pages)
    await reading.read(query(count=10))
    clock.now_s += 40
    await reading.read(query(count=10))
    assert source.asked == [(None, 10), (None, 10)]
