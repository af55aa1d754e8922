"""Links stay whole in condensed answers, as long as anything else can be left out."""

import anyio
import pytest

from mcp_server.conversation.models import Reading
from tests.support.conversations import JANE, JOHN, MemorySource, message, query, reader

MEETING = "https://us02web.zoom.us/j/84312345678?pwd=aGVsbG8gd29ybGQgdGhpcyBpcyBhIHBhc3N3b3Jk.1"
OTHER = "https://meet.example.com/rooms/cold-chain/weekly/north?token=b3RoZXIgcGFzc3dvcmQgdG9rZW4"
TRACKING = f"https://click.mail.example.com/tracking/{'a8F3kz9Q' * 95}?utm_source=newsletter"
FOCUS = "meeting link for Thursday"
BUDGETS = (350, 400, 600, 1000, 1500, 3000)


def read(texts: dict[int, str], *, max_tokens: int, focus: str | None = FOCUS, count: int = 80) -> Reading:
    """The answer about 80 messages, of which some have these texts."""
    messages = [
        message(
            number,
            texts.get(
                number, f"We talked about thing {number} again and agreed that it can wait until the next order."
            ),
            sender=(JANE, JOHN)[number % 2],
        )
        for number in range(80)
    ]
    source = MemorySource(messages[::-1])
    return anyio.run(reader(source).read, query(count=count, max_tokens=max_tokens, focus=focus))


@pytest.mark.parametrize("max_tokens", BUDGETS)
@pytest.mark.parametrize(
    "texts",
    [
        {40: f"Here is the meeting link for Thursday: {MEETING}"},
        {40: f"Here is the meeting link for Thursday: {MEETING}", 20: f"The meeting link of the others is {OTHER}"},
        {40: f"The meeting link for Thursday is {MEETING}\nand the one for Friday {OTHER}\n"},
        {40: "Can you send me the meeting link for Thursday?", 41: f"Sure: {MEETING}"},
        {79: f"Here is the meeting link for Thursday: {MEETING}"},
        {0: f"Here is the meeting link for Thursday: {MEETING}"},
        {40: f"{'Nothing new about the order today. ' * 60}Here is the meeting link for Thursday: {MEETING}"},
    ],
)
def test_a_link_that_the_focus_asks_for_is_whole(texts: dict[int, str], max_tokens: int) -> None:
    """In the match, in a second one, in the reply, at either end, in one sentence of many."""
    reading = read(texts, max_tokens=max_tokens)
    for link in (MEETING, OTHER):
        assert (link in reading.text) == any(link in text for text in texts.values())


@pytest.mark.parametrize("max_tokens", BUDGETS)
def test_without_a_focus_other_messages_are_left_out_before_a_link_is_cut(max_tokens: int) -> None:
    """Its message is kept for its rare words, and the link with it."""
    reading = read({40: f"Here is the meeting link for Thursday: {MEETING}"}, max_tokens=max_tokens, focus=None)
    assert MEETING in reading.text


@pytest.mark.parametrize("focus", [FOCUS, None])
@pytest.mark.parametrize("at", [40, 79])
def test_a_very_long_link_is_cut_only_where_it_does_not_fit(at: int, focus: str | None) -> None:
    """Its message stays where the link takes more than the budget, and others then take the room."""
    text = f"Here is the meeting link for Thursday: {TRACKING}"
    whole = [
        budget for budget in range(300, 1500, 50) if TRACKING in read({at: text}, max_tokens=budget, focus=focus).text
    ]
    assert whole == list(range(whole[0], 1500, 50))
    assert read({at: text}, max_tokens=whole[0], focus=focus).text.count("We talked about") <= 5
    cut = read({at: text}, max_tokens=whole[0] - 50, focus=focus)
    assert "Here is the meeting link for Thursday: https://click.mail.example.com/[..]" in cut.text
    assert cut.structured["shortened"] == 1
    assert cut.tokens > 0.85 * (whole[0] - 50)


def test_the_link_of_the_newest_message_makes_room_for_what_the_focus_asks_for() -> None:
    """The newest message is always shown, but its link does not bear on the focus."""
    texts = {79: f"See {TRACKING}", 40: "The price is 45 € per logger, for three years."}
    reading = read(texts, max_tokens=700, focus="What price per logger?")
    assert texts[40] in reading.text
    assert "See https://click.mail.example.com/[..]" in reading.text


def test_a_single_message_with_a_link_longer_than_the_budget_is_shown_with_the_link_cut() -> None:
    """There is nothing else to leave out."""
    text = f"Here is the meeting link for Thursday: {TRACKING}"
    assert "Thursday: https://click.mail.example.com/[..]" in read({79: text}, max_tokens=400, count=1).text
    assert text in read({79: text}, max_tokens=1000, count=1).text


def test_a_message_that_keeps_its_links_counts_as_whole() -> None:
    """Only one with a cut link is marked as shortened."""
    texts = {40: f"Here is the meeting link for Thursday: {MEETING}"}
    assert read(texts, max_tokens=600).structured.get("shortened") == 0
    cut = read({40: f"{texts[40]} and the recording: {TRACKING}"}, max_tokens=600)
    assert f">~ {texts[40]} and the recording: https://click.mail.example.com/[..]" in cut.text
