"""Fuzz target: the cursor. Every place comes back; whatever else is sent is refused, always in the same words."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Target
from mcp_server.conversation.positions import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.errors import InvalidCursor
from tests.fuzz.source import Source

CODEC = CursorCodec("a key", scope=("get_conversation", "", "account"))
TARGET = Target("conversation_id", "2-abc")
REFUSAL = str(InvalidCursor())
WINDOW = WindowPages(anchor_of("urn:1"), 1, (WindowPage(None, 0, 0),))
VERSIONS = tuple(
    urlsafe_b64decode(cursor[:4])[:1] for cursor in (CODEC.encode(START, TARGET), CODEC.encode_window(WINDOW, TARGET))
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:=+/ é\n\0"


def check(data: bytes) -> None:
    """Anything as a cursor, any place there and back, and any one letter of its cursor changed."""
    source = Source(data)
    _refused(source.text(LETTERS, most=80))
    _refused(urlsafe_b64encode(data).decode())
    _refused(urlsafe_b64encode(source.one_of(VERSIONS) + data).rstrip(b"=").decode())
    position = _position(source)
    cursor = CODEC.encode(position, TARGET)
    assert CODEC.decode(cursor, TARGET) == position
    _changed(cursor, source)
    window = _window(source)
    cursor = CODEC.encode_window(window, TARGET)
    number = source.number(window.length + 2)
    if number < window.length:
        found = CODEC.decode(f"{cursor}:{number}", TARGET)
        assert found == window.position_of(number)
        assert found.skip_count <= number + max(page.page_index for page in window.pages)
    else:
        _refused(f"{cursor}:{number}")
    _refused(cursor)
    _changed(cursor, source)


def _changed(cursor: str, source: Source) -> None:
    at, letter = source.number(len(cursor) - 1), source.one_of(LETTERS)
    if letter != cursor[at]:
        _refused(cursor[:at] + letter + cursor[at + 1 :])
    _refused(cursor[:at])
    _refused(cursor[:at] + letter + cursor[at:])


def _refused(cursor: str) -> None:
    try:
        CODEC.decode(cursor, TARGET)
    except InvalidCursor as error:
        told = str(error)
    else:
        raise AssertionError(f"taken: {cursor!r}")
    assert told == REFUSAL


def _page_cursor(source: Source) -> str | None:
    return source.one_of(
        (
            None,
            str(source.number(2**64)),
            source.text("0a9 é漢😀=/", most=200).encode("utf-8", "replace").decode(),
            "00",
        )
    )


def _position(source: Source) -> Position:
    flags = source.byte()
    return Position(
        _page_cursor(source),
        anchor_of(str(source.number(2**64))) if flags & 1 else None,
        inclusive=bool(flags & 2),
        sent_at_ms=source.number(2**70) if flags & 4 else None,
        offset=source.number(2**24),
        page_index=source.number(2**16) if flags & 2 else 0,  # it belongs to the first message to show
        skip_count=source.number(2**20),
        remaining=source.number(2**40) if flags & 8 else None,
    )


def _window(source: Source) -> WindowPages:
    pages, first = [], 0
    for _ in range(1 + source.number(8)):
        pages.append(WindowPage(_page_cursor(source), first, source.number(300)))
        first += 1 + source.number(300)
    remaining = source.number(5000) if source.byte() & 1 else None
    return WindowPages(anchor_of(str(source.number(2**64))), first, tuple(pages), remaining)
