"""Who gets which mark, where a message stands in the calendar, and what a line needs in front of it."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Participant
from mcp_server.transcript.grammar import UNDATED, Day, Gap, Line, Part, Speaker
from mcp_server.transcript.layout import (
    Calendar,
    Item,
    LaidOutMessage,
    Legend,
    ShownMessage,
    can_be_answered,
    entries,
    lay_out,
    line_prefix,
    tag_of,
)
from tests.support.answers import said
from tests.support.conversations import ANA, JANE, JOHN

CALENDAR = Calendar(ZoneInfo("UTC"))
ACME = Participant("company/acme", "Acme", "company/acme")
APRIL_20, APRIL_21 = date(2026, 4, 20), date(2026, 4, 21)


def legend(*people: Participant | None, self_profile: str | None = None, other_profile: str | None = None) -> Legend:
    """The legend of a conversation that these people take part in."""
    messages = [said("2026-04-20T09:00Z", person) for person in people]
    return Legend.of(messages, self_profile=self_profile, other_profile=other_profile)


def laid_out(*moments: str | None, mark: str = ">") -> list[LaidOutMessage]:
    """Messages of these moments, laid out in UTC, all with one mark."""
    people = {">": (JANE,), "A": (ANA, JANE, JOHN)}[mark]
    sender = people[0]
    return lay_out([said(moment, sender) for moment in moments], legend(*people), CALENDAR)


@pytest.mark.parametrize(
    ("people", "self_profile", "other_profile", "expected"),
    [
        ((), None, None, {}),
        ((), "in/jane-doe-42", "in/ana", {}),
        ((None,), None, None, {}),
        ((JANE,), None, None, {"jane-doe-42": ">"}),
        ((JANE,), "in/jane-doe-42", None, {"jane-doe-42": "<"}),
        ((JANE,), None, "in/jane-doe-42", {"jane-doe-42": ">"}),
        ((JANE,), None, "in/john-smith-99", {"jane-doe-42": ">"}),
        ((JOHN, JANE), None, None, {"jane-doe-42": ">", "john-smith-99": "<"}),
        ((JOHN, None, JANE), "in/Jane-Doe-42", None, {"john-smith-99": ">", "jane-doe-42": "<"}),
        ((JOHN, JANE), None, "in/john-smith-99", {"john-smith-99": ">", "jane-doe-42": "<"}),
        ((JOHN, JANE), None, "in/somebody", {"jane-doe-42": ">", "john-smith-99": "<"}),
        ((JOHN, JANE), "in/renamed", "in/john-smith-99", {"john-smith-99": ">", "jane-doe-42": "<"}),
        ((ACME, JOHN), None, "in/john-smith-99", {"john-smith-99": ">", "acme": "<"}),
        (
            (JOHN, JANE),
            "in/john-smith-99",
            "in/john-smith-99",
            {"jane-doe-42": ">", "john-smith-99": "<"},
        ),
        (
            (JOHN, JANE, ANA),
            "in/ana",
            None,
            {"ana": "A", "jane-doe-42": "B", "john-smith-99": "C"},
        ),
    ],
)
def test_every_participant_has_a_mark(
    people: tuple[Participant | None, ...],
    self_profile: str | None,
    other_profile: str | None,
    expected: dict[str, str],
) -> None:
    """Two sides `>` and `<`, the account's owner `<` where known; more than two, letters; unknown ones none."""
    marks = legend(*people, self_profile=self_profile, other_profile=other_profile).marks
    assert {key.rpartition("/")[2]: mark for key, mark in marks.items()} == expected


def test_marks_do_not_depend_on_who_writes_first() -> None:
    """The same people have the same marks in every answer."""
    assert legend(ANA, JANE, JOHN) == legend(JOHN, ANA, JANE, None, ANA)
    assert legend(JANE, JOHN) == legend(JOHN, JANE)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"self_profile": JANE.profile}, "<"),
        ({"other_profile": JANE.profile}, "<"),
        ({"other_profile": JANE.profile, "self_profile": JOHN.profile}, "<"),
        ({"other_profile": JANE.profile, "self_profile": "in/neither"}, None),
        ({"self_profile": "in/neither"}, None),
    ],
)
def test_only_the_owners_profile_is_me(options: dict[str, str], expected: str | None) -> None:
    """A sender who is not the requested person is the owner only while the owner's profile is unknown."""
    assert legend(JANE, JOHN, **options).my_mark == expected


