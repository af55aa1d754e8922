"""Reading 1,000 messages from an API that takes its time, against an older checkout: seconds, by turns.

    python -m benchmarks.far_walks --parent DIR      a checkout of the commit to compare with
    python -m benchmarks.far_walks --slow            one that needs 20 ms per message: its pages

Both servers run over stdio and read from one sandbox that needs 300 ms per request and 2 ms per message, and that
takes any count, refuses more than 100, or gives 50 at most. A first call, of another conversation, is not measured.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import Row, ms, paired, table
from benchmarks.stdio import PRIYA, StdioServer
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from mcp_server.sandbox.terms import Terms

ROOT = Path(__file__).resolve().parent.parent
CALLUM = {"profile_url": "https://www.linkedin.com/in/callum-reyes-harbour-lane"}
REQUEST_S, MESSAGE_S, SLOW_MESSAGE_S = 0.3, 0.002, 0.02
CASES = {
    "takes any count": Terms(max_count=1000, request_s=REQUEST_S, message_s=MESSAGE_S),
    "refuses more than 100": Terms(max_count=100, refuse_larger=True, request_s=REQUEST_S, message_s=MESSAGE_S),
    "gives 50 at most": Terms(max_count=50, request_s=REQUEST_S, message_s=MESSAGE_S),
}
AIM = 0.4
RUNS = 7


class Walked(NamedTuple):
    """One call: its seconds, the `count` of each of its requests, and how many messages its answer covers."""

    seconds: float
    counts: list[int]
    covered: int


def walk(sandbox: Sandbox, checkout: Path) -> Walked:
    """One call for 1,000 messages."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(checkout),
        "CONVERSATION_API_BASE_URL": sandbox.base_url,
        "CONVERSATION_API_KEY": SANDBOX_KEY,
        "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
    }
    with StdioServer((sys.executable, "-P", "-m", "mcp_server"), environment) as server:
        server.greet()
        server.call(**PRIYA, count=1)
        before = sandbox.ledger.requests
        began_s = time.perf_counter()
        result = server.call(**CALLUM, count=1000)
        seconds = time.perf_counter() - began_s
    entries = list(sandbox.ledger.entries)[before:]
    counts = [int(entry.request["params"]["count"]) for entry in entries]  # type: ignore[index]  # JSON
    return Walked(seconds, counts, result["structuredContent"]["covered"])


def rows(parent: Path, runs: int) -> list[Row]:
    """A row for each kind of API."""
    found = []
    for name, terms in CASES.items():
        with Sandbox(terms=terms) as sandbox:
            pairs = [(walk(sandbox, ROOT), walk(sandbox, parent)) for _ in range(runs)]
        ours, theirs = zip(*pairs, strict=True)
        requests = f"{len(ours[0].counts)} requests, parent {len(theirs[0].counts)}"
        aim = AIM if name == "takes any count" else None
        found.append(
            paired(
                f"{name} ({requests})", [one.seconds for one in ours], [one.seconds for one in theirs], show=ms, aim=aim
            )
        )
    return found


def slow() -> str:
    """A sentence on the pages of an API that needs 20 ms per message."""
    terms = Terms(max_count=1000, request_s=REQUEST_S, message_s=SLOW_MESSAGE_S)
    with Sandbox(terms=terms) as sandbox:
        ours = walk(sandbox, ROOT)
    pages = ", ".join(f"{count} messages in {terms.delay_s(count):.1f} s" for count in ours.counts)
    return f"20 ms per message: {ours.covered} messages in {ours.seconds:.1f} s. Pages: {pages}."


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("--slow", action="store_true", help="an API that needs 20 ms per message")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args(arguments)
    if options.parent is not None:
        print(table(rows(options.parent.resolve(), options.runs)))
    if options.slow:
        print(slow())


if __name__ == "__main__":
    main(sys.argv[1:])
