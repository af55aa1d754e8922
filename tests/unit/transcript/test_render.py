"""Each piece of a transcript as it is written."""

from dataclasses import replace
from datetime import date

import pytest

from mcp_server.transcript.grammar import (
    UNDATED,
    Day,
    End,
    Footer,
    Gap,
    Header,
    Latest,
    Line,
    More,
    Part,
    Speaker,
    Transcript,
)
from mcp_server.transcript.render import (
    render_closing,
    render_day,
    render_days,
    render_entries,
    render_footer,
    render_gap,
    render_header,
    render_preamble,
    render_prefix,
    render_text,
)

APRIL_20 = date(2026, 4, 20)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (Header(shown=0), "0 messages, UTC."),
        (Header(shown=1), "1 message, UTC."),
        (Header(shown=1, total=1), "1 of 1 message, UTC."),
        (Header(shown=1, total=2), "1 of 2 messages, UTC."),
        (Header(shown=2, total=1), "2 of 1 message, UTC."),
        (Header(shown=2, shortened=1), "3 messages (2 whole, 1 shortened), UTC."),
        (Header(shown=0, shortened=3), "3 messages (3 shortened), UTC."),
        (Header(shown=4, omitted=6), "10 messages (4 whole, 6 left out), UTC."),
        (
            Header(shown=1, shortened=1, omitted=1, total=9),
            "3 of 9 messages (1 whole, 1 shortened, 1 left out), UTC.",
        ),
        (Header(shown=2, first=APRIL_20, last=APRIL_20), "2 messages, Apr 20 2026, UTC."),
        (Header(shown=2, timezone="America/Port-au-Prince"), "2 messages, America/Port-au-Prince."),
        (
            Header(shown=2, latest=Latest("C", "2 days ago")),
            "2 messages, UTC. Last: C 2 days ago.",
        ),
        (
            Header(shown=2, latest=Latest("<", "just now", awaited=">")),
            "2 messages, UTC. Last: < just now, > to answer.",
        ),
        (Header(shown=2, unread=0), "2 messages, UTC. Unread: 0."),
        (Header(shown=2, read_by_recipient=False), "2 messages, UTC. Last message not read by recipient."),
        (Header(shown=2, read_by_recipient=True), "2 messages, UTC. Last message read by recipient."),
        (Header(shown=2, credits=0), "2 messages, UTC. 0 credits."),
        (Header(shown=2, credits=1), "2 messages, UTC. 1 credit."),
        (Header(shown=2, focus='"price"'), '2 messages, UTC. Focus: "price"'),
    ],
)
def test_the_figures_line_says_what_is_known(header: Header, expected: str) -> None:
    """And nothing of what is not."""
    assert render_header(header) == expected


@pytest.mark.parametrize(
    ("line", "same_sender", "expected"),
    [
        (Line(">", "hi"), False, ">"),
        (Line("<", "hi", time="09:00"), False, "09:00 <"),
        (Line("?", "hi", time=UNDATED), False, "??:?? ?"),
        (Line("A", "hi"), False, "A:"),
        (Line("AB", "hi", time="09:00"), False, "09:00 AB:"),
        (Line("A", "hi"), True, "-"),
        (Line("A", "hi", time="09:00", shortened=True), True, "09:00 -~"),
        (Line(">", ""), False, ">(no text)"),
        (Line(">", "", kind="invitation"), False, ">[invitation]"),
        (Line(">", "hi", kind="shared post", shortened=True), False, ">~[shared post]"),
        (Line(">", "hi", part=Part(1, 900, 5000)), False, ">[characters 1-900 of 5000]"),
        (Line(">", "hi", kind="x", part=Part(3, 4, 5)), False, ">[x; characters 3-4 of 5]"),
        (Line(">", "", part=Part(3, 4, 5)), False, ">[characters 3-4 of 5]"),
    ],
)
def test_a_prefix_holds_time_mark_and_tags(line: Line, same_sender: bool, expected: str) -> None:
    """In this order, without a space between mark and tags: a text's own words come after one."""
    assert render_prefix(line, same_sender=same_sender) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("hi", " hi\n"), ("", " \n"), ("a\n\nb", " a\n \n b\n"), ("# Apr 20\n", " # Apr 20\n \n")]
)
def test_no_line_of_a_text_stands_in_the_first_column(text: str, expected: str) -> None:
    """Every one is moved by a space, the empty ones too."""
    assert render_text(text) == expected


