"""Cursors: what they carry, how long they are, and everything that is refused as none."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

import pytest

from mcp_server.conversation.cursor import (
    MAX_CURSOR_CHARS,
    START,
    CursorCodec,
    Position,
    WindowPage,
    WindowPages,
    anchor_of,
)
from mcp_server.conversation.models import Target
from mcp_server.errors import InvalidCursor
from tests.support.conversations import NOW_MS, TARGET, counter

SCOPE = ("get_conversation", "tenant", "account")
CODEC = CursorCodec("a key", scope=SCOPE)
ANCHOR = anchor_of("urn:li:msg_message:1")

PLAIN = Position("1776000000000", ANCHOR, sent_at_ms=1_776_000_000_000, remaining=1990)
FULL = Position("bmV4dC1wYWdl+/==", ANCHOR, inclusive=True, sent_at_ms=NOW_MS, offset=41_000, skip=49, remaining=7)
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
    Position(inclusive=True, skip=1000),
    Position("a", ahead=250, remaining=3),
    Position("x" * 1400, ANCHOR, inclusive=True, sent_at_ms=NOW_MS, offset=1, skip=1, remaining=1),
]


def refused(cursor: str, target: Target = TARGET, codec: CursorCodec = CODEC) -> bool:
    """Whether the cursor is refused, in the one wording that there is."""
    with pytest.raises(InvalidCursor) as caught:
        codec.decode(cursor, target)
    return caught.value.explain().startswith("invalid_cursor: This cursor does not continue this conversation.")


@pytest.mark.parametrize("position", POSITIONS, ids=range(len(POSITIONS)))
def test_a_cursor_gives_back_the_place_it_was_made_of(position: Position) -> None:
    """Every field, whatever the API's own cursor looks like, in letters that need no escaping anywhere."""
    cursor = CODEC.encode(position, TARGET)
    assert CODEC.decode(cursor, TARGET) == position
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert CODEC.encode(position, TARGET) == cursor


@pytest.mark.parametrize("page_cursor", [None, "1776000000000", "50"])
@pytest.mark.parametrize("number", range(20))
def test_a_cursor_is_short(page_cursor: str | None, number: int) -> None:
    """At most 45 tokens, with the API's cursor a timestamp and everything known that is in the usual answer."""
    position = Position(
        page_cursor,
        anchor_of(f"urn:{number}"),
        inclusive=True,
        sent_at_ms=1_776_000_000_000 + number,
        skip=number,
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


def test_letters_that_mean_the_same_bytes_are_refused() -> None:
    """Base64 leaves bits unused at the end and skips what it does not know: one place has one cursor."""
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
def test_a_cursor_of_anybody_else_is_refused(codec: CursorCodec) -> None:
    """Another key, tool, tenant or account; and the borders between the names count."""
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
def test_what_is_no_cursor_of_ours_is_refused(cursor: str) -> None:
    """The API's own ones too: they would read anything, from anywhere."""
    assert refused(cursor)


def test_a_cursor_of_another_version_is_refused() -> None:
    """Signed with our key, but by a program that packs places differently."""
    payload = b"\x02\x00\x00"
    names = (payload, *(name.encode() for name in (*SCOPE, "newest first", TARGET.kind, TARGET.value)))
    key = hmac.digest(b"a key", b"conversation-mcp cursor key", "sha256")
    signature = hmac.digest(key, b"".join(len(name).to_bytes(4) + name for name in names), "sha256")[:10]
    ours = urlsafe_b64encode(payload + signature).rstrip(b"=").decode()
    assert refused(ours)


def test_a_cursor_holds_neither_its_target_nor_its_key() -> None:
    """It is seen by whoever reads the answer, so it only proves that it belongs."""
    short, long = (Target("conversation_id", "x" * length) for length in (1, 900))
    assert len(CODEC.encode(PLAIN, short)) == len(CODEC.encode(PLAIN, long))


def test_an_anchor_tells_messages_apart() -> None:
    """Five bytes of a hash: none of 100,000 messages is taken for another."""
    assert len({anchor_of(f"urn:{number}") for number in range(100_000)}) == 100_000
    assert anchor_of("urn:é") == hashlib.sha256("urn:é".encode()).digest()[:5]


WINDOW = WindowPages(
    ANCHOR, 120, (WindowPage(None, 0, 3), WindowPage("1776000000000", 47, 0), WindowPage("bmV4dA==", 97, 1)), 500
)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, Position(anchor=ANCHOR, inclusive=True, skip=3, remaining=500)),
        (46, Position(anchor=ANCHOR, inclusive=True, skip=3, remaining=454, ahead=46)),
        (47, Position("1776000000000", remaining=453)),
        (96, Position("1776000000000", remaining=404, ahead=49)),
        (97, Position("bmV4dA==", remaining=403, ahead=1)),
        (119, Position("bmV4dA==", remaining=381, ahead=23)),
    ],
)
def test_the_cursor_of_a_window_goes_on_at_any_of_its_messages(number: int, expected: Position) -> None:
    """From the page it stands on; on the first page, which may shift, from the window's first message."""
    cursor = CODEC.encode_window(WINDOW, TARGET)
    assert CODEC.decode(f"{cursor}:{number}", TARGET) == expected


