"""Cursors: their content, their length, and the texts that are refused."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest

from mcp_server.conversation.cursor import MAX_CURSOR_CHARS, CursorCodec
from mcp_server.conversation.models import Target
from mcp_server.conversation.positions import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.errors import InvalidCursor
from tests.support.conversations import NOW_MS, TARGET, counter

SCOPE = ("get_conversation", "tenant", "account")
CODEC = CursorCodec("a key", scope=SCOPE)
ANCHOR = anchor_of("urn:li:msg_message:1")

PLAIN = Position("1776000000000", ANCHOR, sent_at_ms=1_776_000_000_000, remaining=1990)
FULL = Position(
    "bmV4dC1wYWdl+/==", ANCHOR, inclusive=True, sent_at_ms=NOW_MS, offset=41_000, page_index=49, remaining=7
)
POSITIONS = [
    START,
    PLAIN,
    FULL,
    Position("0"),
    Position("0123"),
    Position("1" * 19),
    Position("1" * 20),
    Position("-5"),
    Position(""),
    Position("страница ② 👩‍👩‍👧"),
    Position(anchor=ANCHOR, inclusive=True),
    Position(sent_at_ms=0, remaining=0),
    Position(inclusive=True, page_index=1000),
    Position("a", skip_count=250, remaining=3),
    Position("20", ANCHOR, sent_at_ms=NOW_MS, remaining=980, total=1000),
    Position("20", total=0),
    Position("x" * 1400, ANCHOR, inclusive=True, sent_at_ms=NOW_MS, offset=1, page_index=1, remaining=1),
]


def refused(cursor: str, target: Target = TARGET, codec: CursorCodec = CODEC) -> bool:
    """Whether the cursor is refused with the usual message."""
    with pytest.raises(InvalidCursor) as caught:
        codec.decode(cursor, target)
    return caught.value.explain().startswith("invalid_cursor: This cursor does not continue this conversation.")


@pytest.mark.parametrize("position", POSITIONS, ids=range(len(POSITIONS)))
def test_a_cursor_is_read_back_as_the_position_it_was_made_from(position: Position) -> None:
    """Every field, whatever the API's own cursor looks like, in letters that need no escaping."""
    cursor = CODEC.encode(position, TARGET)
    assert CODEC.decode(cursor, TARGET) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert CODEC.encode(position, TARGET) == cursor


@pytest.mark.parametrize("page_cursor", [None, "1776000000000", "50"])
@pytest.mark.parametrize("number", range(20))
def test_a_cursor_is_short(page_cursor: str | None, number: int) -> None:
    """At most 45 tokens if the API's cursor is a timestamp and all usual fields are known."""
    position = Position(
        page_cursor,
        anchor_of(f"urn:{number}"),
        inclusive=True,
        sent_at_ms=1_776_000_000_000 + number,
        page_index=number,
        remaining=1000 + number,
    )
    assert counter().count(f" {CODEC.encode(position, TARGET)}") <= 45


@pytest.mark.parametrize("position", [START, PLAIN, FULL])
def test_a_cursor_with_any_bit_flipped_is_refused(position: Position) -> None:
    """Every single bit of every character."""
    cursor = CODEC.encode(position, TARGET)
    flipped = [
        cursor[:index] + chr(ord(letter) ^ 1 << bit) + cursor[index + 1 :]
        for index, letter in enumerate(cursor)
        for bit in range(8)
    ]
    assert len(flipped) == 8 * len(cursor)
    assert all(refused(damaged) for damaged in flipped)


@pytest.mark.parametrize("position", [START, PLAIN, FULL])
def test_a_cursor_cut_or_grown_is_refused(position: Position) -> None:
    """Cut at any place on either side, or with anything added."""
    cursor = CODEC.encode(position, TARGET)
    cut = [cursor[:end] for end in range(len(cursor))] + [cursor[start:] for start in range(1, len(cursor))]
    grown = [f"{cursor}{more}" for more in ("A", "=", "==", " ", "\n", "\0", "é", cursor)] + [f" {cursor}"]
    assert all(refused(damaged) for damaged in cut + grown)


def test_other_spellings_of_the_same_bytes_are_refused() -> None:
    """Base64 leaves bits unused at the end and skips unknown letters."""
    cursor = next(
        cursor for skip in range(9) if len(cursor := CODEC.encode(Position("5" * skip or None), TARGET)) % 4 == 2
    )
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same_bytes = [cursor[:-1] + letter for letter in alphabet if letter != cursor[-1]]
    assert all(refused(other) for other in [*same_bytes, f"{cursor[:3]}!{cursor[3:]}", f"{cursor}===="])


@pytest.mark.parametrize(
    "target",
    [
        Target("conversation_id", TARGET.value + "x"),
        Target("profile_url", TARGET.value),
        Target("profile_url", "https://www.linkedin.com/in/jane-doe-42"),
    ],
)
def test_a_cursor_of_another_conversation_is_refused(target: Target) -> None:
    """By its id, by how it is named, or both."""
    assert refused(CODEC.encode(PLAIN, target))
    assert refused(CODEC.encode(PLAIN, TARGET), target)