@pytest.mark.parametrize(
    ("first", "last", "year", "expected"),
    [
        ((2026, 4, 20), (2026, 4, 20), None, "Apr 20 2026"),
        ((2026, 4, 20), (2026, 4, 20), 2026, "Apr 20"),
        ((2026, 4, 20), (2026, 4, 26), None, "Apr 20 - 26 2026"),
        ((2026, 4, 20), (2026, 4, 26), 2026, "Apr 20 - 26"),
        ((2026, 4, 20), (2026, 5, 3), None, "Apr 20 - May 3 2026"),
        ((2026, 4, 20), (2026, 5, 3), 2026, "Apr 20 - May 3"),
        ((2025, 12, 20), (2026, 1, 3), 2026, "Dec 20 2025 - Jan 3 2026"),
        ((2025, 12, 20), (2026, 12, 20), None, "Dec 20 2025 - Dec 20 2026"),
        ((987, 2, 28), (987, 3, 1), None, "Feb 28 - Mar 1 0987"),
    ],
)
def test_a_range_of_days_names_a_shared_month_or_year_once(
    first: tuple[int, int, int], last: tuple[int, int, int], year: int | None, expected: str
) -> None:
    """A month or a year that both days share is named once, a year that is known not at all."""
    assert render_days(date(*first), date(*last), year=year) == expected


def test_months_are_english_whatever_the_locale() -> None:
    """All twelve, in three letters."""
    months = " ".join(render_day(date(2026, month, 1), with_year=False).split()[0] for month in range(1, 13))
    assert months == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@pytest.mark.parametrize(
    ("gap", "year", "expected"),
    [
        (Gap(1), None, "~ 1 message\n"),
        (Gap(12), 2026, "~ 12 messages\n"),
        (Gap(12, APRIL_20, date(2026, 4, 24)), 2026, "~ 12 messages, Apr 20 - 24\n"),
        (Gap(12, APRIL_20, date(2026, 4, 24)), 2025, "~ 12 messages, Apr 20 - 24 2026\n"),
        (Gap(12, APRIL_20, None), 2026, "~ 12 messages\n"),
        (Gap(12, at=0), 2026, "~ 12 messages [0]\n"),
        (Gap(12, APRIL_20, APRIL_20, at=40), 2026, "~ 12 messages, Apr 20 [40]\n"),
    ],
)
def test_a_stretch_left_out_says_how_much_of_when(gap: Gap, year: int | None, expected: str) -> None:
    """Its days only where both are known, and where in the window it begins, for the cursor that reads it."""
    assert render_gap(gap, year) == expected


@pytest.mark.parametrize(
    ("footer", "expected"),
    [
        (More("AQx9", 1), "More: 1 older. next_cursor: AQx9"),
        (More("AQx9", 32), "More: 32 older. next_cursor: AQx9"),
        (More("AQx9"), "More: older messages. next_cursor: AQx9"),
        (End(), "No older messages."),
        (End("asked"), "Nothing older was asked for."),
        (End("stopped"), "Older messages could not be reached."),
    ],
)
def test_the_last_line_says_how_it_goes_on(footer: Footer, expected: str) -> None:
    """With a cursor, or that there is nothing more, or that no more was asked for."""
    assert render_footer(footer) == expected


def test_entries_come_in_pieces_that_can_be_counted_alone() -> None:
    """A line of ours is one piece, a message is two: what stands before its text, and the text."""
    entries = (Day(APRIL_20), Line("A", "hi\nyou", time="09:00"), Line("A", "there"), Gap(2), Line("A", "so"))
    assert list(render_entries(entries, None)) == [
        "# Apr 20 2026\n",
        "09:00 A:",
        " hi\n you\n",
        "-",
        " there\n",
        "~ 2 messages\n",
        "A:",
        " so\n",
    ]


def test_the_head_ends_where_the_first_entry_begins() -> None:
    """Banner, legend, figures, notes: a line each. Who has no profile to show has a dash."""
    transcript = Transcript(
        header=Header(shown=1),
        entries=(),
        footer=End(),
        speakers=(Speaker(">", "Jane", "in/jane"), Speaker("<", "John", me=True)),
        notes=("One.", "Two."),
        banner="SANDBOX",
    )
    assert render_preamble(transcript) == ("SANDBOX\n> in/jane Jane\n< (me) - John\n1 message, UTC.\n! One.\n! Two.\n")


def test_the_cursor_of_the_window_stands_above_the_last_line() -> None:
    """Where there is one; the last line is the last."""
    transcript = Transcript(header=Header(shown=0), entries=(), footer=More("AQx9"))
    assert render_closing(transcript) == "More: older messages. next_cursor: AQx9"
    with_window = replace(transcript, window_cursor="AgQ")
    assert render_closing(with_window) == "window_cursor: AgQ\nMore: older messages. next_cursor: AQx9"
