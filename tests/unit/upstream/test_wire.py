"""Lenient reading of answers: what is understood, what is left out, what is refused."""

import json

import pytest

from mcp_server.conversation.models import Message, Page, Participant
from mcp_server.errors import BadResponse
from mcp_server.upstream.wire import (
    MAX_MESSAGES,
    read_credits,
    read_document,
    read_moment,
    read_page,
    replaced_characters,
)
from tests.support.chaos import message, page_body

SENT_MS = 1_777_147_641_366


def page(*messages: object, **conversation: object) -> Page:
    return read_page(read_document(page_body(messages, conversation=conversation)))


def only(**fields: object) -> Message:
    (read,) = page({**message(), **fields}).messages
    return read


def test_a_documented_page_is_read_whole() -> None:
    """Every field the API documents, in its place."""
    read = page(
        message("Sounds good", timestamp=SENT_MS, entity_urn="urn:li:msg_message:1"),
        next_cursor="1777146285823",
        total_message_count=55,
        unread_count=0,
        last_seen_message=True,
        last_seen_at=SENT_MS,
    )
    jane = Participant("in/jane-doe-42", "Jane Doe", "in/jane-doe-42")
    assert read == Page(
        messages=(Message("urn:li:msg_message:1", "Sounds good", SENT_MS, jane, "TEXT"),),
        next_cursor="1777146285823",
        total=55,
        unread=0,
        seen=True,
        seen_at_ms=SENT_MS,
        credits=1,
        skipped=0,
    )


def test_the_page_of_the_documentation_keeps_both_its_messages() -> None:
    """Its two messages share one shortened identity, which tells nothing apart."""
    urn = "urn:li:msg_message:(urn:li:fsd_profile:ACoAA...,2-MTc3NzE0...)"
    first, second = page(
        message("Sounds good, talk soon!", entity_urn=urn, number=2), message("Hey", entity_urn=urn, number=1)
    ).messages
    assert first.id != second.id
    assert first.id.startswith(urn)


def test_a_message_repeated_on_a_page_keeps_its_identity() -> None:
    """The same in everything: it is the walk's business to show it once."""
    first, second = page(message(), message()).messages
    assert first.id == second.id == message()["entity_urn"]


@pytest.mark.parametrize("urn", [None, "", "  ", {"a": 1}, True])
def test_a_message_without_identity_gets_one_from_its_content(urn: object) -> None:
    """The same on every page, whatever stands around it, and another for any other content."""
    alone = only(entity_urn=urn)
    _, again = page(message("before", entity_urn=urn), message(entity_urn=urn)).messages
    assert alone.id == again.id
    others = [
        only(entity_urn=urn, text="other"),
        only(entity_urn=urn, timestamp=SENT_MS),
        only(entity_urn=urn, sender="John", sender_info={}),
        only(entity_urn=urn, message_type="INVITATION"),
    ]
    assert len({alone.id, *(other.id for other in others)}) == 5


def test_equal_messages_without_identity_stay_apart_on_a_page() -> None:
    """Three times "ok" are three messages; numbered from the newest, so older pages do not change them."""
    twin = message("ok", entity_urn=None)
    three = page(twin, twin, twin).messages
    two = page(twin, twin).messages
    assert len({read.id for read in three}) == 3
    assert [read.id for read in two] == [read.id for read in three[:2]]


@pytest.mark.parametrize("broken", [None, 1, "text", [], True])
def test_a_broken_message_is_skipped_and_counted(broken: object) -> None:
    """Row 37: the other nineteen are read."""
    read = page(*(message(number=n) for n in range(19)), broken)
    assert (len(read.messages), read.skipped) == (19, 1)


@pytest.mark.parametrize("text", [None, "", [], {}, False])
def test_a_message_without_text_is_kept(text: object) -> None:
    """Row 39: system messages have none; the transcript has a placeholder for it."""
    assert only(text=text).text == ""


def test_a_number_in_place_of_a_text_is_read_as_text() -> None:
    """Types may be off by one notch."""
    assert only(text=42).text == "42"


def test_a_text_is_cleaned_when_its_page_is_read() -> None:
    """Row 32: lone surrogates, which nothing can carry further, and control characters."""
    lone = page_body([message("?")]).replace(b'"?"', b'"a\\ud800b\\u0007\\r\\nc"')
    (read,) = read_page(read_document(lone)).messages
    assert read.text == "a\ufffdb\nc"


@pytest.mark.parametrize(
    ("given", "kind"), [("SHARED_POST", "SHARED_POST"), ("A\nB", "A B"), (None, "TEXT"), ("", "TEXT"), ({}, "TEXT")]
)
def test_any_kind_of_message_is_kept_by_its_name(given: object, kind: str) -> None:
    """The set is open; a kind is one line."""
    assert only(message_type=given).kind == kind