@pytest.mark.parametrize(
    "codec",
    [
        CursorCodec("another key", scope=SCOPE),
        CursorCodec("", scope=SCOPE),
        CursorCodec("a key", scope=("another_tool", "tenant", "account")),
        CursorCodec("a key", scope=("get_conversation", "another tenant", "account")),
        CursorCodec("a key", scope=("get_conversation", "tenant", "another account")),
        CursorCodec("a key", scope=("get_conversation", "tenantaccount")),
        CursorCodec("a key", scope=("get_conversationtenant", "", "account")),
        CursorCodec("a key", scope=()),
    ],
)
def test_a_cursor_of_another_scope_or_key_is_refused(codec: CursorCodec) -> None:
    """Another key, tool, tenant or account; the boundaries between the names count."""
    assert refused(codec.encode(PLAIN, TARGET))
    assert refused(CODEC.encode(PLAIN, TARGET), codec=codec)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "1776000000000",
        "50",
        "null",
        "AQx9",
        "next_cursor: AQx9",
        "bmV4dC1wYWdlLW9mLXRoZS1hcGktd2l0aC1hLWxvbmctY3Vyc29y",
        "=" * 40,
        "a" * 45,
        "é" * 40,
        "\ud800",
        "\0" * 40,
        "A" * MAX_CURSOR_CHARS,
        "A" * (MAX_CURSOR_CHARS + 1),
        "A" * 10_000,
    ],
)
def test_any_other_text_is_refused(cursor: str) -> None:
    """The API's own cursors too."""
    assert refused(cursor)


def test_a_cursor_of_another_version_is_refused() -> None:
    """It is signed with the right key, but packed differently."""
    payload = b"\x02\x00\x00"
    names = (payload, *(name.encode() for name in (*SCOPE, "newest first", TARGET.kind, TARGET.value)))
    key = hmac.digest(b"a key", b"conversation-mcp cursor key", "sha256")
    signature = hmac.digest(key, b"".join(len(name).to_bytes(4) + name for name in names), "sha256")[:10]
    ours = urlsafe_b64encode(payload + signature).rstrip(b"=").decode()
    assert refused(ours)


def test_a_cursor_holds_neither_its_target_nor_its_key() -> None:
    """It appears in the answer, so it only proves that it belongs to the target."""
    short, long = (Target("conversation_id", "x" * length) for length in (1, 900))
    assert len(CODEC.encode(PLAIN, short)) == len(CODEC.encode(PLAIN, long))


def test_anchors_of_different_messages_differ() -> None:
    """Five bytes of a hash distinguish 100,000 messages."""
    assert len({anchor_of(f"urn:{number}") for number in range(100_000)}) == 100_000
    assert anchor_of("urn:é") == hashlib.sha256("urn:é".encode()).digest()[:5]


WINDOW = WindowPages(
    ANCHOR, 120, (WindowPage(None, 0, 3), WindowPage("1776000000000", 47, 0), WindowPage("bmV4dA==", 97, 1)), 500
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, Position(anchor=ANCHOR, inclusive=True, page_index=3, remaining=500)),
        (46, Position(anchor=ANCHOR, inclusive=True, page_index=3, remaining=454, skip_count=46)),
        (47, Position("1776000000000", remaining=453)),
        (96, Position("1776000000000", remaining=404, skip_count=49)),
        (97, Position("bmV4dA==", remaining=403, skip_count=1)),
        (119, Position("bmV4dA==", remaining=381, skip_count=23)),
    ],
)
def test_a_window_cursor_points_to_any_message_of_the_answer(number: int, expected: Position) -> None:
    """By its page; on the first page, which may shift, by the first message."""
    cursor = CODEC.encode_window(WINDOW, TARGET)
    assert CODEC.decode(f"{cursor}:{number}", TARGET) == expected


@pytest.mark.parametrize(("remaining", "expected"), [(None, None), (0, 0), (3, 0), (9, 4)])
def test_a_window_cursor_keeps_the_number_remaining(remaining: int | None, expected: int | None) -> None:
    """It is never negative."""
    window = WindowPages(ANCHOR, 9, (WindowPage("50", 0, 0),), remaining)
    assert CODEC.decode(f"{CODEC.encode_window(window, TARGET)}:5", TARGET).remaining == expected


@pytest.mark.parametrize("behind", ["", ":", ":n", ":-1", ":120", ":1000000", ":9999999", ":1:1", ":1 ", ":+1", ":１"])
def test_a_window_cursor_is_refused_without_one_of_its_numbers(behind: str) -> None:
    """With none, one after the last message, or a text that is not a number."""
    assert refused(CODEC.encode_window(WINDOW, TARGET) + behind)


def test_a_next_cursor_takes_no_number() -> None:
    """A window cursor of another conversation is refused with one."""
    assert refused(f"{CODEC.encode(PLAIN, TARGET)}:0")
    assert refused(f"{CODEC.encode(PLAIN, TARGET)}:")
    assert refused(f"{CODEC.encode_window(WINDOW, Target('conversation_id', 'x'))}:0")


def test_a_window_cursor_with_any_bit_flipped_is_refused() -> None:
    """In the signed part, which excludes the number."""
    cursor = CODEC.encode_window(WINDOW, TARGET)
    for index, letter in enumerate(cursor):
        assert all(refused(f"{cursor[:index]}{chr(ord(letter) ^ 1 << bit)}{cursor[index + 1 :]}:7") for bit in range(8))


def test_cursors_of_old_and_coming_keys_are_accepted() -> None:
    """So that keys can be changed one replica after the other, during walks."""
    old, new = CursorCodec("old", scope=SCOPE), CursorCodec("new", scope=SCOPE)
    first, second = CursorCodec("old", "new", scope=SCOPE), CursorCodec("new", "old", scope=SCOPE)
    for written in (old.encode(PLAIN, TARGET), new.encode(PLAIN, TARGET)):
        assert first.decode(written, TARGET) == second.decode(written, TARGET) == PLAIN
    assert first.encode(PLAIN, TARGET) == old.encode(PLAIN, TARGET)
    assert second.encode(PLAIN, TARGET) == new.encode(PLAIN, TARGET)
    assert refused(old.encode(PLAIN, TARGET), codec=new)
    assert refused(CursorCodec("third", scope=SCOPE).encode(PLAIN, TARGET), codec=second)
