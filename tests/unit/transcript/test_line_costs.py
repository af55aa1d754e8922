"""What showing messages costs beside each other."""

from datetime import date

from mcp_server.conversation.models import Message
from mcp_server.transcript.budget import MAX_CHARS, Allowance, Meter
from mcp_server.transcript.grammar import Gap
from mcp_server.transcript.line_costs import DATED_FROM, LineCosts
from mcp_server.transcript.token_sizes import TokenSizes
from tests.support.answers import CharacterCounter, builder, said
from tests.support.conversations import counter


def costs(messages: list[Message], *, least: int | None = None) -> LineCosts:
    """Costs in characters, a token each."""
    laid_out = builder(messages).laid_out[::-1]
    return LineCosts(
        laid_out, TokenSizes(Meter(CharacterCounter())), Allowance(40_000, structured=False), least_numbered_gap=least
    )


DAYS = [said(f"2026-04-{day:02}T09:00Z") for day in range(1, 29)]


def test_the_cost_of_a_text_includes_its_space_and_line_break() -> None:
    """A space before it, a new line behind it; one longer than any answer is not counted but by its length."""
    found = costs([said(None, text="hello"), said(None, text="x" * (MAX_CHARS + 1))])
    assert found.whole(0) == len(" hello\n")
    assert found.whole(1) == MAX_CHARS + 1
    assert found.cut(0, "hel") >= len(" hel\n")


def test_a_link_costs_what_it_adds_to_the_cut_one() -> None:
    """One longer than any answer is not counted but by its length."""
    found = costs([said(None, text="hello")])
    assert found.added("short", "much longer") == len("much longer") - len("short")
    assert found.added("short", "x" * (MAX_CHARS + 1)) == MAX_CHARS + 1


def test_the_cost_of_a_line_includes_its_day_and_gap() -> None:
    """A day where it begins, a mark for what is left out; nothing behind the last."""
    found = costs(DAYS)
    assert found.join(None, 0) == len("# Apr 1\n09:00 >")
    assert found.join(3, 4) == len("# Apr 5\n09:00 >")
    assert found.join(3, 8) == len("~ 4 messages\n# Apr 9\n09:00 >")
    assert found.join(27, None) == 0
    assert found.join(25, None) == len("~ 2 messages\n")
    assert found.join(25, None) == found.join(25, None)


def test_long_stretches_are_dated_and_say_where_they_can_be_read() -> None:
    """Short ones, and those of undated messages, are not dated."""
    assert costs(DAYS).gap_between(2, 2 + DATED_FROM) == Gap(DATED_FROM, date(2026, 4, 3), date(2026, 4, 12))
    assert costs(DAYS).gap_between(2, 1 + DATED_FROM) == Gap(DATED_FROM - 1)
    assert costs(DAYS, least=3).gap_between(2, 5) == Gap(3, at=23)
    assert costs(DAYS, least=4).gap_between(2, 5) == Gap(3)
    assert costs([said(None)] * 20).gap_between(2, 18) == Gap(16)


def test_a_shortened_text_is_priced_by_its_own_message_where_counting_takes_long() -> None:
    """Its whole text is counted once, in both tokens; the sentences shown of it only in the quick ones."""
    slow, text = CharacterCounter(), "Is it about the plan? We said so then. Nothing came of it."
    laid_out = builder([said(None, text=text)]).laid_out
    sizes = TokenSizes(Meter(slow), TokenSizes(Meter(counter())))
    found = LineCosts(laid_out, sizes, Allowance(4000, structured=False), least_numbered_gap=None)
    assert 20 <= found.cut(0, "Is it about the plan? [..]") <= 36
    assert found.cut(0, "Is it about the plan? [..] Nothing came of it.") < found.whole(0)
    assert {counted for counted in slow.counted if counted.endswith("\n")} == {f" {text}\n", " a.\n"}
