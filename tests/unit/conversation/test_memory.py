"""What answers from memory say, and which calls count as repeated."""

from dataclasses import replace

import pytest

from mcp_server.conversation.memory import AnsweredQueries, age_note
from tests.support.conversations import query


def test_a_query_repeats_only_itself_and_only_for_a_while() -> None:
    """Word for word, within half a minute of its last answer; with a cursor it is never a repetition."""
    answered, asked = AnsweredQueries(), query(count=10)
    assert not answered.repeats(asked, now_s=0)
    answered.add(asked, now_s=0)
    assert answered.repeats(replace(asked), now_s=29)
    assert answered.repeats(replace(asked, notes=('Ignored unknown argument "sessionId".',)), now_s=29)
    assert not answered.repeats(replace(asked, count=11), now_s=1)
    assert not answered.repeats(asked, now_s=30)
    answered.add(asked, now_s=40)
    assert answered.repeats(asked, now_s=69)
    continued = replace(asked, cursor="x")
    answered.add(continued, now_s=40)
    assert not answered.repeats(continued, now_s=41)


def test_few_queries_are_remembered() -> None:
    """The one that was answered longest ago is forgotten first."""
    answered = AnsweredQueries()
    for count in range(1, 258):
        answered.add(query(count=count), now_s=0)
    assert not answered.repeats(query(count=1), now_s=0)
    assert answered.repeats(query(count=2), now_s=0)


@pytest.mark.parametrize(
    ("newest_age_s", "oldest_age_s", "notes"),
    [
        (None, None, ()),
        (0.01, 0.01, ("From memory, 1 second old.",)),
        (29.4, 100, ("From memory, 29 seconds old.",)),
        (None, 119, ("From memory, up to 119 seconds old.",)),
        (None, 180, ("From memory, up to 3 minutes old.",)),
    ],
)
def test_a_note_states_the_age(newest_age_s: float | None, oldest_age_s: float, notes: tuple[str, ...]) -> None:
    """Of the newest page where that is from memory, otherwise of the oldest messages."""
    assert age_note(newest_age_s=newest_age_s, oldest_age_s=oldest_age_s) == notes