@pytest.mark.parametrize(
    ("given", "ms"),
    [
        (SENT_MS, SENT_MS),
        (SENT_MS // 1000, SENT_MS // 1000 * 1000),
        (SENT_MS / 1000, SENT_MS),
        (SENT_MS * 1000 + 999, SENT_MS),
        (SENT_MS * 1_000_000 + 999_999, SENT_MS),
        (str(SENT_MS), SENT_MS),
        (f" {SENT_MS / 1000} ", SENT_MS),
        (float(SENT_MS), SENT_MS),
        ("2026-04-25T20:07:21.366Z", SENT_MS),
        ("2026-04-25t20:07:21.366z", SENT_MS),
        ("2026-04-25T22:07:21.366+02:00", SENT_MS),
        ("2026-04-25T20:07:21.366", SENT_MS),
        (946_684_800, 946_684_800_000),
        (4_102_444_799_999, 4_102_444_799_999),
        (4_102_444_800_000, None),
        ("2000-01-01T00:00:00Z", 946_684_800_000),
        ("1999-12-31T23:59:59.999Z", None),
        ("2100-01-01T00:00:00Z", None),
        (0, None),
        (-SENT_MS, None),
        (-1, None),
        (12_345, None),
        (10**40, None),
        (1e308, None),
        (True, None),
        (None, None),
        ({}, None),
        ("", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31", None),
        ("١٧٧٧١٤٧٦٤١٣٦٦", None),
        ("1" * 300, None),
        (f" {SENT_MS}\x1e", SENT_MS),
    ],
)
def test_a_moment_is_recognised_by_its_size_or_left_out(given: object, ms: int | None) -> None:
    """Rows 40 and 41: what would be the year 57868 in one unit is today in another; nonsense is undated."""
    assert read_moment(given) == ms


@pytest.mark.parametrize(
    ("given", "cursor"),
    [("AQx9", "AQx9"), (1777146285823, "1777146285823"), (None, None), ("", None), ({}, None), (False, None)],
)
def test_the_next_cursor_is_the_apis_own_or_the_end(given: object, cursor: str | None) -> None:
    """Omitted, null and empty all mean that there is nothing older."""
    body = json.dumps({"data": {"messages": [], "next_cursor": given}}).encode()
    assert read_page(read_document(body)).next_cursor == cursor


@pytest.mark.parametrize(
    ("given", "unusable"),
    [
        ({"id": 7}, True),
        (["a"], True),
        (True, True),
        ({}, False),
        ([], False),
        (False, False),
        (None, False),
        ("", False),
    ],
)
def test_a_cursor_that_cannot_be_sent_back_is_not_the_end(given: object, unusable: bool) -> None:
    """An object, a list or `true`; empty ones say that nothing follows."""
    page = read_page({"data": {"messages": [], "next_cursor": given}})
    assert (page.next_cursor, page.cursor_unusable) == (None, unusable)


@pytest.mark.parametrize(
    ("given", "count"),
    [(55, 55), ("55", 55), (55.0, 55), (-1, None), (True, None), (None, None), ([], None), (10**12, None)],
)
def test_totals_are_counts_or_unknown(given: object, count: int | None) -> None:
    """Nothing that is no count is printed as one."""
    read = page(total_message_count=given, unread_count=given)
    assert (read.total, read.unread) == (count, count)


@pytest.mark.parametrize(
    ("given", "spent"),
    [(2, 2), (2.0, 2), (1.5, 2), ("3", 3), (0, 0), (-4, None), (None, None), ("x", None), (10**4000, None)],
)
def test_credits_are_whole_and_never_told_too_low(given: object, spent: int | None) -> None:
    """Parts are rounded up; what is not said is not made up."""
    answer = {"data": {"messages": []}, "metadata": {"credits_consumed": given}}
    assert read_credits(answer) == spent
    assert read_page(answer).credits == (spent or 0)
    assert read_page(answer).price_unknown == (spent is None)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": {"messages": None}},
        {"data": {"messages": {}}},
        [],
        None,
        3,
    ],
)
def test_an_answer_without_a_list_of_messages_is_refused(answer: object) -> None:
    """Row 36: an empty conversation has an empty list."""
    with pytest.raises(BadResponse):
        read_page(answer)


def test_a_page_of_far_too_many_messages_is_refused() -> None:
    """A page of so many messages is an attack or an accident."""
    assert len(read_page({"data": {"messages": [None] * MAX_MESSAGES}}).messages) == 0
    with pytest.raises(BadResponse):
        read_page({"data": {"messages": [None] * (MAX_MESSAGES + 1)}})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"<html>", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5_000, b"\xff\xfe{\0}\0", b"nul"]
)
def test_what_is_no_json_is_refused_without_quoting_it(body: bytes) -> None:
    """Rows 23 to 28; neither the words nor the cause repeat the body."""
    with pytest.raises(BadResponse) as caught:
        read_document(body)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_odd_json_is_read_as_far_as_it_can_be() -> None:
    """Rows 26, 29 to 31: NaN is null, the last of repeated keys counts, bad bytes and a mark before are survived."""
    body = b'\xef\xbb\xbf{"a": NaN, "b": [-Infinity, 1], "c": 1, "c": 2, "d": "x\xffy"}'
    assert read_document(body) == {"a": None, "b": [None, 1], "c": 2, "d": "x\ufffdy"}


@pytest.mark.parametrize(
    ("body", "replaced"),
    [
        (b"", 0),
        ("caf\u00e9 \ufffd".encode(), 0),
        (b"\xef\xbb\xbf{}", 0),
        (b"caf\xe9 \xff\xfe", 3),
        ("\ufffd".encode() + b"\xe9", 1),
        (b"\xf0\x9f\x98", 1),
    ],
    ids=["nothing", "valid", "byte-order mark", "Latin-1", "one was there before", "half an emoji"],
)
def test_replaced_characters_are_counted(body: bytes, replaced: int) -> None:
    """As many as reading puts in, and not those that were sent."""
    assert replaced_characters(body) == replaced
    assert body.decode("utf-8", "replace").count("\ufffd") == replaced + body.count("\ufffd".encode())
