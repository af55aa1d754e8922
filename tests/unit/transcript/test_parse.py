"""What is read back from a transcript, and what is refused as none."""

from datetime import date

import pytest

from mcp_server.transcript.grammar import (
    UNDATED,
    Day,
    End,
    Gap,
    Header,
    Latest,
    Line,
    More,
    Part,
    Speaker,
    Transcript,
)
from mcp_server.transcript.parse import NotATranscript, parse
from mcp_server.transcript.render import render

# A text stands behind a space even where it is empty: `␠` makes such a space visible.
WRITTEN = """\
SANDBOX: made-up conversation
A company/acme Acme
B (me) - John
30 of 55 messages (4 whole, 2 shortened, 24 left out), Dec 20 2025 - Jan 3 2026, Etc/GMT+3. \
Last: B 2 days ago, A to answer. Unread: 0. Last message read by recipient. 1 credit. Focus: "so. Unread: 7."
! A note.
# Dec 20
09:00 A: hi
 you
-[shared post] there
-␠
~ 12 messages, Dec 21 - 24 [40]
~ 12 messages, Dec 25 2025 - Jan 1 2026
# Jan 3 2026
??:?? ?(no text)␠
23:59 B:~[x; characters 1-9 of 20] so [..]
window_cursor: AgQ-_
More: 20 older. next_cursor: AQx9-_""".replace("␠", " ")
HEAD = "1 message, Apr 20 2026, UTC."
FOOT = "No older messages."


def test_every_kind_of_line_is_read_back() -> None:
    """One transcript with every kind of line, in values."""
    transcript = parse(WRITTEN)
    assert transcript == Transcript(
        banner="SANDBOX: made-up conversation",
        speakers=(Speaker("A", "Acme", "company/acme"), Speaker("B", "John", me=True)),
        header=Header(
            shown=4,
            shortened=2,
            omitted=24,
            total=55,
            first=date(2025, 12, 20),
            last=date(2026, 1, 3),
            timezone="Etc/GMT+3",
            latest=Latest("B", "2 days ago", awaited="A"),
            unread=0,
            read_by_recipient=True,
            credits=1,
            focus='"so. Unread: 7."',
        ),
        notes=("A note.",),
        entries=(
            Day(date(2025, 12, 20)),
            Line("A", "hi\nyou", time="09:00"),
            Line("A", "there", kind="shared post"),
            Line("A", ""),
            Gap(12, date(2025, 12, 21), date(2025, 12, 24), at=40),
            Gap(12, date(2025, 12, 25), date(2026, 1, 1)),
            Day(date(2026, 1, 3)),
            Line("?", "", time=UNDATED),
            Line("B", "so [..]", time="23:59", kind="x", part=Part(1, 9, 20), shortened=True),
        ),
        footer=More("AQx9-_", older=20),
        window_cursor="AgQ-_",
    )


def test_what_was_read_is_written_the_same() -> None:
    """But for an empty text, which is always marked as such."""
    assert render(parse(WRITTEN)) == WRITTEN.replace("\n- \n", "\n-(no text) \n")


@pytest.mark.parametrize("footer", [More("AQx9"), More("AQx9", 1), End(), End("asked"), End("stopped")])
def test_every_kind_of_footer_is_read_back(footer: More | End) -> None:
    """Each of the ways a transcript can end."""
    transcript = Transcript(Header(shown=0), (), footer)
    assert parse(render(transcript)) == transcript


@pytest.mark.parametrize("text", ["", "hello", "SANDBOX\nhello", "> in/jane Jane", "0 messages."])
def test_a_text_without_a_summary_is_no_transcript(text: str) -> None:
    """Whatever else it holds."""
    with pytest.raises(NotATranscript, match="no summary line"):
        parse(text)


@pytest.mark.parametrize("footer", ["", "More: 3 older.", "no older messages.", " No older messages."])
def test_a_text_without_a_footer_is_no_transcript(footer: str) -> None:
    """A transcript that was cut short is not taken for a whole one."""
    with pytest.raises(NotATranscript, match="no footer"):
        parse(f"{HEAD}\n{footer}")


def test_gaps_without_the_space_are_read() -> None:
    """Like those of a transcript that a tool has tidied."""
    text = "3 messages, Apr 20 2026, UTC.\n~ 3 messages [2]\nNo older messages."
    assert parse(text) == parse(text.replace("~ ", "~"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("hello", "not an entry"),
        ("", "not an entry"),
        (" nobody said this", "not an entry"),
        (">", "not an entry"),
        ("9:00 > hi", "not an entry"),
        ("\u0660\u0669:\u0660\u0660 > hi", "not an entry"),
        ("~ \u0663 messages", "not an entry"),
        ("ABCD: hi", "not an entry"),
        ("- hi", "'-' without a line above it"),
        ("# Apr 20\n- hi", "'-' without a line above it"),
        ("# Foo 20", "not a day"),
        ("# Apr", "not a day"),
        ("# Apr 31", "not a day"),
        ("~ 3 messages, Apr 31 - 32", "not a day"),
        ("~ 3 messages [n]", "not an entry"),
        ("window_cursor: AgQ\n~ 3 messages", "not an entry"),
    ],
)
def test_a_line_that_is_none_of_ours_is_refused(line: str, reason: str) -> None:
    """Nothing is skipped, and the error quotes no more than the beginning."""
    with pytest.raises(NotATranscript, match=reason):
        parse(f"{HEAD}\n{line}\n{FOOT}")


def test_a_day_needs_a_year_from_somewhere() -> None:
    """Its own, the figures' or the last one named."""
    with pytest.raises(NotATranscript, match="without a year"):
        parse(f"1 message, UTC.\n# Apr 20\n{FOOT}")
    transcript = parse(f"1 message, UTC.\n# Apr 20 2026\n# May 1\n{FOOT}")
    assert transcript.entries == (Day(date(2026, 4, 20)), Day(date(2026, 5, 1)))


@pytest.mark.parametrize(
    ("phrase", "read"), [("Seen.", True), ("Seen Jan 2 2026.", True), ("Not seen.", False), ("", None)]
)
def test_the_reading_marks_of_older_versions_are_still_understood(phrase: str, read: bool | None) -> None:
    """Older transcripts do not say whose reading it was; their day is dropped."""
    old = f"> - Jane\n1 message, UTC. {phrase}\n> hi\nNo older messages.".replace("UTC. \n", "UTC.\n")
    assert parse(old).header.read_by_recipient is read
