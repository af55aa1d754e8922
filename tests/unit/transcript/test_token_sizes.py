"""The pieces of a transcript and their sizes: they add up, each is weighed once, and what is kept is bounded."""

from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Message, Participant
from mcp_server.transcript.budget import NOTHING, Meter, Size, total
from mcp_server.transcript.grammar import Gap, Line, Part
from mcp_server.transcript.layout import Calendar, Legend, ShownMessage, entries, lay_out
from mcp_server.transcript.render import render_entries, write_entries
from mcp_server.transcript.token_sizes import TokenSizes
from tests.support.answers import CharacterCounter, said
from tests.support.conversations import ANA, JANE, JOHN

MILLION = 1_000_000
CALENDAR = Calendar(ZoneInfo("UTC"))


def legend(*people: Participant | None) -> Legend:
    """The legend of a conversation that these people take part in."""
    return Legend.of([said(None, person) for person in people], self_profile=None, other_profile=None)


CALENDARS = [
    ["2025-12-30T09:00Z", "2025-12-30T09:10Z", "2025-12-31T09:00Z", "2026-01-01T09:00Z", "2026-01-01T10:00Z"],
    [None, None],
    ["2026-04-20T09:00Z", None, None],
]


@pytest.mark.parametrize("moments", CALENDARS)
@pytest.mark.parametrize("people", [(JANE,), (JANE, JOHN), (JANE, JOHN, ANA), (JANE, None)])
def test_sizes_follow_the_rules_of_entries(moments: list[str | None], people: tuple[Participant | None, ...]) -> None:
    """The sum over the items in their places is the size of what is written."""
    messages: list[Message] = []
    for number, moment in enumerate(moments):
        messages += [said(moment, people[number % len(people)], text) for text in ("one", "two\nlines")]
    calendar = lay_out(messages, legend(*people), CALENDAR)
    items = [ShownMessage(this, message.text) for this, message in zip(calendar, messages, strict=True)]
    meter = Meter(CharacterCounter())
    token_sizes = TokenSizes(meter)
    befores = [None, *calendar]
    joins = [token_sizes.join(before, item) for before, item in zip(befores, items, strict=False)]
    days = [this.day for this in calendar if this.day is not None]
    written = list(render_entries(entries(items), min(days, default=None)))
    assert total([*joins, *(token_sizes.text(item.text).size for item in items)]) == total(
        meter.size(piece) for piece in written
    )


def test_after_an_undated_line_a_year_is_counted_to_be_sure() -> None:
    """What was named last is not known there; the answer may be a little smaller than its estimate, never larger."""
    undated, dated = (
        ShownMessage(this, "ok") for this in lay_out([said(None), said("2026-04-20T09:00Z")], legend(JANE), CALENDAR)
    )
    assert TokenSizes(Meter(CharacterCounter())).join(undated.laid_out, dated).chars == len("# Apr 20 2026\n09:00 >")


def test_a_stretch_left_out_has_a_size_unless_it_is_empty() -> None:
    """Nothing left out, nothing to say."""
    token_sizes = TokenSizes(Meter(CharacterCounter()))
    assert token_sizes.gap(Gap(3), 2026) == ("~ 3 messages\n", Size(13, 13, 14, 14))
    assert token_sizes.gap(Gap(0), 2026) == ("", NOTHING)


def test_what_is_written_for_its_size_is_what_is_written_for_its_text() -> None:
    """One grammar, two pens."""
    calendar = lay_out([said("2025-12-31T09:00Z"), said("2026-01-01T09:00Z")], legend(JANE), CALENDAR)
    written = entries(
        [ShownMessage(calendar[0], "one"), Gap(2, at=3), ShownMessage(calendar[1], "two\nlines", shortened=True)]
    )
    pieces = list(write_entries(written, calendar[0].day, TokenSizes(Meter(CharacterCounter()))))
    assert [piece.text for piece in pieces] == list(render_entries(written, calendar[0].day))
    assert all(piece.size.chars == len(piece.text) for piece in pieces)


def test_every_text_is_counted_once() -> None:
    """However often it is asked for; what an answer says of itself too."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    assert token_sizes.text("a \\ text") == token_sizes.text("a \\ text") == (" a \\ text\n", Size(10, 10, 12, 12))
    assert tokens.counted == [" a \\ text\n", " a \\\\ text\\n"]
    assert [token_sizes.count("head"), token_sizes.count("head")] == [4, 4]
    assert tokens.counted[2:] == ["head"]


def test_every_prefix_is_counted_once_in_each_channel_unless_it_names_a_part() -> None:
    """Parts are different every time."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    line, part = Line(">", "text", time="09:00"), Line(">", "text", part=Part(1, 2, 3))
    assert token_sizes.prefix(line, same_sender=False) is token_sizes.prefix(
        line._replace(text="other"), same_sender=False
    )
    assert token_sizes.prefix(line._replace(text=""), same_sender=False).text == "09:00 >(no text)"
    assert tokens.counted == [*["09:00 >"] * 2, *["09:00 >(no text)"] * 2]
    assert token_sizes.prefix(part, same_sender=False) == token_sizes.prefix(part, same_sender=False)
    assert len(tokens.counted) == 8


def test_texts_that_are_remembered_are_bounded() -> None:
    """Four million characters; the least recently used are dropped first."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    texts = [letter * MILLION for letter in "abcd"]
    for text in texts:
        token_sizes.text(text)
    token_sizes.text(texts[0])
    token_sizes.text("one more")
    tokens.counted.clear()
    for text in [texts[0], *texts[2:]]:
        token_sizes.text(text)
    assert tokens.counted == []
    token_sizes.text(texts[1])
    assert tokens.counted[0] == f" {texts[1]}\n"


def test_prefixes_that_are_remembered_are_bounded() -> None:
    """Types of messages are whatever the API says they are."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    for number in range(20_001):
        token_sizes.prefix(Line(">", "text", kind=f"k{number}"), same_sender=False)
    counted = len(tokens.counted)
    token_sizes.prefix(Line(">", "text", kind="k20000"), same_sender=False)
    assert len(tokens.counted) == counted
    token_sizes.prefix(Line(">", "text", kind="k0"), same_sender=False)
    assert len(tokens.counted) == counted + 2


def test_gaps_are_counted_once_and_those_that_are_remembered_are_bounded() -> None:
    """A thousand: they are for the drafts of one answer."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    for number in range(1, 1_002):
        token_sizes.gap(Gap(number), 2026)
    counted = len(tokens.counted)
    assert token_sizes.gap(Gap(1_001), 2026).text == "~ 1001 messages\n"
    assert len(tokens.counted) == counted
    token_sizes.gap(Gap(1), 2026)
    assert len(tokens.counted) > counted


def test_a_text_too_large_to_remember_is_weighed_all_the_same() -> None:
    """And leaves nothing behind."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    huge = "x" * (9 * MILLION)
    assert token_sizes.text(huge).size.chars == token_sizes.text(huge).size.chars == 9 * MILLION + 2
    assert tokens.counted.count(f" {huge}\n") == 2


def test_what_answers_say_of_themselves_is_remembered_for_a_while() -> None:
    """A thousand of them; then the cache is cleared."""
    tokens = CharacterCounter()
    token_sizes = TokenSizes(Meter(tokens))
    for number in range(1_001):
        token_sizes.count(f"head {number}")
    token_sizes.count("head 1000")
    assert len(tokens.counted) == 1_001
    token_sizes.count("head 0")
    assert len(tokens.counted) == 1_002
