"""What kind of message each is, and what of it is text."""

import pytest

from mcp_server.archive.pages import message_of
from tests.support.archives import only, opened, read, texts
from tests.support.exports import ERAS, NOBODY, Row, mine
from tests.support.hostile_text import faults

CAMPAIGN = '<p class="spinmail-quill-editor__spin-break">Buy&nbsp;now</p>'


def test_drafts_are_marked_and_no_messages() -> None:
    """Anything but yes, true or 1 is none; a draft makes no conversation newer."""
    flags = ["Yes", "TRUE", "1", "No", "FALSE", "", "maybe"]
    rows = [
        mine(flag, at=f"2026-02-0{9 - number}T07:00:00", cells={"IS MESSAGE DRAFT": flag})
        for number, flag in enumerate(flags)
    ]
    archive = opened(*rows, Row(at="2026-02-01T00:00:00"))
    assert [message.text for message in read(archive).messages if message.draft] == ["Yes", "TRUE", "1"]
    assert read(archive).messages[0].tag == "draft, never sent"
    summary = next(iter(archive.conversations()))
    assert (summary.messages, summary.drafts, summary.newest_at_s) == (5, 3, 1770361200)
    alone = next(iter(opened(mine("Dear", cells={"IS MESSAGE DRAFT": "Yes"})).conversations()))
    assert (alone.messages, alone.drafts, alone.newest_at_s) == (0, 1, 1770102000)


def test_attachments_are_counted_and_their_expiring_addresses_left_out() -> None:
    """With a text or without."""
    one = "https://www.linkedin.com/dms/prv/image/v2/A?e=1775000000&v=beta&t=x"
    both = only(Row("", cells={"ATTACHMENTS": f"{one},{one}2"}))
    assert (both.kind, both.text, both.tag) == ("attachments", "", "2 attachments")
    single = only(Row("Here", cells={"ATTACHMENTS": one}))
    assert (single.kind, single.text, single.tag) == ("text", "Here", "1 attachment")


def test_an_inmail_has_its_subject_in_front() -> None:
    """Some rows of a conversation have one; ordinary ones have none."""
    message = only(Row("Interested?", cells={"SUBJECT": "Head of Data,\n remote", "CONVERSATION TITLE": "A post"}))
    assert (message.subject, message.tag) == ("Head of Data, remote", "InMail: Head of Data, remote")
    assert only(Row("Interested?")).tag is None


def test_notices_of_the_site_are_marked() -> None:
    """Only whole texts: people quote them."""
    assert only(Row("Message request accepted")).tag == "notice"
    assert only(Row("A LinkedIn member left the conversation.", sender=NOBODY)).tag == "notice"
    assert only(Row("Message request accepted, at last")).tag is None


@pytest.mark.parametrize("sender", ["Ravindra Stoll", NOBODY])
@pytest.mark.parametrize(
    ("title", "content"),
    [("Sponsored Conversation", "Plain words"), ("Glazes", CAMPAIGN), ("Glazes", "<p>Buy now</p>")],
)
def test_advertising_is_marked(sender: str, title: str, content: str) -> None:
    """By the title or by a campaign's text, from a sender without a profile."""
    row = Row(content, sender=sender, sender_url="", cells={"CONVERSATION TITLE": title})
    archive = opened(row)
    assert read(archive).messages[0].tag == "sponsored"
    assert next(iter(archive.conversations())).kind == "sponsored"
    assert "<" not in texts(archive)[0]


def test_an_answer_to_advertising_is_none() -> None:
    """Nor is a closed account's ordinary message."""
    title = {"CONVERSATION TITLE": "Sponsored Conversation"}
    archive = opened(
        mine("No", to=("Brand",), recipient_urls="", cells=title),
        Row("Buy", sender="Brand", sender_url="", cells=title),
    )
    assert [message.sponsored for message in read(archive).messages] == [False, True]
    closed = opened(Row("Hello", sender=NOBODY))
    assert read(closed).messages[0].tag is None
    assert next(iter(closed.conversations())).kind == "unknown_member"


def test_a_campaign_in_an_inmail_of_a_person_becomes_text() -> None:
    """It is no advertising: there is a profile."""
    message = only(Row(CAMPAIGN))
    assert (message.text, message.tag) == ("Buy now", None)
    assert only(Row("<p>Dear</p>", cells={"SUBJECT": "A post"})).text == "Dear"


@pytest.mark.parametrize("text", ["5 < 6 & 7 > 2, <ping> &amp; &lt;pong&gt;", "<p>Hello</p>", "<name>, hello"])
def test_what_people_type_stays_as_typed(text: str) -> None:
    """Entities, too; and in exports without profiles, from anybody."""
    assert only(Row(text)).text == text
    archive = opened(Row(text), era=ERAS[2])
    assert text in [each for summary in archive.conversations() for each in texts(archive, summary.id)]


def test_texts_are_cleaned_as_everywhere() -> None:
    """Nothing unseen gets through, and blanks at the ends go."""
    assert only(Row("\n  Hel\u202elo\u200b \x1b[31m\n")).text == "Hello"


def test_a_long_subject_is_cut_at_a_whole_character_and_leaves_no_direction_open() -> None:
    """The tag in front of a message is as clean as its text."""
    subject = f"Re \u2067{'שלום ' * 14}\u2069 today"
    tag = message_of(only(Row("Interested?", cells={"SUBJECT": subject}))).tag
    assert tag is not None
    assert tag.startswith("InMail: Re שלום")
    assert faults(tag) == []
