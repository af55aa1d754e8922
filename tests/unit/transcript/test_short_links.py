"""Long addresses and blank runs, said shorter."""

import pytest

from mcp_server.condensing.sentences import CUT
from mcp_server.transcript.budget import MAX_CHARS
from mcp_server.transcript.short_links import compact, compact_message
from tests.support.conversations import MemorySource, chat, message, query, reader

LONG = "https://shop.example.com/catalogue/2026/spring/loggers/cold-chain/TX-400?utm_source=mail&utm_campaign=abcdef"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"See {LONG} please", "See https://shop.example.com/[..]/TX-400 please"),
        ("https://example.com/short/one", "https://example.com/short/one"),
        (f"https://example.com/{'?x=1&' * 20}", "https://example.com/[..]"),
        (f"https://example.com/{'a-b_c/' * 9}quote.pdf/#page=2", "https://example.com/[..]/quote.pdf"),
        (f"https://example.com/{'x' * 90}", f"https://example.com/[..]/{'x' * 40}"),
        (f"https://example.com/{'y/' * 40}ab", "https://example.com/[..]"),
        ("a\n\n\n \n\nb", "a\n\nb"),
        ("a\n\nb\nc", "a\n\nb\nc"),
    ],
)
def test_only_what_is_long_is_shortened(text: str, expected: str) -> None:
    """Host and end of an address stay, a single blank line too."""
    assert compact(text) == expected
    assert compact(expected) == expected


@pytest.mark.anyio
async def test_a_message_with_a_shortened_address_is_marked() -> None:
    """It counts as shortened, and only where not everything fits as it is."""
    messages = [message(500, f"The offer: {LONG}"), *chat(80)]
    condensed = await reader(MemorySource(messages)).read(query(count=81, max_tokens=600))
    assert ">~ The offer: https://shop.example.com/[..]/TX-400\n" in condensed.text
    assert condensed.structured["shortened"] == 1
    whole = await reader(MemorySource(messages)).read(query(count=81, max_tokens=8000))
    assert f"> The offer: {LONG}\n" in whole.text


def test_work_grows_with_what_an_answer_can_hold_and_not_with_what_was_sent() -> None:
    """Of a message too long for any answer, only the beginning is compared with others, whatever its length."""
    long, giant = (compact_message(message(0, "one word and another. " * number)) for number in (5_000, 200_000))
    assert len(giant.text) == len(long.text) < 1.2 * MAX_CHARS
    assert giant.text.endswith(f" {CUT}")
    assert compact_message(message(0, "short")) == message(0, "short")
