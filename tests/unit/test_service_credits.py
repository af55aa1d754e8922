"""A limit of credits per call, whatever the API charges."""

import pytest

from tests.support.conversations import MemorySource, chat, query, reader

pytestmark = pytest.mark.anyio


async def test_a_call_stops_at_its_limit_and_its_cursor_resumes_there() -> None:
    """The messages paid for are shown, and the next call begins where this one stopped."""
    source = MemorySource(chat(60))
    capped = reader(source, page_size=10, max_credits=2)
    first = await capped.read(query(count=60, detail="verbatim"))
    assert first.credits == 2
    assert "! Reading stopped at 2 credits, the limit per call. Use next_cursor to continue." in first.text
    second = await capped.read(query(count=60, detail="verbatim", cursor=first.next_cursor))
    assert [len(r.text.split("message number")) - 1 for r in (first, second)] == [20, 20]
    assert source.asked == [(None, 10), ("10", 10), ("20", 10), ("30", 10)]


@pytest.mark.parametrize("ceiling", [1, 3])
async def test_the_limit_holds_from_the_first_page_on(ceiling: int) -> None:
    """The first call learns the price from ten messages, the next one knows it."""
    capped = reader(MemorySource(chat(200)), page_size=50, max_credits=ceiling)
    for _ in range(2):
        reading = await capped.read(query(count=200, detail="verbatim", max_tokens=20_000))
        assert reading.credits == ceiling
        assert f"! Reading stopped at {ceiling} credit" in reading.text
