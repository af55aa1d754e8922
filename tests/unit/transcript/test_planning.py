"""Answers in tokens that take long to count: chosen by other tokens, counted exactly, each message once."""

from collections import Counter

import pytest

from mcp_server.transcript.answer import AnswerBuilder
from mcp_server.transcript.budget import MAX_CHARS, Allowance, Meter, Vocabulary
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.planning import Planning
from mcp_server.transcript.token_sizes import TokenSizes
from tests.support.answers import CharacterCounter, builder, said
from tests.support.conversations import counter


class SlowCounter(CharacterCounter):
    """A token for each character: about four for one of o200k_base."""


LINK = "https://meet.example.com/rooms/cold-chain/weekly/north?token=b3RoZXIgcGFzc3dvcmQgdG9rZW4"


def long_conversation(number: int = 400, *, newest: str | None = None) -> AnswerBuilder:
    """Messages that do not fit by far, in an allowance of 4,000 characters; `newest` is the last one's text."""
    minutes = [f"2026-04-{1 + at // 40:02}T{9 + at % 12:02}:{at % 60:02}Z" for at in range(number)]
    texts = [f"Thing {at} came up. Is it about plan {at * 7 % 31}? We said {at * 13} then." for at in range(number)]
    texts[-1] = newest or texts[-1]
    messages = [said(minute, text=text) for minute, text in zip(minutes, texts, strict=True)]
    return builder(messages, tokens=SlowCounter(), planner=counter(), max_tokens=4000, structured=False)


def test_only_messages_that_may_be_shown_are_counted_exactly() -> None:
    """Once each, and an answer's worth of them, not all of the conversation."""
    answers = long_conversation()
    slow = answers.token_sizes._meter._counter
    assert isinstance(slow, SlowCounter)
    reading = condensed(answers)
    whole = Counter(text for text in slow.counted if text.startswith(" Thing"))
    assert set(whole.values()) == {1}
    assert len(whole) < 120
    assert 0.97 * 4000 <= len(reading.text) <= 4000


def test_an_answer_is_the_one_that_exact_planning_would_have_filled_as_far() -> None:
    """Planned with itself, the same counter shows as much."""
    answers = long_conversation()
    exact = builder(answers.window.messages[::-1], tokens=SlowCounter(), max_tokens=4000, structured=False)
    planned, exactly = condensed(answers), condensed(exact)
    assert abs(len(planned.text) - len(exactly.text)) <= 60


def test_a_link_is_whole_beside_other_messages() -> None:
    """Its step has a cost in both tokens."""
    assert LINK in condensed(long_conversation(newest=f"The room is {LINK}")).text


def test_a_conversation_that_fits_is_shown_whole() -> None:
    """Whether it does is counted exactly."""
    answers = long_conversation(20)
    assert "omitted" not in condensed(answers).text
    assert condensed(answers).structured["shown"] == 20


@pytest.mark.parametrize(
    ("texts", "ratio"),
    [
        ([], 1.0),
        ([""], 1.0),
        (["x" * 3000], 1.0),
        (["hello"] * 5, 7 / 2),
        ([f"hello {at}" for at in range(100)], 9.9 / 4),
    ],
)
def test_the_ratio_is_measured_on_some_messages_of_any_age(texts: list[str], ratio: float) -> None:
    """Not on empty ones, nor on one that would take as long to count as an answer."""
    slow = SlowCounter()
    sizes = TokenSizes(Meter(slow), TokenSizes(Meter(counter())))
    planning = Planning(sizes, Allowance(1000), texts)
    assert planning.ratio == pytest.approx(ratio, rel=0.15)
    assert len({text for text in slow.counted if text.startswith(" hello")}) <= 33
    assert planning.allowance.tokens == int(1000 / planning.ratio * 1.25)


def test_what_is_quick_to_count_is_planned_with_itself() -> None:
    """In the very allowance of the answer."""
    sizes, allowance = TokenSizes(Meter(counter())), Allowance(1000, token_scale=1.5)
    planning = Planning(sizes, allowance, ["hello"])
    assert planning.exact
    assert (planning.sizes, planning.allowance) == (sizes, allowance)


def test_a_message_too_long_to_count_is_not_counted_in_either() -> None:
    """It cannot be shown whole, whatever the ratio."""
    answers = builder(
        [said(None, text="word " * MAX_CHARS), said(None, text="short")],
        tokens=SlowCounter(),
        planner=counter(),
        max_tokens=600,
    )
    assert len(condensed(answers).text) <= 600


def test_a_vocabulary_loads_what_counts_and_what_plans() -> None:
    """And without a planner only the first."""

    class Loading(CharacterCounter):
        prepared = loaded = False

        def prepare(self) -> None:
            self.prepared = True

        def warm(self) -> None:
            self.loaded = True

    slow, quick = Loading(), Loading()
    Vocabulary("slow", slow).prepare()
    Vocabulary("slow", slow).warm()
    assert (slow.prepared, slow.loaded, quick.prepared, quick.loaded) == (True, True, False, False)
    Vocabulary("slow", slow, planner=quick).prepare()
    assert (quick.prepared, quick.loaded) == (True, False)
    Vocabulary("slow", slow, planner=quick).warm()
    assert quick.loaded
    assert TokenSizes.of(Vocabulary("slow", slow)).planner is None
    assert TokenSizes.of(Vocabulary("slow", slow, planner=quick)).planner is not None
