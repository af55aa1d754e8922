"""Whatever is sent: a query, or an error that is short, safe and says what to do."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.errors import ConversationError, InvalidArguments, InvalidCursor
from mcp_server.protocol.arguments import Arguments, parse_arguments
from tests.support.serving import LIMITS, PROFILE

ANY_TEXT = st.text(st.characters(), max_size=60)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, 3.0, 200, 20_000]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, ANY_TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ANY_TEXT, inner, max_size=3)),
    max_leaves=5,
)
NAMES = st.one_of(st.sampled_from([*Arguments.model_fields, "linkedin_url", "curser"]), ANY_TEXT)


@given(st.dictionaries(NAMES, JSON, max_size=6), st.booleans())
def test_arguments_are_a_query_or_an_error_one_can_act_on(raw: dict[str, object], about_jane: bool) -> None:
    """No other exception, no text that cannot be sent, nothing long, no line of its own."""
    try:
        query = parse_arguments({**raw, "profile_url": PROFILE, "linkedin_url": None} if about_jane else raw, LIMITS)
    except (InvalidArguments, InvalidCursor) as error:
        assert_can_be_told(error)
    else:
        assert 1 <= query.count <= LIMITS.max_count
        assert 200 <= query.max_tokens <= 20_000
        assert query.cursor is None or query.cursor == raw["cursor"]


@given(st.one_of(ANY_TEXT, JSON))
def test_any_cursor_is_passed_on_as_it_is_or_refused_in_the_one_wording(cursor: object) -> None:
    """It is never repaired, and never treated as missing."""
    told = InvalidCursor().explain()
    try:
        query = parse_arguments({"profile_url": PROFILE, "cursor": cursor}, LIMITS)
    except InvalidCursor as error:
        told = error.explain()
    else:
        assert query.cursor == (None if cursor == "" else cursor)
    assert told == InvalidCursor().explain()


def assert_can_be_told(error: ConversationError) -> None:
    """Whether the error fits into an answer."""
    told = error.explain()
    told.encode()
    assert not [character for character in told if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")]
    assert len(told) < 2_000
    assert told.endswith(" Credits spent: 0.")
