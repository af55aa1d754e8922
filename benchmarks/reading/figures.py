"""What the model's answers come to: shares of right answers and their differences, bootstrapped over conversations."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.reading.plan import Work

RESAMPLES = 4000
SEED = 20


class Outcome(NamedTuple):
    """One question in one format. `lean` is how much more likely the right answer was: the difference of
    log-probabilities, as the mean over the orders of the answers."""

    group: str
    format: str
    conversation: str
    question: str
    kind: str
    truth: str
    lean: float

    @property
    def right(self) -> float:
        return float(self.lean > 0)


class Share(NamedTuple):
    """A figure with its 95 % interval, and the number of questions or pairs it is of."""

    value: float
    low: float
    high: float
    number: int

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


Parts = Mapping[str, tuple[float, float]]
"""For each conversation, a sum and what it is divided by."""


def outcomes(works: Iterable[Work], answers: Iterable[Mapping[str, Any]]) -> list[Outcome]:
    """Every answered question; works without an answer are passed over."""
    margins = {line["name"]: line["margins"] for line in answers}
    return [
        Outcome(
            work.group,
            work.format,
            work.window.conversation,
            question.name,
            question.kind,
            question.truth,
            sum(several) / len(several),
        )
        for work in works
        if work.name in margins
        for question, several in zip(work.questions, margins[work.name], strict=True)
    ]


def chosen(found: Iterable[Outcome], format_: str, kinds: Sequence[str], group: str = "main") -> dict[str, Outcome]:
    """The outcomes of one format, by question."""
    return {one.question: one for one in found if one.format == format_ and one.kind in kinds and one.group == group}


def rate(found: Mapping[str, Outcome]) -> Share:
    """The share of right answers."""
    return _bootstrapped([_parts((one.conversation, one.right) for one in found.values())], lambda at: at[0])


def difference(one: Mapping[str, Outcome], other: Mapping[str, Outcome]) -> Share:
    """How much larger the share of right answers is, on the questions that both have."""
    both = [(one[name], other[name]) for name in one if name in other]
    return _bootstrapped([_parts((a.conversation, a.right - b.right) for a, b in both)], lambda at: at[0])


def told_apart(found: Mapping[str, Outcome]) -> Share:
    """How often a message of one person leans more to that person than a message of another does, in pairs of the same
    conversation and the same two people: 0.5 is chance. A general preference for one name has no effect."""
    return _bootstrapped([_pairs(found)], lambda at: at[0])


def told_apart_difference(one: Mapping[str, Outcome], other: Mapping[str, Outcome]) -> Share:
    """The same as a difference, on the questions that both have."""
    shared = one.keys() & other.keys()
    both = [_pairs({name: each[name] for name in each if name in shared}) for each in (one, other)]
    return _bootstrapped(both, lambda at: at[0] - at[1])


def _pairs(found: Mapping[str, Outcome]) -> Parts:
    by_truth: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in found.values():
        by_truth[one.conversation, one.group][one.truth].append(one.lean)
    parts: dict[str, tuple[float, float]] = {}
    for (conversation, _), leans in by_truth.items():
        if len(leans) == 2:  # between two people
            a, b = leans.values()
            # Both leans are to the right answer, so one is to the first person and the other away from them.
            won = sum(1.0 if x > -y else 0.5 if x == -y else 0.0 for x in a for y in b)
            before = parts.get(conversation, (0.0, 0.0))
            parts[conversation] = (before[0] + won, before[1] + len(a) * len(b))
    return parts


def _parts(values: Iterable[tuple[str, float]]) -> Parts:
    sums: dict[str, tuple[float, float]] = {}
    for conversation, value in values:
        total, number = sums.get(conversation, (0.0, 0.0))
        sums[conversation] = (total + value, number + 1)
    return sums


def _bootstrapped(several: Sequence[Parts], combined: Callable[[Sequence[float]], float]) -> Share:
    """The combination of the ratios of sums, over all conversations and over seeded draws of as many."""
    conversations = sorted(set().union(*several))
    if not conversations:
        return Share(float("nan"), float("nan"), float("nan"), 0)

    def ratios(drawn: Sequence[str]) -> list[float]:
        values = []
        for parts in several:
            taken = [parts[one] for one in drawn if one in parts]
            values.append(sum(one[0] for one in taken) / max(1.0, sum(one[1] for one in taken)))
        return values

    draw = random.Random(SEED)
    resampled = sorted(combined(ratios(draw.choices(conversations, k=len(conversations)))) for _ in range(RESAMPLES))
    low, high = resampled[round(0.025 * RESAMPLES)], resampled[round(0.975 * RESAMPLES) - 1]
    number = round(sum(one[1] for one in several[0].values()))
    return Share(combined(ratios(conversations)), low, high, number)
