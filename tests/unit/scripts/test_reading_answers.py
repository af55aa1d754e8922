"""What benchmarks/reading makes of answers: it asks nothing twice, and counts as its page says."""

from functools import lru_cache

import pytest

from benchmarks.reading.__main__ import current
from benchmarks.reading.figures import Outcome, chosen, outcomes, rate, told_apart, told_apart_difference
from benchmarks.reading.plan import Work, plan


@lru_cache(maxsize=1)
def works() -> list[Work]:
    return list(plan())[:3]


def answer(work: Work, lean: float = 1.0) -> dict[str, object]:
    margins = [[lean] * len(question.askings) for question in work.questions]
    return {"name": work.name, "digest": work.prepared()["digest"], "margins": margins}


def outcome(question: str, truth: str, lean: float, conversation: str = "one") -> Outcome:
    return Outcome("open", "marks", conversation, question, "who", truth, lean)


def test_an_answer_is_kept_while_text_and_questions_are_the_same() -> None:
    answers = [answer(work) for work in works()]
    assert current(answers, works()) == answers
    assert current([answers[0] | {"digest": "of another text"}], works()) == []
    assert current([answers[0] | {"name": "of another work"}], works()) == []


def test_of_two_answers_to_the_same_the_later_one_counts() -> None:
    (work, *_) = works()
    earlier, later = answer(work, 1.0), answer(work, -1.0)
    assert current([earlier, later], works()) == [later]


def test_every_question_of_a_text_that_was_asked_about_has_an_outcome() -> None:
    work, *rest = works()
    found = outcomes([work, *rest], [answer(work)])
    assert [one.question for one in found] == [question.name for question in work.questions]
    assert rate(chosen(found, work.format, tuple({one.kind for one in found}))).value == 1


def test_a_preference_for_one_name_makes_half_right_and_tells_nobody_apart() -> None:
    leans = {"a": ("Jane", 2.0), "b": ("Jane", 2.0), "c": ("John", -2.0), "d": ("John", -2.0)}
    found = {name: outcome(name, truth, lean) for name, (truth, lean) in leans.items()}
    assert (rate(found).value, told_apart(found).value) == (0.5, 0.5)


def test_a_weaker_lean_to_the_preferred_name_for_the_other_persons_messages_tells_all_apart() -> None:
    leans = {"a": ("Jane", 2.0), "b": ("Jane", 3.0), "c": ("John", -1.0), "d": ("John", -1.5)}
    found = {name: outcome(name, truth, lean) for name, (truth, lean) in leans.items()}
    assert (rate(found).value, told_apart(found).value) == (0.5, 1.0)
    assert told_apart_difference(found, found).value == 0


def test_an_interval_is_over_conversations() -> None:
    one = {name: outcome(name, "Jane", lean) for name, lean in (("a", 1.0), ("b", -1.0))}
    assert (rate(one).low, rate(one).high) == (0.5, 0.5)
    two = one | {name: outcome(name, "Jane", 1.0, "two") for name in ("c", "d")}
    assert (rate(two).low, rate(two).value, rate(two).high) == pytest.approx((0.5, 0.75, 1.0))
