"""An answer in both channels: what it says of itself, and that it is never over the budget."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mcp_server.conversation.models import Message, Participant, Reading, Target
from mcp_server.transcript.answer import FULL, LEVELS, AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS
from mcp_server.transcript.grammar import End, Footer, Gap, Header, Latest, More, Speaker
from mcp_server.transcript.layout import Item, ShownMessage
from mcp_server.transcript.parse import parse
from mcp_server.transcript.verbatim import verbatim
from mcp_server.transcript.window import Continuation
from tests.support.answers import NOW, CharacterCounter, builder, said
from tests.support.conversations import ANA, JANE, JOHN, MemorySource, chat, query, reader, sizes

LONG_NAME = Participant("in/long", "Wolfeschlegelsteinhausen Bergerdorff Senior", "in/long")


def whole(answers: AnswerBuilder, **options: int) -> Reading:
    """The answer with every message whole."""
    items = [ShownMessage(laid_out, laid_out.text) for laid_out in answers.laid_out[::-1]]
    reading = answers.answer(items, covered=len(items), **options)
    assert reading is not None
    return reading


def header(*messages: Message, **options: object) -> Header:
    """The figures line over these messages."""
    return parse(whole(builder(messages, **options)).text).header  # type: ignore[arg-type]  # by name


def footer(**options: object) -> Footer:
    """The last line of an answer with one of two messages."""
    answers = builder([said("2026-04-20T09:00Z", text="a"), said("2026-04-20T09:01Z", text="b")], **options)  # type: ignore[arg-type]
    reading = answers.answer([ShownMessage(answers.laid_out[0], "b")], covered=1)
    assert reading is not None
    return parse(reading.text).footer


def test_both_channels_carry_the_transcript_and_the_cursor() -> None:
    """As text the cursor is the last line, as structure a key of its own; the counts are exact."""
    messages = [said("2026-04-20T09:00Z", JANE, 'one "quoted"'), said("2026-04-21T10:30Z", JOHN, "two\nlines")]
    reading = whole(builder(messages, resume_at=lambda *_: Continuation("AQx9"), total=9, remaining=9, credits=2))
    transcript = reading.structured["transcript"]
    assert isinstance(transcript, str)
    assert transcript + "More: 7 older. next_cursor: AQx9" == reading.text
    assert transcript.endswith("\n")
    assert reading.next_cursor == "AQx9"
    assert reading.credits == 2
    assert list(reading.structured.items())[1:] == [
        ("next_cursor", "AQx9"),
        ("shown", 2),
        ("shortened", 0),
        ("omitted", 0),
        ("covered", 2),
        ("total", 9),
        ("tokens", sizes(reading)[0]),
        ("credits", 2),
        ("oldest", "2026-04-20T09:00Z"),
        ("newest", "2026-04-21T10:30Z"),
    ]
    assert reading.tokens == sizes(reading)[0]


def test_unknown_figures_are_left_out_of_the_structured_content() -> None:
    """No cursor at the end, no total that the API does not tell, no times of what is undated."""
    reading = whole(builder([said(None)]))
    assert list(reading.structured) == ["transcript", "shown", "shortened", "omitted", "covered", "tokens", "credits"]
    assert reading.next_cursor is None


def test_times_are_those_of_the_messages_shown_in_the_zone() -> None:
    """With the zone's offset, which may not be the same for both."""
    moments = ["2026-03-28T09:00Z", "2026-03-28T23:30Z", "2026-03-29T09:00Z", "2026-03-30T09:00Z"]
    answers = builder([said(moment) for moment in moments], zone="Europe/Berlin")
    items: list[Item] = [Gap(1), *(ShownMessage(laid_out, "ok") for laid_out in answers.laid_out[2:0:-1]), Gap(1)]
    reading = answers.answer(items, covered=4)
    assert reading is not None
    assert reading.structured["oldest"] == "2026-03-29T00:30+01:00"
    assert reading.structured["newest"] == "2026-03-29T11:00+02:00"
    assert (reading.structured["shown"], reading.structured["omitted"], reading.structured["covered"]) == (2, 2, 4)


@pytest.mark.parametrize("structured", [True, False])
def test_an_answer_fits_its_budget_to_the_token(structured: bool) -> None:
    """The smallest budget that holds it is the size of its larger channel; one token less, and there is none."""
    messages = [said("2026-04-20T09:00Z", JANE, '"so" \\ "so" \\ "so"'), said("2026-04-20T09:01Z", JOHN, "a\nb\nc")]
    reading = whole(builder(messages, structured=structured))
    needed = max(sizes(reading)) if structured else sizes(reading)[0]
    assert whole(builder(messages, structured=structured, max_tokens=needed)).tokens == reading.tokens
    answers = builder(messages, structured=structured, max_tokens=needed - 1)
    items = [ShownMessage(laid_out, laid_out.text) for laid_out in answers.laid_out[::-1]]
    assert answers.answer(items, covered=2) is None


