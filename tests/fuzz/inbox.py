"""Fuzz target: the list of conversations, from the API's answer to the text, and any text back.

Whatever an answer has in place of conversations, each that is listed is one entry, and reading the text back gives what
was written.
"""

import json
from functools import lru_cache
from zoneinfo import ZoneInfo

from mcp_server.conversation.models import Message, Page
from mcp_server.errors import InvalidArguments
from mcp_server.listing.answer import ListContext, ListWindow, answer
from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import NotAList, parse
from mcp_server.listing.render import render
from mcp_server.transcript.budget import Allowance, Vocabulary
from mcp_server.transcript.layout import Calendar
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.window import Continuation
from mcp_server.upstream.inbox_wire import read_inbox
from mcp_server.upstream.outcome import Answer, judge_answer
from tests.fuzz.source import Source
from tests.fuzz.wire import SEAL, any_value
from tests.support.conversations import counter
from tests.support.hostile_text import FRAGMENTS, faults

FIELDS = ("conversation_id", "participant", "last_message", "unread", "type", "total_message_count")
PERSON = ("name", "headline", "profile_url", "is_me")
LAST = ("text", "time", "sender")
LINES = (
    "SANDBOX\n", "! note\n", "# Apr 20\n", "# Feb 30\n", "# Dec 31 2025\n", "\n", " \n",
    "2 looked at (Apr 19 - 20 2026, UTC), 2 matched, 2 shown, 1 to answer. 1 credit.\n",
    "0 looked at (UTC), 0 matched, 0 shown, 0 to answer. Credits unknown. Show: unread. Searched all texts: \"x\"\n",
    "in/jane 09:00 > Jane\n", "in/jane 09:00 <[4 unread; group] Jane\n", "2-x ??:?? ? \n", "- 09:00 them x\n",
    "  Headline\n", " text\n", "No older conversations.", "More: older conversations. next_cursor: AQx9",
)  # fmt: skip


def check(data: bytes) -> None:
    """Any text of such lines, and any answer."""
    text = Source(b"\xff\xff" + data).text(LINES, most=65_535)
    try:
        read = parse(text)
    except NotAList:
        pass
    else:
        assert parse(render(read)) == read, text
    body = json.dumps(_document(Source(data))).encode()
    outcome = judge_answer(Answer(200, None, body), hidden=(), now_s=0, read=read_inbox)
    if isinstance(outcome, Page):
        assert SEAL.open("name", SEAL.close("name", outcome, fetched_at_ms=0)) == outcome
        _check_list(outcome.messages)


def _check_list(conversations: tuple[Message, ...]) -> None:
    for each in conversations:
        assert each.listed is not None
        for words in (each.text, each.listed.headline, each.listed.name):
            assert faults(words) == []
            assert "\n" not in words
    for max_tokens in (300, 4000):
        window = ListWindow(conversations, range(len(conversations)), lambda number: Continuation(f"AQ{number:030}"))
        try:
            reading = answer(window, _context(), Allowance(max_tokens))
        except InvalidArguments:
            continue
        assert counter().count(reading.text) == reading.tokens <= max_tokens
        entries = [item for item in parse(reading.text).items if isinstance(item, ListedEntry)]
        assert len(entries) == reading.structured["shown"]
        assert max_tokens < 4000 or len(entries) == len(conversations)


@lru_cache(maxsize=1)
def _context() -> ListContext:
    return ListContext(Calendar(ZoneInfo("UTC")), TokenSizes.of(Vocabulary("o200k_base", counter())), "marks")


def _document(source: Source) -> object:
    rows = [_row(source) if source.byte() % 8 else any_value(source, 0) for _ in range(source.number(6))]
    data = {"conversations": rows, "next_cursor": any_value(source, 0)}
    return {"success": True, "data": data, "metadata": {"credits_consumed": any_value(source, 0)}}


def _row(source: Source) -> dict[str, object]:
    row = _some(source, FIELDS)
    if source.byte() % 4:
        row["participant"] = _some(source, PERSON)
    if source.byte() % 4:
        last = row["last_message"] = _some(source, LAST)
        if source.byte() % 4:
            last["sender"] = _some(source, PERSON)
    return row


def _some(source: Source, fields: tuple[str, ...]) -> dict[str, object]:
    """Most of these fields, with texts of strangers or anything else."""
    return {
        field: source.text(FRAGMENTS, most=12) if source.byte() % 2 else any_value(source, 0)
        for field in fields
        if source.byte() % 8
    }
