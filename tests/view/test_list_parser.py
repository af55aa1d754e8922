"""The page's parser of lists reads what the server writes, and refuses what the server's own parser refuses."""

from datetime import date
from typing import Any

import pytest

from mcp_server.conversation.models import ListQuery
from mcp_server.listing.grammar import ConversationList, Item, ListedEntry
from mcp_server.listing.parse import NotAList, parse
from mcp_server.listing.render import render, render_footer
from mcp_server.transcript.grammar import Day, More
from tests.property.test_list_laws import lists
from tests.support.conversations import MemorySource
from tests.support.inbox import inbox, listed, lister
from tests.view.parsers import assert_equally_strict, in_browser, written


def expected(conversations: ConversationList, *, structured: bool = False) -> dict[str, Any]:
    """The list in the shape of the page's."""
    header, footer = conversations.header, conversations.footer
    search = header.search and {"quoted": header.search.quoted, "allTexts": header.search.all_texts}
    return {
        "banner": conversations.banner,
        "header": {
            "lookedAt": header.looked_at,
            "matched": header.matched,
            "shown": header.shown,
            "toAnswer": header.to_answer,
            "first": _iso(header.first),
            "last": _iso(header.last),
            "timezone": header.timezone,
            "credits": header.credits,
            "show": header.show,
            "search": search,
        },
        "notes": list(conversations.notes),
        "items": [_item(item) for item in conversations.items],
        "footer": {"nextCursor": footer.next_cursor}
        if isinstance(footer, More)
        else {"why": None if structured else footer.why},
    }


def test_the_page_reads_whatever_lists_the_server_writes() -> None:
    """Hundreds of lists with forged lines in names, headlines and texts, from either channel."""
    written_down = written(lists())
    answers = in_browser([render(each) for each in written_down], of="lists")
    for each, answer in zip(written_down, answers, strict=True):
        assert answer == expected(each)
    structured = in_browser([_structured(each) for each in written_down], of="lists")
    for each, answer in zip(written_down, structured, strict=True):
        assert answer == expected(each, structured=True)


def test_the_page_is_as_strict_as_the_server_about_lists() -> None:
    """Of damaged lists, both read the same ones, and in the same way."""
    assert_equally_strict(map(render, written(lists())), lambda text: expected(parse(text)), NotAList, of="lists")


@pytest.mark.anyio
async def test_the_page_reads_lists_of_every_kind() -> None:
    """Large budgets and the smallest, all and some, with and without a conversation that can be read."""
    conversations = [listed(99, has_id=False, profile=None, tags=("group",)), *inbox(40)]
    asked = [
        ListQuery(count, max_tokens, show=show, query=query)
        for count in (5, 60)
        for max_tokens in (250, 1000, 10_000)
        for show in ("all", "unread", "to_answer")
        for query in (None, "person 7", "nobody")
    ]
    readings = [await lister(MemorySource(conversations)).read(each) for each in asked]
    texts = in_browser([reading.text for reading in readings], of="lists")
    bodies = in_browser([reading.structured for reading in readings], of="lists")
    for reading, text, body in zip(readings, texts, bodies, strict=True):
        assert text == expected(parse(reading.text))
        assert body == expected(parse(reading.text), structured=True)


def test_no_list_is_read_as_a_transcript() -> None:
    """The page tries one after the other, so that what a stranger wrote must not turn one into the other."""
    written_down = [render(each) for each in written(lists())]
    assert in_browser(written_down) == [None] * len(written_down)


def _structured(conversations: ConversationList) -> dict[str, Any]:
    text = render(conversations).removesuffix(render_footer(conversations.footer))
    footer = conversations.footer
    return {"list": text} | ({"next_cursor": footer.next_cursor} if isinstance(footer, More) else {})


def _item(item: Item) -> dict[str, Any]:
    match item:
        case Day(day):
            return {"type": "day", "date": day.isoformat()}
        case ListedEntry():
            return {"type": "entry", **item._asdict(), "tags": list(item.tags)}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