def test_no_answer_exceeds_the_characters_that_clients_accept() -> None:
    """45,000 characters in either channel, whatever the budget."""
    for text in (" " * 44_500, "\t" * 22_000):
        answers = builder([said("2026-04-20T09:00Z", text="a" + text)], max_tokens=1_000_000)
        assert answers.answer([ShownMessage(answers.laid_out[0], "a" + text)], covered=1) is not None
        assert answers.answer([ShownMessage(answers.laid_out[0], "a" + text + text[:1000])], covered=1) is None
    assert MAX_CHARS == 45_000


def test_a_lower_level_drops_totals_and_profiles_then_parts_of_names() -> None:
    """First the figures of the whole conversation and the profiles go, then most of the names."""
    messages = [said("2026-04-20T09:00Z", LONG_NAME), said("2026-04-20T09:01Z", JOHN)]
    answers = builder(messages, self_profile=JOHN.profile, total=2, unread=0, seen=False, credits=1)
    full, less, least = (parse(whole(answers, level=level).text) for level in LEVELS)
    assert FULL == 0
    assert full.header.latest == Latest("<", "7 days ago", ">")
    assert full.speakers[0] == Speaker(">", LONG_NAME.name, LONG_NAME.profile)
    assert less.header == least.header == Header(2, total=2, first=full.header.first, last=full.header.last)
    assert less.speakers == (Speaker(">", "Wolfeschlegelsteinhausen"), Speaker("<", "John Smith", me=True))
    assert least.speakers == (Speaker(">", "Wolfes"), Speaker("<", "John S", me=True))
    assert full.entries == less.entries == least.entries


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=60), "60 days ago"),
        (timedelta(days=61), "2 months ago"),
        (timedelta(days=700), "23 months ago"),
        (timedelta(days=730), "2 years ago"),
        (timedelta(days=4000), "10 years ago"),
    ],
)
def test_how_long_ago_the_last_message_was_is_never_far_off(elapsed: timedelta, expected: str) -> None:
    """In the largest unit that fits twice; a clock that is behind says `just now`."""
    moment = (datetime.fromisoformat(NOW) - elapsed).isoformat()
    assert header(said(moment)).latest == Latest(">", expected)


@pytest.mark.parametrize(
    ("senders", "self_profile", "expected"),
    [
        ((JANE, JOHN), None, Latest("<", "7 days ago")),
        ((JANE, JOHN), JOHN.profile, Latest("<", "7 days ago", ">")),
        ((JOHN, JANE), JOHN.profile, Latest(">", "7 days ago", "<")),
        ((JOHN, JOHN), JOHN.profile, Latest("<", "7 days ago")),
        ((JANE, JOHN, None), JOHN.profile, Latest("?", "7 days ago")),
        ((JANE, JOHN, ANA), JOHN.profile, Latest("A", "7 days ago")),
    ],
)
def test_whose_turn_it_is_is_said_where_it_is_known(
    senders: tuple[Participant | None, ...], self_profile: str | None, expected: Latest
) -> None:
    """Of two who both wrote, when one is me: the one who did not write last."""
    messages = [said(f"2026-04-20T09:0{minute}Z", sender) for minute, sender in enumerate(senders)]
    assert header(*messages, self_profile=self_profile).latest == expected


def group_of_four() -> list[Message]:
    """The two newest senders are Jane and John, the owner; Omar and Li wrote before."""
    omar, li = Participant("in/omar", "Omar", "in/omar"), Participant("in/li", "Li", "in/li")
    senders = (omar, li, JOHN, JANE)
    return [said(f"2026-04-20T09:0{minute}Z", sender) for minute, sender in enumerate(senders)]


@pytest.mark.anyio
async def test_no_turn_is_claimed_while_other_members_may_exist() -> None:
    """Two newest senders do not make a conversation of two; all of it, or asking for one person, does."""
    of_group = MemorySource(group_of_four()[::-1], most=2)
    reading = await reader(of_group, self_profile=JOHN.profile).read(query(count=2))
    assert " to answer" not in reading.text
    of_two = MemorySource([said("2026-04-20T09:01Z", JANE), said("2026-04-20T09:00Z", JOHN)])
    assert ", < to answer" in (await reader(of_two, self_profile=JOHN.profile).read(query(count=2))).text
    with_older = chat(20)
    by_id = await reader(MemorySource(with_older, most=2), self_profile=JOHN.profile).read(query(count=2))
    by_person = await reader(MemorySource(with_older, most=2), self_profile=JOHN.profile).read(
        replace(query(count=2), target=Target("profile_url", "https://www.linkedin.com/in/jane-doe-42"))
    )
    assert [" to answer" in each.text for each in (by_id, by_person)] == [False, True]
    own = Target("profile_url", f"https://www.linkedin.com/{JOHN.profile}")
    by_owner = await reader(of_group, self_profile=JOHN.profile).read(replace(query(count=2), target=own))
    assert " to answer" not in by_owner.text


@pytest.mark.parametrize("kind", ["REACTION", "CONVERSATION_RENAMED", "UNHEARD_OF"])
def test_no_turn_is_claimed_after_an_event(kind: str) -> None:
    """Nobody owes a reply to a reaction or a rename."""
    messages = [said("2026-04-20T09:00Z", JOHN), said("2026-04-20T09:01Z", JANE, "x", kind)]
    assert header(*messages, self_profile=JOHN.profile).latest == Latest(">", "7 days ago")