@pytest.mark.parametrize("sender", [ACME, Participant("name:Alerts", "Alerts")], ids=["organisation", "no profile"])
def test_a_sender_without_a_persons_profile_is_never_me_by_elimination(sender: Participant) -> None:
    """It may be the site itself, whose words would be put into the owner's mouth."""
    assert legend(JANE, sender, other_profile=JANE.profile).my_mark is None


def test_nobody_of_a_group_is_me_because_another_was_asked_for() -> None:
    """Of three people, two were not asked for."""
    assert legend(JANE, JOHN, ANA, other_profile=JANE.profile).my_mark is None


def test_the_legend_names_those_who_are_wanted_and_me_last() -> None:
    """In the order of their marks, `Z` before `AA`."""
    both = legend(JANE, JOHN, self_profile=JANE.profile)
    assert both.speakers([">", "<", ">", "?"]) == (
        Speaker(">", "John Smith", JOHN.profile),
        Speaker("<", "Jane Doe", JANE.profile, me=True),
    )
    assert both.speakers(["<"]) == (Speaker("<", "Jane Doe", JANE.profile, me=True),)
    crowd = legend(*(Participant(f"name:{number:03}", f"Person {number}") for number in range(60)))
    speakers = crowd.speakers(crowd.marks.values())
    assert [speaker.mark for speaker in speakers][:3] == ["A", "B", "C"]
    assert [speaker.mark for speaker in speakers][24:29] == ["Y", "Z", "AA", "AB", "AC"]
    assert speakers[-1] == Speaker("BH", "Person 59")


def test_marks_of_a_crowd_are_all_different() -> None:
    """A thousand people need three letters."""
    marks = set(legend(*(Participant(f"name:{number}", "Sam") for number in range(1000))).marks.values())
    assert len(marks) == 1000
    assert max(len(mark) for mark in marks) == 3


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("TEXT", None),
        ("", None),
        ("SHARED_POST", "shared post"),
        ("text", "text"),
        ("__InMail--Reply__", "inmail reply"),
        ("]\n> x", "x"),
        ("; characters 1-2 of 3", "characters 1 2 of 3"),
        ("[]:;", None),
        ("ПРИВЕТ", "привет"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_type_becomes_a_tag_of_plain_words(kind: str, expected: str | None) -> None:
    """Types are an open set: known and unknown ones are named, and none can hold structure."""
    assert tag_of(kind) == expected


def test_a_message_is_placed_on_the_calendar_of_the_zone() -> None:
    """With its mark, its tag, its day and its time; what is undated has neither."""
    messages = [said("2026-04-20T23:30Z", JANE, "hi", "INVITATION"), said(None, None, "ho")]
    late, undated = lay_out(messages, legend(JANE), Calendar(ZoneInfo("Europe/Berlin")))
    assert (late.mark, late.kind, late.day, late.time) == (">", "invitation", APRIL_21, "01:30")
    assert (undated.mark, undated.kind, undated.day, undated.time) == ("?", None, None, UNDATED)


@pytest.mark.parametrize("kind", ["TEXT", "INMAIL", "SHARED_POST", "VOICE_MESSAGE", "EVENT_INVITATION", "text"])
def test_messages_of_known_types_can_be_answered(kind: str) -> None:
    """With text, or with an attachment alone."""
    assert can_be_answered(said(None, JANE, "hi", kind))
    assert can_be_answered(replace(said(None, JANE, ""), tag="2 attachments"))


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "REACTION",
            "MESSAGE_REACTION",
            "CONVERSATION_RENAMED",
            "NAME_UPDATE",
            "PARTICIPANT_LEFT",
            "SYSTEM",
            "UNHEARD_OF",
        ),
        *("INVITATION_ACCEPTED", "MESSAGE_REQUEST_ACCEPTED", "MESSAGE_UNSENT", "POST_LIKED", "SPONSORED_INMAIL"),
    ],
)
def test_events_and_unknown_types_cannot_be_answered(kind: str) -> None:
    """Nor can a text without content."""
    assert not can_be_answered(said(None, JANE, "hi", kind))
    assert not can_be_answered(said(None, JANE, ""))


