"""The chart of who wrote when."""

import pytest

from mcp_server.commands.chart import chart

LEGEND = "> in/jane-doe-42 Jane Doe\n< (me) in/john-smith-99 John Smith\n"
PAIR = f"""\
{LEGEND}5 of 5 messages (3 whole, 2 left out), Apr 20 - 29 2026, UTC.
# Apr 20
09:00 > one
> two
~ 2 messages, Apr 24 - 25 [2]
# Apr 29
09:00 < three
No older messages."""
GROUP = """\
A in/ana 山田太郎
B - A name of more than twenty-four letters
3 messages, Apr 20 2026, UTC.
# Apr 20
09:00 A: one
- two
B: three
No older messages."""


def drawn(*texts: str, width: int = 100, colour: bool = False) -> list[str]:
    return chart(texts, width=width, colour=colour)


def test_each_sender_has_a_row_with_their_days_and_their_sum() -> None:
    """The first and last day above; what was left out in a row of its own, where it was."""
    assert drawn(PAIR) == [
        f"{'':27}Apr 20 2026Apr 29 2026",
        "> " + " Jane Doe                █              2",
        "< " + " John Smith                       ▄     1",
        "~ " + " left out                    ▄▄         2",
    ]


def test_one_day_is_drawn_too_and_every_name_takes_the_same_room() -> None:
    """Wide letters count as two columns, long names are cut; `-` is the sender before."""
    lines = drawn(GROUP)
    assert lines[1] == f"A  山田太郎{' ' * 16}█{' ' * 14}2"
    assert lines[2] == f"B  A name of more than tw… ▄{' ' * 14}1"


def test_first_names_are_not_repeated_beside_the_names() -> None:
    """A row begins with a mark or with nothing."""
    text = PAIR.replace("> in/", "Jane: in/").replace("< (me)", "John: (me)")
    text = text.replace("> ", "Jane ").replace("< ", "John ")
    assert [line[:13] for line in drawn(text)[1:]] == ["   Jane Doe  ", "   John Smith", "~  left out  "]


def test_several_answers_are_one_chart() -> None:
    """As `--all` reads them."""
    assert [line.split()[-1] for line in drawn(PAIR, PAIR)[1:]] == ["4", "2", "4"]


def test_a_narrow_terminal_gets_a_narrow_chart() -> None:
    """Years in forty columns: days share a column."""
    year = PAIR.replace("Apr 20 - 29 2026", "Apr 20 2025 - Apr 29 2026").replace("# Apr 20", "# Apr 20 2025")
    year = year.replace("# Apr 29", "# Apr 29 2026").replace("Apr 24 - 25", "Apr 24 - 25 2025")
    assert max(map(len, drawn(year, width=50))) <= 50


def test_colour_is_around_the_bars_alone() -> None:
    """So that a row without is the same letters."""
    plain, colour = drawn(PAIR), drawn(PAIR, colour=True)
    assert [line.replace("\x1b[32m", "").replace("\x1b[36m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
            for line in colour] == plain  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "what no server of ours writes",
        f"{LEGEND}1 of 1 message, Apr 20 2026, UTC.\n# Apr 20\n09:00 > x\nNo older messages.",
    ],
)
def test_where_there_is_nothing_to_see_there_is_no_chart(text: str) -> None:
    """Too few messages, or none that can be read back."""
    assert drawn(text) == []
