"""The conversations of an export as a list: who, whose turn, which tags, and a search through all texts."""

from datetime import date

import pytest

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import ExportFiles
from mcp_server.archive.inbox import ArchiveInbox
from mcp_server.archive.pages import ArchivePages
from mcp_server.conversation.listed import ListedConversation
from mcp_server.conversation.models import INBOX, ListQuery, Message
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse
from tests.support.archives import opened
from tests.support.exports import FRIEND, OWNER, Row, conversation_id, csv_of
from tests.support.inbox import lister

ROWS = (
    Row("The first offer", conversation=1, at="2026-03-01T10:00:00"),
    Row("Is it still open?", conversation=1, at="2026-03-05T10:00:00"),
    Row("I have sent it.\n\nToday.", conversation=2, sender=OWNER, to=("Gail Other",), at="2026-03-04T10:00:00"),
    Row(
        "Hello all",
        conversation=3,
        to=(OWNER, "Gail Other"),
        at="2026-03-03T10:00:00",
        cells={"CONVERSATION TITLE": "The fair", "FOLDER": "ARCHIVE"},
    ),
    Row("Sent", conversation=4, sender="Hugo Third", at="2026-03-02T10:00:00"),
)


def listed(inbox: ArchiveInbox) -> dict[str, ListedConversation]:
    """What the list says, by id."""
    return {message.id: message.listed for message in inbox.page(None, 100).messages if message.listed is not None}


def test_each_conversation_says_with_whom_and_whose_turn_it_is() -> None:
    """A person by name and profile; a group by its title."""
    of = listed(ArchiveInbox(opened(*ROWS)))
    direct, mine, group = (of[conversation_id(number)] for number in (1, 2, 3))
    assert (direct.name, direct.mine, direct.tags) == (FRIEND, False, ())
    assert direct.target == "in/finn-friend-madeup"
    assert (mine.name, mine.mine) == ("Gail Other", True)
    assert (group.name, group.target, group.tags) == ("The fair", None, ("group", "archived"))
    assert [each.is_group for each in (direct, mine, group)] == [False, False, True]


def test_a_notice_of_the_site_is_nobodys_turn() -> None:
    """It is shown as the last message; who wrote before it decides, and without a message nobody does."""
    notice = "Message request accepted"
    rows = (
        Row("Shall we?", conversation=1, sender=OWNER, to=(FRIEND,), at="2026-03-01T10:00:00"),
        Row(notice, conversation=1, at="2026-03-02T10:00:00"),
        Row(notice, conversation=5, at="2026-03-06T10:00:00"),
        *ROWS[2:],
    )
    inbox = ArchiveInbox(opened(*rows))
    of = listed(inbox)
    assert [of[conversation_id(number)].mine for number in (1, 5)] == [True, None]
    assert inbox.page(None, 1).messages[0].text == notice


def test_pages_follow_each_other_newest_first() -> None:
    """Whatever their size, each conversation is on one of them; texts are one line."""
    inbox = ArchiveInbox(opened(*ROWS))
    whole = inbox.page(None, 100)
    assert whole.next_cursor is None
    assert [message.text for message in whole.messages][:2] == ["Is it still open?", "I have sent it. Today."]
    found: list[Message] = []
    cursor = None
    while True:
        page = inbox.page(cursor, 2)
        found += page.messages
        cursor = page.next_cursor
        if cursor is None:
            break
    assert tuple(found) == whole.messages


@pytest.mark.anyio
async def test_a_query_looks_through_all_texts() -> None:
    """Also those that the list does not show, and the answer says so; it costs nothing."""
    pages = ArchivePages(opened(*ROWS, day=date(2026, 3, 7)))
    reading = await lister(pages, search=pages.inbox.search).read(ListQuery(query="FIRST offers"))
    assert parse(reading.text).header.matched == 0
    reading = await lister(pages, search=pages.inbox.search).read(ListQuery(query="first OFFER"))
    parsed = parse(reading.text)
    assert [item.name for item in parsed.items if isinstance(item, ListedEntry)] == [FRIEND]
    assert parsed.header.search is not None
    assert parsed.header.search.all_texts
    assert reading.credits == 0


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("finn offer", [1]),
        ("fair hello gail", [3]),
        ("gail sent", [2]),
        ("olga sent", []),
        ("gail offer", []),
        ("first open", []),
    ],
)
async def test_a_query_may_mix_names_with_words_of_one_text(query: str, expected: list[int]) -> None:
    """As people remember it: who, and what it was about. The owner's name finds nothing, being in all of them."""
    inbox = ArchiveInbox(opened(*ROWS))
    assert inbox.search(query) == {conversation_id(number) for number in expected}


@pytest.mark.anyio
async def test_an_export_whose_owner_is_unknown_says_so() -> None:
    """The turn is then unknown as well."""
    pages = ArchivePages(Archive(ExportFiles(csv_of([Row("Hi")]))))
    page = await pages.page(INBOX, cursor=None, count=5, deadline=0)
    assert page.notes
    assert [message.listed.mine for message in page.messages if message.listed] == [None]
