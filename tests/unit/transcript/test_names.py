"""Transcripts whose lines begin with first names."""

from mcp_server.conversation.models import Participant
from mcp_server.transcript.parse import parse
from mcp_server.transcript.render import render
from tests.support.answers import said, transcript
from tests.support.conversations import JANE, JOHN


def test_first_names_can_say_who_wrote_a_line() -> None:
    """In every line, also of a group; people without a usable one get letters, and the owner is last in the legend."""
    member = Participant("in/x1", "LinkedIn Member", "in/x1")
    messages = [
        said("2026-04-20T09:00Z", JANE, "Shall we start?"),
        said("2026-04-20T09:01Z", JANE, "שלום"),
        said("2026-04-20T09:02Z", JOHN, "Worth a read", "SHARED_POST"),
        said("2026-04-20T09:03Z", member, "Yes"),
        said("2026-04-20T09:04Z", None, "Who?"),
        said("2026-04-20T09:05Z", JOHN, ""),
    ]
    labels = {JANE.key: "Jane", JOHN.key: "John", member.key: "A"}
    lines = transcript(messages, self_profile=JANE.profile, labels=labels)
    assert lines == [
        "John: in/john-smith-99 John Smith",
        "A in/x1 LinkedIn Member",
        "Jane: (me) in/jane-doe-42 Jane Doe",
        "6 messages, Apr 20 2026, UTC. Last: John 7 days ago. 0 credits.",
        "# Apr 20",
        "09:00 Jane Shall we start?",
        "Jane שלום",
        "John[shared post] Worth a read",
        "A: Yes",
        "? Who?",
        "John(no text) ",
        "No older messages.",
    ]
    assert render(parse("\n".join(lines))) == "\n".join(lines)


def test_first_names_say_who_owes_an_answer() -> None:
    """Between two people."""
    messages = [said("2026-04-26T09:00Z", JOHN, "And?"), said("2026-04-27T09:01Z", JANE, "No.")]
    labels = {JANE.key: "Jane", JOHN.key: "John"}
    lines = transcript(messages, other_profile=JANE.profile, labels=labels)
    assert lines[:3] == [
        "Jane: in/jane-doe-42 Jane Doe",
        "John: (me) in/john-smith-99 John Smith",
        "2 messages, Apr 26 - 27 2026, UTC. Last: Jane 5 hours ago, John to answer. 0 credits.",
    ]
