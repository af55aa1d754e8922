"""Random bytes for a fuzz target, out of Hypothesis, for as many seconds as one likes.

    python -m tests.fuzz archive|cursor|inbox|links|parser|text|wire 600

Stops at the first that breaks a law, and shows the smallest like it. `tests.fuzz.guided` lets coverage lead instead.
"""

import importlib
import sys
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def run(target: str, seconds: float) -> int:
    """Rounds of new examples until the time is up; how many there were."""
    check = importlib.import_module(f"tests.fuzz.{target}").check
    examples = 0

    @settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=300))
    def one_round(data: bytes) -> None:
        nonlocal examples
        examples += 1
        check(data)

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        one_round()
    return examples


if __name__ == "__main__":
    sys.stdout.write(f"{run(sys.argv[1], float(sys.argv[2]))} examples, no law broken\n")
