"""Condensed answers: whole, shortened and left out under marks, within the budget."""

import gc

import pytest

from mcp_server.condensing.sentences import CUT
from mcp_server.errors import InvalidArguments
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.verbatim import verbatim
from mcp_server.transcript.window import Continuation
from tests.support.answers import builder, said
from tests.support.conversations import ANA, JANE, JOHN, message, sizes

DULL = [
    message(number, f"we talked about thing {number} again", sender=(JANE, JOHN)[number % 2]) for number in range(150)
]


def test_what_is_left_out_stands_under_numbered_marks() -> None:
    """With the cursor that reads it, which takes its share of the budget."""
    reading = condensed(builder(DULL, max_tokens=500, window_cursor=lambda pages: "AgQ"))
    assert "\n~" in reading.text
    assert "\nwindow_cursor: AgQ\n" in reading.text
    assert reading.structured["covered"] == 150
    assert max(sizes(reading)) <= 500


def test_a_focus_that_nothing_bears_on_is_said() -> None:
    """And what tells most is shown, as without it."""
    reading = condensed(builder(DULL, max_tokens=500, focus="斑马"))
    assert "No message matches the focus" in reading.text
    assert reading.notes
    assert not condensed(builder(DULL, max_tokens=500, focus="thing")).notes


def test_another_judge_brings_in_what_no_word_shows() -> None:
    """Its figures are newest first, as the messages of the window are."""
    messages = [*DULL[:40], message(40, "the bakery opens on Sunday"), *DULL[41:]]
    similarity = [float(number == 40) for number in range(150)][::-1]
    reading = condensed(builder(messages, max_tokens=500, focus="斑马"), similarity)
    assert "the bakery opens on Sunday" in reading.text
    assert not reading.notes


def test_a_newest_message_alone_too_long_is_cut() -> None:
    """Its beginning is shown, and all before it is left out."""
    long = said("2026-04-20T09:00Z", JANE, "x" * 60_000)
    for messages in ([long], [*DULL, long]):
        reading = condensed(builder(messages, max_tokens=300))
        assert "xxx" in reading.text
        assert f" {CUT}\n" in reading.text
        assert max(sizes(reading)) <= 300
        assert reading.structured["covered"] == len(messages)


def test_a_budget_too_small_for_any_message_is_refused() -> None:
    """As verbatim refuses it."""
    with pytest.raises(InvalidArguments):
        condensed(builder(DULL, max_tokens=20))


def test_no_messages_and_the_rest_of_one_are_shown_as_verbatim_shows_them() -> None:
    """There is nothing to choose."""
    assert condensed(builder([])) == verbatim(builder([]))
    rest = builder(DULL, max_tokens=400, offset=5)
    assert condensed(rest) == verbatim(rest)


def test_groups_and_undated_messages_are_condensed_too() -> None:
    """With the text alone to keep within the budget where nothing else is sent."""
    people = (JANE, JOHN, ANA, None)
    messages = [
        message(number, f"thing {number} of all", sender=people[number % 4], sent_at_ms=None) for number in range(120)
    ]
    reading = condensed(builder(messages, max_tokens=400, structured=False))
    assert sizes(reading)[0] <= 400
    assert reading.structured["covered"] == 120
    assert "thing 119 of all" in reading.text


def test_the_opening_is_kept_only_where_the_conversation_begins() -> None:
    """The first message of a window that has older ones behind it is one like any other."""
    telling = [message(number, f"and so on Rotterdam{number} Antwerp{number}") for number in range(1, 150)]
    opening = " ".join(["and so on"] * 12)
    messages = [message(0, opening), *telling]
    from_the_beginning = condensed(builder(messages, max_tokens=600))
    assert f"> {opening}\n" in from_the_beginning.text
    from_somewhere = condensed(builder(messages, max_tokens=600, resume_at=lambda index, offset: Continuation("AQx9")))
    assert opening not in from_somewhere.text


def test_a_giant_message_ends_in_a_cut_wherever_its_beginning_is_shown() -> None:
    """Whatever is kept of it, the rest is marked as left out."""
    giant = message(41, "The quote for Rotterdam. " + "we talked about thing again. " * 4000, sender=JOHN)
    reading = condensed(builder([*DULL[:41], giant, *DULL[42:]], max_tokens=700, focus="quote for Rotterdam"))
    (line,) = [line for line in reading.text.splitlines() if line.startswith("<~ The quote for Rotterdam.")]
    assert line.endswith(f" {CUT}")


@pytest.mark.parametrize("on", [True, False])
def test_the_garbage_collector_rests_meanwhile_and_is_as_it_was_before(*, on: bool) -> None:
    """Even where condensing failed."""
    before, was_on = gc.isenabled(), list[bool]()

    def pulse() -> None:
        was_on.append(gc.isenabled())
        if len(was_on) > 1:
            raise InterruptedError

    (gc.enable if on else gc.disable)()
    try:
        with pytest.raises(InterruptedError):
            condensed(builder(DULL, max_tokens=500), pulse=pulse)
        assert (was_on, gc.isenabled()) == ([False, False], on)
        condensed(builder(DULL, max_tokens=500))
        assert gc.isenabled() == on
    finally:
        (gc.enable if before else gc.disable)()
