"""Reading 1,000 messages from an API that takes its time, against an older checkout: seconds, by turns.

    python -m benchmarks.far_walks --parent DIR      a checkout of the commit to compare with
    python -m benchmarks.far_walks --slow            one that needs 20 ms per message: the longest page after the first

Both servers run over stdio and read from one sandbox that needs 300 ms per request and 2 ms per message, and that
takes any count, refuses more than 100, or gives 50 at most. A first call, of another conversation, is not measured.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

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


def walk(sandbox: Sandbox, checkout: Path, count: int = 1000) -> tuple[float, int]:
    """Seconds of one call for so many messages, and how many requests it made."""
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
        server.call(**CALLUM, count=count)
        return time.perf_counter() - began_s, sandbox.ledger.requests - before


def rows(parent: Path, runs: int) -> list[Row]:
    """A row for each kind of API."""
    found = []
    for name, terms in CASES.items():
        with Sandbox(terms=terms) as sandbox:
            pairs = [(walk(sandbox, ROOT), walk(sandbox, parent)) for _ in range(runs)]
        ours, theirs = zip(*pairs, strict=True)
        requests = f"{ours[0][1]} requests, parent {theirs[0][1]}"
        aim = AIM if name == "takes any count" else None
        found.append(
            paired(f"{name} ({requests})", [one for one, _ in ours], [one for one, _ in theirs], show=ms, aim=aim)
        )
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=Path, help="a checkout of the commit to compare with")
    parser.add_argument("--slow", action="store_true", help="an API that needs 20 ms per message")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args(arguments)
    if options.parent is not None:
        print(table(rows(options.parent.resolve(), options.runs)))
    if options.slow:
        with Sandbox(terms=Terms(max_count=1000, request_s=REQUEST_S, message_s=SLOW_MESSAGE_S)) as sandbox:
            seconds, requests = walk(sandbox, ROOT)
        print(f"20 ms per message: {requests} requests, {seconds:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
