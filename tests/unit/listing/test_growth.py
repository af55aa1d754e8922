"""How far the texts of a list grow: as far as the budget allows, and without counting every length of every text."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Message, Reading
from mcp_server.errors import InvalidArguments
from mcp_server.listing.answer import ListContext, ListWindow, answer
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse
from mcp_server.transcript.budget import Allowance, Vocabulary
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.window import Continuation
from tests.support.answers import CharacterCounter
from tests.support.conversations import counter
from tests.support.inbox import listed

WORDS = "The samples of last week arrived, and two of them are broken again. "
LONG = [
    listed(number, (WORDS * 12)[: 40 + number * 97 % 700], headline=f"Head of number {number}") for number in range(30)
]


def context(slow: CharacterCounter) -> ListContext:
    """One in which characters are counted, and planned with tokens: the two differ by a factor of four."""
    return ListContext(Calendar(ZoneInfo("UTC")), TokenSizes.of(Vocabulary("slow", slow, planner=counter())), "marks")


def listing(conversations: list[Message], max_tokens: int, within: ListContext) -> Reading:
    window = ListWindow(tuple(conversations), range(len(conversations)), lambda _: Continuation(None))
    return answer(window, within, Allowance(max_tokens))


def lengths(reading: Reading) -> list[int]:
    """How many characters of headline and last message are shown of each conversation."""
    items = parse(reading.text).items
    return [len(item.headline) + len(item.text) for item in items if isinstance(item, ListedEntry)]


@pytest.mark.parametrize("max_tokens", [2500, 3500, 6000, 12_000])
def test_a_conversation_is_counted_in_few_of_its_lengths_where_counting_takes_long(max_tokens: int) -> None:
    """The line, and what is shown of it; others only near the edge of the budget."""
    slow = CharacterCounter()
    reading = listing(LONG, max_tokens, context(slow))
    assert 0.9 * max_tokens < reading.tokens <= max_tokens
    entries = {text for text in slow.counted if " 0" in text and "in/person-" in text and "\\n" not in text}
    assert len(entries) <= 2 * len(LONG) + 10


def test_a_list_that_is_made_again_is_not_counted_again() -> None:
    """Only the conversation that has a new message."""
    slow = CharacterCounter()
    within = context(slow)
    first = listing(LONG, 6000, within)
    slow.counted.clear()
    assert listing(LONG, 6000, within) == first
    assert slow.counted == []
    listing([replace(LONG[0], text="Something new"), *LONG[1:]], 6000, within)
    assert 0 < sum("in/person-" in text for text in slow.counted) < 10


def test_the_budget_is_kept_and_used_however_wrong_the_plan_is() -> None:
    """And a larger one never shows less of a conversation."""
    within, before = context(CharacterCounter()), [0] * len(LONG)
    for max_tokens in range(1000, 12_000, 250):
        try:
            reading = listing(LONG, max_tokens, within)
        except InvalidArguments:
            continue
        assert len(reading.text) <= max_tokens
        now = lengths(reading)
        assert all(shown >= earlier - len(" [..]") for earlier, shown in zip(before, now, strict=False))
        before = now
    assert sum(before) > 5000


@pytest.mark.parametrize(
    ("headline", "text"),
    [("Internationalization responsibilities ", "a b "), ("a b ", "Internationalization responsibilities ")],
)
def test_a_plan_that_promises_too_much_or_too_little_is_corrected(headline: str, text: str) -> None:
    """Headlines are not measured for it: here they have many more or fewer characters per token than texts."""
    conversations = [listed(number, (text * 50).strip(), headline=(headline * 3).strip()) for number in range(20)]
    full = listing(conversations, 20_000, context(CharacterCounter()))
    for max_tokens in range(1500, len(full.text), 1100):
        reading = listing(conversations, max_tokens, context(CharacterCounter()))
        assert len(reading.text) <= max_tokens
        assert max_tokens - len(reading.text) < 900
