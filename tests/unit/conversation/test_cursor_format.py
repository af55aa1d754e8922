"""What a cursor is made of, letter by letter: those given out yesterday are read tomorrow."""

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

CODEC = CursorCodec("a key", scope=("get_conversation", "", "account"))
TARGET = Target("conversation_id", "2-abc")
LONG_AGO_MS = 1_776_000_000_000
GIVEN_OUT = {
    "BX-AAYDA5Y7YM2LOwZRfgMDljtgzfyA0oYSKIErDog": Position(
        str(LONG_AGO_MS), anchor_of("urn:5"), inclusive=True, sent_at_ms=LONG_AGO_MS, offset=127, skip=128, remaining=32
    ),
    "BQUIb3BhcXVlPS9izsGUX24rs1hvyRPQ": Position("opaque=/", anchor_of("urn:5")),
    "BQCjfkNYHiB1Fg": START,
}
WINDOW = WindowPages(anchor_of("urn:9"), 40, (WindowPage(None, 0, 2), WindowPage("777", 20, 0)), 300)
WINDOW_CURSOR = "BrcVdmfqKK0CAAACA4kGFABqYPm3Pcu6ZQ"


@pytest.mark.parametrize("cursor", GIVEN_OUT)
def test_a_cursor_is_written_and_read_as_it_always_was(cursor: str) -> None:
    """Format, key and what is signed have not changed; if they must, the version does, and the old one stays."""
    assert CODEC.encode(GIVEN_OUT[cursor], TARGET) == cursor
    assert CODEC.decode(cursor, TARGET) == GIVEN_OUT[cursor]


def test_a_cursor_of_a_window_is_written_and_read_as_it_always_was() -> None:
    """Each of its numbers leads to the same place as ever."""
    assert CODEC.encode_window(WINDOW, TARGET) == WINDOW_CURSOR
    assert CODEC.decode(f"{WINDOW_CURSOR}:25", TARGET) == Position("777", remaining=275, ahead=5)


def test_the_conversations_beginning_is_where_nothing_is_said() -> None:
    """What a position does not name is not there."""
    assert Position(None, None, inclusive=False, sent_at_ms=None, offset=0, skip=0, remaining=None, ahead=0) == START


def test_a_pseudonym_stays() -> None:
    """Lines of different days about one conversation can be told to be about one."""
    assert CODEC.pseudonym(TARGET) == "5397185f9c6b"


def test_a_cursor_may_be_two_thousand_characters_long() -> None:
    """The API's own may be long, and stands in it; a longer one is refused unread."""
    fits, longest = "", 0
    for length in range(1470, 1500):
        cursor = CODEC.encode(Position("x" * length), TARGET)
        if len(cursor) <= MAX_CURSOR_CHARS:
            fits, longest = cursor, length
        else:
            with pytest.raises(InvalidCursor):
                CODEC.decode(cursor, TARGET)
    assert len(fits) == MAX_CURSOR_CHARS == 2000
    assert CODEC.decode(fits, TARGET) == Position("x" * longest)
