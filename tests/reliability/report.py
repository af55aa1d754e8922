"""The table of docs/evidence/reliability.md: rows from the list of cases, outcomes from running them."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.reliability.case import Case
from tests.reliability.table import CASES, Outcome, perform

DOCUMENT = Path(__file__).parents[2] / "docs" / "evidence" / "reliability.md"
BEGIN, END = "<!-- the table: `make reliability` writes it -->", "<!-- the end of the table -->"
HEAD = ("| # | case | expected | command | outcome | figures: stdio / HTTP |", "|---|---|---|---|---|---|")


def stub(case: Case) -> str:
    """The part of a row that does not depend on performing the case."""
    return f"| {case.number} | {_cell(case.title)} | {_cell(case.expected)} | `-k {case.name}` |"


def row(case: Case, outcomes: Mapping[tuple[str, int], Outcome]) -> str:
    found = [outcomes[transport, case.number] for transport in case.transports]
    failed = [outcome.transport for outcome in found if outcome.trouble or outcome.canaries]
    result = f"FAILED: {', '.join(failed)}" if failed else "as expected"
    return f"{stub(case)} {result} | {' / '.join(_cell(outcome.figure) or '-' for outcome in found)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def write(numbers: Sequence[int] = ()) -> int:
    """Performs these cases (none: all of them) and puts their rows into the document's table.

    Returns 1 if an outcome differs from the expected one.
    """
    performed = [case for case in CASES if not numbers or case.number in numbers]
    with tempfile.TemporaryDirectory() as folder:
        chosen = [(transport, case) for case in performed for transport in case.transports]
        outcomes = asyncio.run(perform(chosen, Path(folder)))
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    rows = {line.split(" ")[1]: line for line in rest.partition(END)[0].splitlines() if line.startswith("| ")}
    rows |= {str(case.number): row(case, outcomes) for case in performed}
    table = "\n".join((*HEAD, *(rows[str(case.number)] for case in CASES)))
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
    troubles = [outcome for outcome in outcomes.values() if outcome.trouble or outcome.canaries]
    for outcome in troubles:
        sys.stderr.write(f"{outcome.case.number} over {outcome.transport}: {outcome.canaries} {outcome.trouble}\n")
    sys.stdout.write(f"{len(outcomes) - len(troubles)} of {len(outcomes)} as expected, in {DOCUMENT.name}\n")
    return int(bool(troubles))