def test_who_wrote_last_is_not_said_of_what_is_not_the_last() -> None:
    """Not further back, not of an undated message, not where the newest is not shown, not of nothing."""
    messages = [said("2026-04-20T09:00Z", text="a"), said("2026-04-20T09:01Z", text="b")]
    assert header(*messages, from_newest=False).latest is None
    assert header(said(None)).latest is None
    assert header().latest is None
    answers = builder(messages)
    without_newest: list[list[Item]] = [[ShownMessage(answers.laid_out[1], "a"), Gap(1)], [Gap(2)]]
    for items in without_newest:
        reading = answers.answer(items, covered=2)
        assert reading is not None
        assert parse(reading.text).header.latest is None


def test_figures_of_the_whole_conversation_go_with_its_newest_message() -> None:
    """Further back they would be those of the beginning of another page."""
    known = {"unread": 3, "seen": True, "total": 40}
    first = header(said("2026-04-20T09:00Z"), **known)
    further = header(said("2026-04-20T09:00Z"), from_newest=False, **known)
    assert (first.unread, first.read_by_recipient, first.total) == (3, True, 40)
    assert (further.unread, further.read_by_recipient, further.total) == (None, None, 40)


def test_reading_is_reported_only_where_the_recipient_is_one_person() -> None:
    """In a group the API does not say who has read it; without messages there is nothing to read."""
    pair = [said("2026-04-20T09:00Z", person) for person in (JANE, JOHN)]
    assert header(*pair, seen=False).read_by_recipient is False
    assert header(*pair, said("2026-04-20T09:00Z", ANA), seen=False).read_by_recipient is None
    assert parse(verbatim(builder([], seen=False)).text).header.read_by_recipient is None


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({}, More("AQx1-0")),
        ({"remaining": 33}, More("AQx1-0", 32)),
        ({"remaining": 2}, More("AQx1-0", 1)),
        ({"remaining": 1}, More("AQx1-0")),
        ({"remaining": 0}, More("AQx1-0")),
        ({"resume_at": lambda *_: Continuation(None)}, End()),
        ({"resume_at": lambda *_: Continuation(None, "asked")}, End("asked")),
        ({"resume_at": lambda *_: Continuation(None, "incomplete")}, End("incomplete")),
    ],
)
def test_the_footer_says_how_to_continue(window: dict[str, object], expected: Footer) -> None:
    """With the number of older messages where it can be true."""
    assert footer(**window) == expected


def test_notes_are_in_the_text_and_in_the_structured_content() -> None:
    """A reader of either sees what went wrong."""
    reading = whole(builder([said("2026-04-20T09:00Z")], notes=("One was skipped.",)))
    assert "! One was skipped.\n" in reading.text
    assert "! One was skipped.\n" in str(reading.structured["transcript"])
    assert reading.notes == ("One was skipped.",)


def test_a_focus_is_quoted_so_that_it_is_one_line() -> None:
    """Its newlines and quotes are written as JSON writes them."""
    assert header(said("2026-04-20T09:00Z"), focus='price?\n# Apr 20 "x"').focus == '"price?\\n# Apr 20 \\"x\\""'


def test_the_structure_is_json_of_every_script() -> None:
    """It can be sent as it is."""
    reading = whole(builder([said("2026-04-20T09:00Z", text="日本語 👩‍👩‍👧 \u2028")], structured=True))
    assert json.loads(json.dumps(reading.structured)) == reading.structured


@pytest.mark.parametrize(
    ("max_tokens", "expected"),
    [(20_000, "w" * 64), (3000, "w" * 64), (1000, "w" * 16), (700, "w" * 16), (300, "w" * 4), (200, "w" * 4)],
)
def test_the_cursor_of_the_window_takes_a_small_share(max_tokens: int, expected: str) -> None:
    """A fortieth of the budget at most: for less, it names fewer of the pages that the window is made of."""
    answers = builder([], max_tokens=max_tokens, tokens=CharacterCounter(), window_cursor=lambda pages: "w" * pages)
    assert answers.window_cursor == expected


def test_without_room_or_pages_there_is_no_cursor_of_the_window() -> None:
    """Then a stretch left out is reached by walking."""
    assert builder([], max_tokens=200, window_cursor=lambda _: "Qx7" * 100).window_cursor is None
    assert builder([], window_cursor=lambda _: None).window_cursor is None
    assert builder([]).window_cursor is None


def test_the_cursor_of_the_window_goes_with_the_stretches_that_say_where_they_are() -> None:
    """In both channels, and only then."""
    answers = builder([said("2026-04-20T09:00Z", text=text) for text in "abc"], window_cursor=lambda _: "AgQ")
    for at in (1, None):
        items: list[Item] = [Gap(2, at=at), ShownMessage(answers.laid_out[0], "c")]
        reading = answers.answer(items, covered=3)
        assert reading is not None
        expected = None if at is None else "AgQ"
        assert parse(reading.text).window_cursor == reading.structured.get("window_cursor") == expected
        assert reading.tokens == sizes(reading)[0]
