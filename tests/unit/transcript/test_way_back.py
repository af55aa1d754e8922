"""What an answer says of what it left out: where it can be read, and whether a larger budget would show it."""

import re

import anyio
import pytest

from tests.support.conversations import JANE, JOHN, MemorySource, message, query, reader, sizes


def source(length: int) -> MemorySource:
    """A long conversation with an offer in its first half."""
    messages = [
        message(number, f"We talked about thing {number} again and agreed to wait.", sender=(JANE, JOHN)[number % 2])
        for number in range(length)
    ]
    messages[length // 3] = message(length // 3, "FrostEye have quoted 38 € per logger.")
    return MemorySource(messages[::-1], most=50)


@pytest.mark.anyio
@pytest.mark.parametrize("max_tokens", [200, 250, 300, 350, 400, 500, 600, 700])
@pytest.mark.parametrize("count", [80, 150, 400])
async def test_a_small_answer_with_a_focus_leads_to_what_it_left_out(max_tokens: int, count: int) -> None:
    """Its largest gap can be read from its mark, and the answer is within its budget."""
    one = reader(source(count))
    answer = await one.read(query(count=count, max_tokens=max_tokens, focus="What did FrostEye quote?"))
    assert max(sizes(answer)) <= max_tokens
    assert "FrostEye have quoted 38 € per logger." in answer.text
    gaps = [(int(size), at) for size, at in re.findall(r"^~ (\d+) messages?\b.* \[(\d+)\]$", answer.text, re.MULTILINE)]
    size, at = max(gaps)
    assert size == max(int(found) for found in re.findall(r"^~ (\d+) message", answer.text, re.MULTILINE))
    cursor = f"{answer.structured['window_cursor']}:{at}"
    gap = await one.read(query(count=size, max_tokens=20_000, detail="verbatim", cursor=cursor))
    last = count - int(at) - 1
    assert gap.structured["covered"] == size
    assert gap.text.count("We talked about") == size
    assert f"thing {last} again" in gap.text
    assert f"thing {last + 1} again" not in gap.text


@pytest.mark.parametrize("max_tokens", [300, 500])
def test_without_a_focus_a_small_answer_has_more_messages_instead(max_tokens: int) -> None:
    """Larger answers have the cursor."""
    answer = anyio.run(reader(source(80)).read, query(count=80, max_tokens=max_tokens))
    assert "window_cursor" not in answer.structured


LONG = [
    message(number, f"We agreed to postpone the refrigerated warehouse {number} " + "again " * 20)
    for number in range(500)
]


@pytest.mark.anyio
@pytest.mark.parametrize("detail", ["verbatim", "condensed"])
async def test_an_answer_that_characters_limit_says_that_more_tokens_show_no_more(detail: str) -> None:
    """Fewer tokens are limited by themselves, and an answer with everything by nothing."""
    one = reader(MemorySource(LONG[::-1]))
    note = "! Limited to 45,000 characters: a larger max_tokens shows no more.\n"
    limited = await one.read(query(count=500, max_tokens=20_000, detail=detail))
    assert note in limited.text
    assert limited.notes == (note[2:-1],)
    assert 40_000 < len(limited.text) <= 45_000
    assert note not in (await one.read(query(count=500, max_tokens=4000, detail=detail))).text
    assert note not in (await one.read(query(count=200, max_tokens=20_000, detail=detail))).text
