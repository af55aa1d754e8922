"""Faults, end to end: a real server process and a misbehaving upstream. See docs/evidence/reliability.md.

They are performed side by side before the first test here, so that waiting for timeouts costs their longest, not their
sum; each test then looks at one outcome. Only those that were asked for (`pytest -k case05`) are performed.
"""

import asyncio
from collections.abc import Mapping

import pytest

from tests.reliability.case import Case
from tests.reliability.report import DOCUMENT, stub
from tests.reliability.table import CASES, Outcome, perform

Outcomes = Mapping[tuple[str, int], Outcome]

EVERY = [(case, transport) for case in CASES for transport in case.transports]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What came of the cases that were asked for."""
    calls = [item.callspec.params for item in request.session.items if getattr(item, "callspec", None)]  # type: ignore[attr-defined]  # pytest's own
    chosen = [(call["transport"], call["case"]) for call in calls if isinstance(call.get("case"), Case)]
    return asyncio.run(perform(chosen, tmp_path_factory.mktemp("logs")))


@pytest.mark.parametrize(("case", "transport"), EVERY, ids=[f"{case.name}-{name}" for case, name in EVERY])
def test_a_fault_comes_to_what_the_table_says(case: Case, transport: str, outcomes: Outcomes) -> None:
    """The outcome, the bill, a server that lives, and logs at DEBUG without a canary."""
    outcome = outcomes[transport, case.number]
    assert not outcome.trouble, outcome.trouble
    assert outcome.canaries == ()


def test_the_table_has_a_row_for_every_fault() -> None:
    """Every number once, and each in the document as it is here."""
    assert [case.number for case in CASES] == list(range(1, len(CASES) + 1))
    document = DOCUMENT.read_text(encoding="utf-8")
    assert [case.number for case in CASES if f"{stub(case)} as expected |" not in document] == []
