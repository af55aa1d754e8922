"""Condensing 1,000 messages, and the same again with another focus: against an older checkout, and against a peer.

    python -m benchmarks.condense_again --parent DIR    a checkout of the commit to compare with
    python -m benchmarks.condense_again --trim PYTHON   an interpreter with the packages of benchmarks/trimming.txt

The peer is `trim_messages` of langchain-core, which keeps the newest messages (strategy "last") in 4,000 tokens of the
same tokenizer. Each runs in a process of its own; the processes take turns, and each reports the processor time of one
run. A run of the product is two calls of a reader with empty caches, then calls with other questions and budgets.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from benchmarks.measured import load
from benchmarks.rows import Row, ms, paired, table

ROOT = Path(__file__).resolve().parent.parent
FOCUSED = "first, with a focus", "again, with another focus", "again, without one"
PLAIN = "first, without a focus", "again, with another budget"
TRIMMING = "trim_messages"
AIMS = {
    ("first, with a focus", "the parent"): 0.75,
    ("first, without a focus", "the parent"): 0.75,
    ("again, with another focus", "the parent"): 0.4,
    ("again, with another focus", TRIMMING): 1.0,
}
RUNS, LENGTH = 21, 1000


class Runner:
    """A process that runs one script of this folder again and again."""

    def __init__(self, python: str, script: str, checkout: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-P", str(ROOT / "benchmarks" / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(checkout)},
            cwd=checkout,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, given: object = None) -> Sequence[float]:
        """Seconds of processor time of each step of one run."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(given)}\n")
        self._process.stdin.flush()
        return [float(seconds) for seconds in self._process.stdout.readline().split()]


def rows(ours: Mapping[str, Sequence[float]], others: Mapping[str, Sequence[float]], of_whom: str) -> list[Row]:
    """Our steps against those of the same name, or against the only one that there is."""
    only = others.get(TRIMMING)
    return [
        paired(f"{step}, to {of_whom}", ours[step], only or others[step], show=ms, aim=AIMS.get((step, of_whom)))
        for step in ours
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("--trim", help="an interpreter that has langchain-core and tiktoken")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    others: list[tuple[str, str, str, Path, Sequence[str]]] = []
    if options.parent is not None:
        others.append(
            ("the parent", sys.executable, "condensing_steps.py", options.parent.resolve(), (*FOCUSED, *PLAIN))
        )
    if options.trim is not None:
        others.append(("trim_messages", options.trim, "trimming_step.py", ROOT, (TRIMMING,)))
    longest = max((one["messages"] for one in load([])), key=len)
    texts = [text for _, _, text in longest[-LENGTH:]]
    for of_whom, python, script, checkout, steps in others:
        our_steps = (*FOCUSED, *PLAIN)
        ours: dict[str, list[float]] = {step: [] for step in our_steps}
        theirs: dict[str, list[float]] = {step: [] for step in steps}
        with Runner(sys.executable, "condensing_steps.py", ROOT) as us, Runner(python, script, checkout) as them:
            for runner in (us, them):
                runner.run(texts)  # loads what is needed
            for _ in range(options.runs):
                for found, runner in ((ours, us), (theirs, them)):
                    for step, seconds in zip(found, runner.run(), strict=True):
                        found[step].append(seconds)
        print(table(rows(ours, theirs, of_whom)))


if __name__ == "__main__":
    main()
