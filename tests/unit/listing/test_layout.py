"""Entries: what names a conversation, and how texts are shortened."""

from zoneinfo import ZoneInfo

import pytest

from mcp_server.conversation.models import Target
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.layout import Texts, lay_out, shortened, target_of
from mcp_server.listing.matching import Words, matching
from mcp_server.listing.parse import parse
from mcp_server.listing.render import render_entry
from mcp_server.transcript.layout import Calendar
from tests.support.conversations import message
from tests.support.inbox import listed
from tests.unit.listing.test_parse import END, HEADER

TEXT = "The first words are about the weather, and only the last ones are about the invoice of May."


def cut(limit: int | None, query: str | None = None, text: str = TEXT) -> str:
    """The text of an entry, shortened."""
    words = None if query is None else Words(query)
    return shortened(ListedEntry("-", "09:00", ">", "Jane", text=text), Texts(0, limit), words).text


@pytest.mark.parametrize(("mine", "marks", "names"), [(True, "<", "me"), (False, ">", "them"), (None, "?", "?")])
def test_who_wrote_last_is_a_mark_or_a_word(mine: bool | None, marks: str, names: str) -> None:
    """A word where first names say who wrote a line of a transcript."""
    calendar = Calendar(ZoneInfo("UTC"))
    conversation = listed(mine=mine)
    assert lay_out([conversation], [0], calendar, "marks")[0].entry.turn == marks
    entry = lay_out([conversation], [0], calendar, "names")[0].entry
    assert entry.turn == names
    text = f"{HEADER}\n{render_entry(entry)}{END}"
    assert parse(text).items == (entry,)


@pytest.mark.parametrize(
    ("limit", "query", "expected"),
    [
        (None, None, TEXT),
        (1000, "invoice", TEXT),
        (0, "invoice", ""),
        (30, None, "The first words are about the [..]"),
        (30, "weather", "[..] the weather, and only [..]"),
        (40, "invoice", "[..] about the invoice of May."),
        (60, "nothing", "The first words are about the weather, and only the last [..]"),
    ],
)
def test_a_text_is_cut_at_words_around_what_was_searched_for(
    limit: int | None, query: str | None, expected: str
) -> None:
    """Otherwise its beginning is shown; what was cut is marked."""
    assert cut(limit, query) == expected


def test_a_text_without_spaces_is_cut_anyway() -> None:
    """As in scripts that have none."""
    assert cut(10, text="字" * 100) == f"{'字' * 5} [..]"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("in/jane", Target("profile_url", "https://www.linkedin.com/in/jane")),
        ("2-x", Target("conversation_id", "2-x")),
        ("-", None),
    ],
)
def test_the_first_word_of_an_entry_names_its_conversation(target: str, expected: Target | None) -> None:
    """For completions."""
    assert target_of(ListedEntry(target, "09:00", ">", "Jane")) == expected


def test_what_is_no_conversation_of_a_list_is_not_shown() -> None:
    """A page of a conversation has other messages."""
    mixed = [message(1), listed(1)]
    assert matching(mixed, "all", None) == [1]
    assert len(lay_out(mixed, [0, 1], Calendar(ZoneInfo("UTC")), "marks")) == 1


@pytest.mark.parametrize(
    ("query", "text", "has"),
    [
        ("ELAN", "Élan vital", True),
        ("invoice may", "an invoice of May", True),
        ("invoice june", "an invoice of May", False),
        ("voice", "an invoice", False),
        ("発注", "本日発注しました", True),
        ("?!", "anything", True),
    ],
)
def test_words_are_found_at_the_beginning_of_words(query: str, text: str, has: bool) -> None:
    """All of them, whatever their case and accents; a query without words limits nothing."""
    assert Words(query).are_in(text) is has
