"""Days, times and years in whole transcripts: what is undated, where a year turns, and where clocks change."""

import pytest

from tests.support.answers import said, transcript
from tests.support.conversations import JANE, JOHN


def test_undated_messages_stand_where_the_api_put_them() -> None:
    """They show that the time is unknown, and what follows shows its day again."""
    messages = [
        said(None, JANE, "Once"),
        said("2026-04-20T09:00Z", JOHN, "Then"),
        said(None, JANE, "Some time"),
        said(None, JANE, "Another"),
        said("2026-04-20T09:30Z", JOHN, "Now"),
    ]
    assert transcript(messages)[2:] == [
        "5 messages, Apr 20 2026, UTC. Last: < 7 days ago. 0 credits.",
        "??:?? > Once",
        "# Apr 20",
        "09:00 < Then",
        "??:?? > Some time",
        "??:?? > Another",
        "# Apr 20",
        "09:30 < Now",
        "No older messages.",
    ]
    assert transcript(messages[:1]) == [
        "> in/jane-doe-42 Jane Doe",
        "1 message, UTC. 0 credits.",
        "??:?? > Once",
        "No older messages.",
    ]


def test_a_time_that_goes_back_is_shown() -> None:
    """A line without a time is from the minute of the line above, or later, whatever order the API keeps."""
    moments = ["09:40", "09:50", "09:10", "09:10", "09:20"]
    assert transcript([said(f"2026-04-20T{moment}Z") for moment in moments])[2:-1] == [
        "# Apr 20",
        "09:40 > ok",
        "> ok",
        "09:10 > ok",
        "> ok",
        "> ok",
    ]


def test_a_year_is_named_where_it_changes() -> None:
    """The first is in the figures; the same year is never said twice in a row."""
    messages = [
        said("2024-12-30T09:00Z"),
        said("2024-12-31T09:00Z"),
        said("2025-01-01T09:00Z"),
        said("2025-06-01T09:00Z"),
        said("2026-01-01T09:00Z"),
    ]
    lines = transcript(messages)
    assert lines[1].startswith("5 messages, Dec 30 2024 - Jan 1 2026, UTC.")
    assert [line for line in lines if line.startswith("#")] == [
        "# Dec 30",
        "# Dec 31",
        "# Jan 1 2025",
        "# Jun 1",
        "# Jan 1 2026",
    ]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", ["# Oct 24", "21:59 > ok", "22:00 > ok", "# Oct 25", "00:30 > ok", "01:10 > ok", "02:05 > ok"]),
        # Clocks go back at 01:00 UTC: 02:30 and 02:10 are one clock hour, of which one time is shown.
        ("Europe/Berlin", ["# Oct 24", "23:59 > ok", "# Oct 25", "00:00 > ok", "02:30 > ok", "> ok", "03:05 > ok"]),
        ("Asia/Kathmandu", ["# Oct 25", "03:44 > ok", "> ok", "06:15 > ok", "> ok", "07:50 > ok"]),
    ],
)
def test_days_and_times_are_those_of_the_zone(zone: str, expected: list[str]) -> None:
    """Across midnight, where an hour comes twice, and in a zone that is off by a quarter of one."""
    moments = ["24T21:59", "24T22:00", "25T00:30", "25T01:10", "25T02:05"]
    lines = transcript([said(f"2026-10-{moment}Z") for moment in moments], zone=zone)
    assert lines[2:-1] == expected
    assert f", {zone}." in lines[1]


def test_the_hour_that_is_skipped_in_spring_is_not_shown() -> None:
    """A minute after 01:59 it is 03:00 in Berlin."""
    messages = [said("2026-03-29T00:59Z"), said("2026-03-29T01:00Z")]
    assert transcript(messages, zone="Europe/Berlin")[2:-1] == ["# Mar 29", "01:59 > ok", "03:00 > ok"]
