"""Resident size over stdio, idle and after a thousand calls, against the SDK's minimal server; the tokenizer's share.

python -m benchmarks.memory         Linux: it reads /proc
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks.rows import Row, table
from benchmarks.stdio import BARE, OURS, FarApi, StdioServer

CALLS, SHORT_CALLS = 1000, 20
_PEOPLE = ("callum-reyes-harbour-lane", "priya-raman-norbury", "helene-brandvold", "marcus-bell-fernhill")
_SETTLED_S = 8.0
_GROWN = """
from pathlib import Path
def rss_mb():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) * 1024 / 1e6
import tiktoken
from mcp_server.tokenizer import o200k
before_mb = rss_mb()
{build}
print(rss_mb() - before_mb)
"""
_BUILDS = {
    "the tokenizer, as built here": "kept = o200k.build_encoding(o200k.unpack_ranks(o200k.packed_ranks()))",
    "the tokenizer, with the ranks it has copied": "ranks = o200k.unpack_ranks(o200k.packed_ranks()); kept = "
    "tiktoken.Encoding('x', pat_str=o200k.PATTERN, mergeable_ranks=ranks, special_tokens={})",
}


def _ours(environment: Mapping[str, str], calls: int) -> tuple[float, float, float]:
    draw = random.Random(1)
    with StdioServer(OURS, environment) as server:
        server.greet()
        first_mb = server.rss_mb()
        server.ask("tools/list")
        time.sleep(_SETTLED_S)
        idle_mb = server.rss_mb()
        for _ in range(calls):
            person = f"https://www.linkedin.com/in/{draw.choice(_PEOPLE)}"
            server.call(profile_url=person, count=draw.randint(1, 300), max_tokens=draw.choice((500, 2000, 8000)))
        return first_mb, idle_mb, server.rss_mb()


def _bare(environment: Mapping[str, str], calls: int) -> tuple[float, float]:
    with StdioServer(BARE, environment) as server:
        server.greet()
        server.ask("tools/list")
        idle_mb = server.rss_mb()
        for _ in range(calls):
            server.call()
        return idle_mb, server.rss_mb()


def rows(*, short: bool) -> list[Row]:
    """All of it, in millions of bytes."""
    if sys.platform != "linux":
        return [Row("memory", "not measured: it takes Linux's /proc")]
    calls = SHORT_CALLS if short else CALLS
    with FarApi() as api:
        environment = {**os.environ, **api.environment}
        first_mb, idle_mb, after_mb = _ours(environment, calls)
        bare_idle_mb, bare_after_mb = _bare(environment, calls)
    found = [
        Row(
            "resident at the first answer",
            f"{first_mb:.0f} MB",
            f"{bare_idle_mb:.0f} MB",
            first_mb / bare_idle_mb,
            aim=0.4,
        ),
        Row("resident idle, ready to read", f"{idle_mb:.0f} MB", f"{bare_idle_mb:.0f} MB", idle_mb / bare_idle_mb),
        Row(f"after {calls:,} calls", f"{after_mb:.0f} MB", f"{bare_after_mb:.0f} MB", after_mb / bare_after_mb),
    ]
    for what, build in _BUILDS.items():
        command = [sys.executable, "-c", _GROWN.format(build=build)]
        grown_mb = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        found.append(Row(what, f"{grown_mb:.0f} MB"))
    return found


if __name__ == "__main__":
    print(table(rows(short="--short" in sys.argv)))
