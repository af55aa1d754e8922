"""Laws of reading the API's answers, for any answer at all."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.models import Page
from mcp_server.errors import BadResponse, UpstreamError
from mcp_server.upstream.outcome import Answer, judge_answer
from mcp_server.upstream.retry import Failure
from mcp_server.upstream.wire import read_document, read_page

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
MOMENTS = st.integers(-(10**21), 10**21) | st.floats() | st.text("0123456789-:.TZ", max_size=25)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "text": ANYTHING,
        "timestamp": ANYTHING | MOMENTS,
        "sender": ANYTHING,
        "sender_info": ANYTHING
        | st.fixed_dictionaries({}, optional={"first_name": ANYTHING, "last_name": ANYTHING, "profile_url": ANYTHING}),
        "message_type": ANYTHING,
        "entity_urn": ANYTHING | st.sampled_from(["urn:1", "urn:2"]),
    },
)
DATA = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGES | ANYTHING, max_size=6)},
    optional={
        "next_cursor": ANYTHING,
        "total_message_count": ANYTHING,
        "unread_count": ANYTHING,
        "last_seen_message": ANYTHING,
        "last_seen_at": ANYTHING | MOMENTS,
    },
)
ANSWERS = st.fixed_dictionaries(
    {}, optional={"success": ANYTHING, "data": DATA | ANYTHING, "error": ANYTHING, "metadata": ANYTHING}
)


@given(DATA)
def test_any_list_of_messages_is_a_page_whose_text_can_be_sent_on(data: object) -> None:
    """Every message is read or counted as skipped, and nothing read breaks UTF-8."""
    page = read_page({"data": data})
    rows = data["messages"] if isinstance(data, dict) else []
    assert len(page.messages) + page.skipped == len(rows)
    for message in page.messages:
        sender = message.sender
        for text in (message.id, message.text, message.kind, *((sender.key, sender.name) if sender else ())):
            text.encode("utf-8")
        assert message.id
        assert message.kind
        assert sender is None or "\n" not in sender.name
    (page.next_cursor or "").encode("utf-8")


@given(st.lists(MESSAGES, max_size=6))
def test_identities_are_the_same_on_every_reading_and_on_every_longer_page(rows: list[object]) -> None:
    """Older messages that join a page change no identity that was derived."""
    whole = read_page({"data": {"messages": rows}}).messages
    for length in range(len(rows)):
        part = read_page({"data": {"messages": rows[:length]}}).messages
        for read, again in zip(part, whole, strict=False):
            if read.id.startswith("derived:"):
                assert read.id == again.id


@given(ANSWERS | ANYTHING, st.integers(200, 599), st.text(max_size=12))
def test_any_answer_is_a_page_or_a_typed_failure(document: object, status: int, retry_after: str) -> None:
    """No answer brings another exception."""
    body = json.dumps(document).encode()
    outcome = judge_answer(Answer(status, retry_after, body), hidden=("key",), now_s=0)
    assert isinstance(outcome, Page) or isinstance(outcome.error, UpstreamError)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_refused(body: bytes) -> None:
    """No bytes bring another exception."""
    with suppress(BadResponse):
        read_document(body)


@given(st.text(max_size=300), st.integers(0, 50), st.sampled_from(["", "\u200b", "\u00ad", "\x07"]))
def test_no_error_repeats_what_is_hidden(around: str, at: int, invisible: str) -> None:
    """However the API wraps a key into its words: what cleaning would join again is hidden, too."""
    key = "Canary-Key-7f3a"
    words = around[:at] + invisible.join(key) + around[at:]
    told = {"success": False, "error": {"code": "INVALID_PARAMS", "message": words}}
    outcome = judge_answer(Answer(400, None, json.dumps(told).encode()), hidden=(key,), now_s=0)
    assert isinstance(outcome, Failure)
    assert key.casefold() not in outcome.error.explain().casefold()
