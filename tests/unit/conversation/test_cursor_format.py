"""The format of cursors, byte by byte: old cursors stay valid."""

import pytest

from mcp_server.conversation.cursor import MAX_CURSOR_CHARS, CursorCodec, CursorTooLong
from mcp_server.conversation.models import Target
from mcp_server.conversation.positions import START, Position, WindowPage, WindowPages, anchor_of
from mcp_server.errors import InvalidCursor

CODEC = CursorCodec("a key", scope=("get_conversation", "", "account"))
TARGET = Target("conversation_id", "2-abc")
LONG_AGO_MS = 1_776_000_000_000
OLD_CURSORS = {
    "BX-AAYDA5Y7YM2LOwZRfgMDljtgzfyA0oYSKIErDog": Position(
        str(LONG_AGO_MS),
        anchor_of("urn:5"),
        inclusive=True,
        sent_at_ms=LONG_AGO_MS,
        offset=127,
        page_index=128,
        remaining=32,
    ),
    "BQUIb3BhcXVlPS9izsGUX24rs1hvyRPQ": Position("opaque=/", anchor_of("urn:5")),
    "BQCjfkNYHiB1Fg": START,
}
WINDOW = WindowPages(anchor_of("urn:9"), 40, (WindowPage(None, 0, 2), WindowPage("777", 20, 0)), 300)
WINDOW_CURSOR = "BrcVdmfqKK0CAAACA4kGFABqYPm3Pcu6ZQ"


@pytest.mark.parametrize("cursor", OLD_CURSORS)
def test_the_format_of_a_cursor_has_not_changed(cursor: str) -> None:
    """If it must change, the version changes too, and the old one is still read."""
    assert CODEC.encode(OLD_CURSORS[cursor], TARGET) == cursor
    assert CODEC.decode(cursor, TARGET) == OLD_CURSORS[cursor]


def test_the_format_of_a_window_cursor_has_not_changed() -> None:
    """Its numbers point to the same messages."""
    assert CODEC.encode_window(WINDOW, TARGET) == WINDOW_CURSOR
    assert CODEC.decode(f"{WINDOW_CURSOR}:25", TARGET) == Position("777", remaining=275, skip_count=5)


def test_the_default_position_is_the_newest_message() -> None:
    """All fields of START have their defaults."""
    assert (
        Position(None, None, inclusive=False, sent_at_ms=None, offset=0, page_index=0, remaining=None, skip_count=0)
        == START
    )


def test_a_pseudonym_never_changes() -> None:
    """Log lines of different days can be matched."""
    assert CODEC.pseudonym(TARGET) == "5397185f9c6b"


def test_a_cursor_may_be_two_thousand_characters_long() -> None:
    """It contains the API's cursor, which may be long; a longer one is neither written nor read."""
    fits, longest = "", 0
    for length in range(1470, 1500):
        try:
            fits, longest = CODEC.encode(Position("x" * length), TARGET), length
        except CursorTooLong:
            break
    assert len(fits) == MAX_CURSOR_CHARS == 2000
    assert CODEC.decode(fits, TARGET) == Position("x" * longest)
    with pytest.raises(CursorTooLong):
        CODEC.encode_window(WindowPages(anchor_of("urn:9"), 1, (WindowPage("x" * 1500, 0, 0),)), TARGET)
    with pytest.raises(InvalidCursor):
        CODEC.decode(f"{fits}A", TARGET)