@pytest.mark.parametrize(
    ("hours_per_time", "expected"),
    [(1, [True, False, False, False]), (4, [True, True, False, False]), (24, [True, True, True, False])],
)
def test_messages_within_a_span_of_hours_share_one_time(hours_per_time: int, expected: list[bool]) -> None:
    """Never over midnight, however wide it is."""
    moments = ["20T20:00", "20T20:59", "20T21:00", "20T19:00", "21T00:00"]
    messages = [said(f"2026-04-{moment}Z") for moment in moments]
    spans = [this.time_slot for this in lay_out(messages, legend(JANE), CALENDAR, hours_per_time=hours_per_time)]
    assert [before == after for before, after in pairwise(spans)] == expected


@pytest.mark.parametrize(
    ("before", "this", "mark", "gap", "expected"),
    [
        (..., "2026-04-20T09:00Z", ">", False, (APRIL_20, "09:00", False)),
        (..., None, ">", False, (None, UNDATED, False)),
        ("2026-04-20T09:00Z", "2026-04-20T09:59Z", ">", False, (None, None, False)),
        ("2026-04-20T09:59Z", "2026-04-20T10:00Z", ">", False, (None, "10:00", False)),
        ("2026-04-20T09:00Z", "2026-04-20T10:01Z", ">", True, (None, "10:01", False)),
        ("2026-04-20T09:00Z", "2026-04-21T09:00Z", ">", True, (APRIL_21, "09:00", False)),
        ("2026-04-20T09:00Z", "2026-04-20T09:01Z", "A", False, (None, None, True)),
        ("2026-04-20T09:00Z", "2026-04-20T10:01Z", "A", True, (None, "10:01", False)),
        ("2026-04-20T09:00Z", "2026-04-21T09:01Z", "A", False, (APRIL_21, "09:01", False)),
        ("2026-04-20T09:00Z", None, "A", False, (None, UNDATED, True)),
        (None, None, "A", False, (None, UNDATED, True)),
        (None, "2026-04-20T09:00Z", "A", False, (APRIL_20, "09:00", False)),
    ],
)
def test_what_a_line_needs_depends_on_the_line_before(
    before: object, this: str | None, mark: str, gap: bool, expected: object
) -> None:
    """A day where it changes, a time where the hour does, a dash for the same one of many (`...`: nothing before)."""
    if before is ...:
        (second,) = laid_out(this, mark=mark)
        assert line_prefix(None, second, gap=gap) == expected
        return
    assert before is None or isinstance(before, str)
    first, second = laid_out(before, this, mark=mark)
    assert line_prefix(first, second, gap=gap) == expected


def test_items_become_days_lines_and_gaps_in_their_order() -> None:
    """In the order of the items; a stretch before all messages changes nothing."""
    first, second = laid_out("2026-04-20T09:00Z", "2026-04-20T10:01Z")
    gap = Gap(3, APRIL_20, APRIL_20)
    items: list[Item] = [
        gap,
        ShownMessage(first, "one", part=Part(1, 3, 9)),
        gap,
        ShownMessage(second, "two", shortened=True),
    ]
    assert entries(items) == (
        gap,
        Day(APRIL_20),
        Line(">", "one", time="09:00", part=Part(1, 3, 9)),
        gap,
        Line(">", "two", time="10:01", shortened=True),
    )
    assert entries([]) == ()


def test_what_a_calendar_remembers_is_bounded() -> None:
    """Fifty thousand moments; then the cache is cleared, with the same results."""
    calendar = Calendar(ZoneInfo("Europe/Berlin"))
    first = calendar.at(0)
    assert first == (date(1970, 1, 1), "01:00", first.hour)
    assert calendar.at(0) is first
    for number in range(1, 50_001):
        calendar.at(number)
    assert calendar.at(0) == first
    assert calendar.at(0) is not first
