"""Laws of the cursor: every position is read back, and no other text is a cursor."""

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Target
from mcp_server.conversation.positions import Position
from mcp_server.errors import InvalidCursor

CODEC = CursorCodec("a key", scope=("get_conversation", "account"))
letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
numbers = st.none() | st.integers(0, 2**70)


def position_of(
    page_cursor: str | None, anchor: bytes | None, *, inclusive: bool, page_index: int, **rest: int | None
) -> Position:
    """A position; `page_index` is only kept for an inclusive one."""
    return Position(page_cursor, anchor, inclusive=inclusive, page_index=page_index if inclusive else 0, **rest)  # type: ignore[arg-type]  # by name


positions = st.builds(
    position_of,
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.integers(0).map(str),
    st.none() | st.binary(min_size=5, max_size=5),
    inclusive=st.booleans(),
    sent_at_ms=numbers,
    offset=st.integers(0, 10**7),
    page_index=st.integers(0, 1000),
    remaining=numbers,
    skip_count=st.integers(0, 1000),
)
targets = st.builds(
    Target,
    st.sampled_from(["conversation_id", "profile_url"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)


@given(positions, targets)
def test_every_position_is_read_back(position: Position, target: Target) -> None:
    """With any cursor of the API, any numbers and any target."""
    assert CODEC.decode(CODEC.encode(position, target), target) == position


@given(
    st.text(max_size=80)
    | st.text(letters, max_size=80)
    | st.text(st.characters(codec=None), max_size=20)
    | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode()),
    targets,
)
def test_any_other_text_is_refused(text: str, target: Target) -> None:
    """With InvalidCursor, never with another exception."""
    with pytest.raises(InvalidCursor):
        CODEC.decode(text, target)


@given(positions, targets, targets, st.data())
def test_any_change_is_refused(position: Position, target: Target, other: Target, data: st.DataObject) -> None:
    """One letter replaced, dropped or added anywhere, or another target."""
    cursor = CODEC.encode(position, target)
    index = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from(letters))
    changed = {
        cursor[:index] + letter + cursor[index + 1 :],
        cursor[:index] + cursor[index + 1 :],
        cursor[:index] + letter + cursor[index:],
    } - {cursor}
    for text in changed:
        with pytest.raises(InvalidCursor):
            CODEC.decode(text, target)
    if other != target:
        with pytest.raises(InvalidCursor):
            CODEC.decode(cursor, other)