@pytest.mark.parametrize(("remaining", "expected"), [(None, None), (0, 0), (3, 0), (9, 4)])
def test_what_remains_after_a_stretch_is_as_well_known_as_before(remaining: int | None, expected: int | None) -> None:
    """And never less than nothing."""
    window = WindowPages(ANCHOR, 9, (WindowPage("50", 0, 0),), remaining)
    assert CODEC.decode(f"{CODEC.encode_window(window, TARGET)}:5", TARGET).remaining == expected


@pytest.mark.parametrize("behind", ["", ":", ":n", ":-1", ":120", ":1000000", ":9999999", ":1:1", ":1 ", ":+1", ":１"])
def test_the_cursor_of_a_window_is_refused_without_one_of_its_numbers(behind: str) -> None:
    """None, one beyond the last message, and what is no number."""
    assert refused(CODEC.encode_window(WINDOW, TARGET) + behind)


def test_a_cursor_that_goes_on_takes_no_number() -> None:
    """And what is signed for another conversation is refused with one."""
    assert refused(f"{CODEC.encode(PLAIN, TARGET)}:0")
    assert refused(f"{CODEC.encode(PLAIN, TARGET)}:")
    assert refused(f"{CODEC.encode_window(WINDOW, Target('conversation_id', 'x'))}:0")


def test_the_cursor_of_a_window_with_any_bit_flipped_is_refused() -> None:
    """In what is signed; the number behind it is not, as all of the window may be read."""
    cursor = CODEC.encode_window(WINDOW, TARGET)
    for index, letter in enumerate(cursor):
        assert all(refused(f"{cursor[:index]}{chr(ord(letter) ^ 1 << bit)}{cursor[index + 1 :]}:7") for bit in range(8))


def test_a_cursor_of_yesterdays_or_tomorrows_key_is_read_and_of_no_other() -> None:
    """So that keys can be changed while walks are under way, one replica after the other."""
    old, new = CursorCodec("old", scope=SCOPE), CursorCodec("new", scope=SCOPE)
    first, second = CursorCodec("old", "new", scope=SCOPE), CursorCodec("new", "old", scope=SCOPE)
    for written in (old.encode(PLAIN, TARGET), new.encode(PLAIN, TARGET)):
        assert first.decode(written, TARGET) == second.decode(written, TARGET) == PLAIN
    assert first.encode(PLAIN, TARGET) == old.encode(PLAIN, TARGET)
    assert second.encode(PLAIN, TARGET) == new.encode(PLAIN, TARGET)
    assert refused(old.encode(PLAIN, TARGET), codec=new)
    assert refused(CursorCodec("third", scope=SCOPE).encode(PLAIN, TARGET), codec=second)
