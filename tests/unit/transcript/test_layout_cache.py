"""Layouts grow as pages come, are kept while the same messages come again, and are rebuilt when they do not."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Message
from mcp_server.transcript.budget import MAX_CHARS, Allowance, Meter
from mcp_server.transcript.layout import Calendar, Legend
from mcp_server.transcript.layout_cache import CachedLayout, LayoutCache, write_body
from mcp_server.transcript.token_sizes import TokenSizes
from tests.support.answers import CharacterCounter, said
from tests.support.conversations import ANA, JANE, JOHN

DAYS = [f"2026-{month:02}-{day:02}" for month in range(12, 0, -1) for day in range(28, 0, -1)]
MESSAGES = [said(f"{day}T09:00Z", (JANE, JOHN)[number % 2], f"on {day}") for number, day in enumerate(DAYS)]
MILLION = 1_000_000
ENOUGH = Allowance(20_000, structured=False)


def layouts(tokens: CharacterCounter | None = None) -> LayoutCache:
    """No layouts yet."""
    return LayoutCache(Calendar(ZoneInfo("UTC")), TokenSizes(Meter(tokens or CharacterCounter())))


def legend(messages: Sequence[Message]) -> Legend:
    """The legend of these messages."""
    return Legend.of(messages, self_profile=None, other_profile=None)


def layout_of(kept: LayoutCache, messages: Sequence[Message], **options: int) -> CachedLayout:
    """The layout of these messages, newest first."""
    return kept.of(messages, legend(messages), **options)


def test_a_longer_window_extends_the_cached_layout() -> None:
    """A layout stays cached; a shorter window finds it as well."""
    kept = layouts()
    first = layout_of(kept, MESSAGES[:3])
    laid_out = first.laid_out[0]
    assert layout_of(kept, MESSAGES[:9]) is first
    assert layout_of(kept, MESSAGES[:5]) is first
    assert first.messages == MESSAGES[:9]
    assert first.laid_out[0] is laid_out


def test_each_text_and_prefix_is_counted_once_for_all_windows() -> None:
    """One count of each text and each prefix, however often a window is asked for."""
    tokens = CharacterCounter()
    kept = layouts(tokens)
    first = layout_of(kept, MESSAGES[:20])
    assert first.count_fitting(20, ENOUGH) == 20
    body = first.body(20)
    tokens.counted.clear()
    again = layout_of(kept, MESSAGES[:20])
    assert again.count_fitting(20, ENOUGH) == 20
    assert again.body(20) is body
    assert tokens.counted == []


@pytest.mark.parametrize(
    "edited",
    [replace(MESSAGES[2], text="edited"), replace(MESSAGES[2], sent_at_ms=0), replace(MESSAGES[2], sender=JOHN)],
)
def test_an_edited_message_makes_a_new_layout(edited: Message) -> None:
    """Same identity, other content: nothing of the old one is shown."""
    kept = layouts()
    before = layout_of(kept, MESSAGES[:5])
    after = layout_of(kept, [*MESSAGES[:2], edited, *MESSAGES[3:5]])
    assert after is not before
    assert after.messages[2] == edited


def test_a_third_person_makes_a_new_layout() -> None:
    """With a third one everybody has a letter."""
    kept = layouts()
    pair = layout_of(kept, MESSAGES[:5])
    group = layout_of(kept, [*MESSAGES[:5], said("2025-01-01T09:00Z", ANA)])
    assert group is not pair
    assert {laid_out.mark for laid_out in group.laid_out} <= {"A", "B", "C"}


def test_parts_and_spans_have_layouts_of_their_own() -> None:
    """A message that goes on is no message from its beginning; a wider span shows other times."""
    kept = layouts()
    whole = layout_of(kept, MESSAGES[:5])
    part = layout_of(kept, MESSAGES[:5], offset=3)
    assert part.item(0).text == MESSAGES[0].text[3:]
    assert part.item(1) == whole.item(1)
    assert layout_of(kept, MESSAGES[:5], hours_per_time=24) is not whole
    assert layout_of(kept, MESSAGES[:5]) is whole
    assert layout_of(kept, []).messages == []


def test_the_size_of_lines_is_that_of_the_written_ones() -> None:
    """As far as the budget reaches, and no further."""
    layout = layout_of(layouts(), MESSAGES)
    allowance = Allowance(300, structured=False)
    count = layout.count_fitting(len(MESSAGES), allowance)
    assert 0 < count < len(MESSAGES)
    assert layout.size(count) == layout.body(count).size == write_body(layout.items(count), layouts().token_sizes).size
    assert layout.size(count).tokens <= 300 < layout.size(count + 1).tokens
    assert layout.count_fitting(2, allowance) == 2
    assert layout.count_fitting(count, allowance, layout.size(1)) == count - 1


def test_a_message_longer_than_any_answer_ends_the_lines() -> None:
    """It is not even counted."""
    tokens = CharacterCounter()
    huge = said("2026-01-01T09:00Z", text="x" * (MAX_CHARS + 1))
    assert layout_of(layouts(tokens), [MESSAGES[0], huge]).count_fitting(2, Allowance(10**6, structured=False)) == 1
    assert max(map(len, tokens.counted)) < 100


def test_only_the_last_bodies_of_a_layout_are_kept() -> None:
    """The last four."""
    layout = layout_of(layouts(), MESSAGES[:9])
    layout.count_fitting(9, ENOUGH)
    first = layout.body(1)
    for count in range(2, 6):
        layout.body(count)
    assert layout.body(1) is not first
    assert layout.body(5) is layout.body(5)


def test_cached_layouts_are_bounded_in_number_and_size() -> None:
    """Sixty-four, or four million characters; the least recently used is dropped first, the newest stays."""
    kept = layouts()
    first = layout_of(kept, MESSAGES[:1])
    others = [layout_of(kept, MESSAGES[at : at + 1]) for at in range(1, 64)]
    assert layout_of(kept, MESSAGES[:1]) is first
    layout_of(kept, MESSAGES[64:65])
    assert layout_of(kept, MESSAGES[2:3]) is others[1]
    assert layout_of(kept, MESSAGES[1:2]) is not others[0]
    many = [said("2026-01-01T09:00Z", text=f"{number} {MILLION * 'x'}") for number in range(4)]
    assert layout_of(kept, many) is layout_of(kept, many)
    assert layout_of(kept, MESSAGES[:1]) is not first
