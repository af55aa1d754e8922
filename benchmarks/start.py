"""From spawn to the first answers, against the SDK's minimal server started by turns; and what its parts take.

python -m benchmarks.start
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from benchmarks.rows import Row, ms, paired, table
from benchmarks.stdio import BARE, OURS, PRIYA, FarApi, StdioServer

RUNS, SHORT_RUNS = 20, 2

_SDK = "import mcp.server.lowlevel, mcp.server.stdio"
_SERVES = "import mcp_server.bootstrap"
_READS = "import mcp_server.reader_factory"
_PUBLISHED = """
import lzma
from base64 import b64decode
from tests.support.ranks import published_ranks
packed = lzma.compress(published_ranks())
"""
_RANKS = """
import tiktoken
from mcp_server.tokenizer import o200k
ranks = o200k.unpack_ranks(o200k.packed_ranks())
"""
_TEXTS = """
from mcp_server.sandbox.library import load_library
(priya,) = [found for found in load_library().conversations if found.name == "norbury-sales"]
texts = [said.text for said in priya.messages]
"""
_FIRST_COUNTS = """
from mcp_server.tokenizer.first_counts import FirstCounts
counts = FirstCounts(ranks, o200k.PATTERN)
assert None not in [counts.count(text) for text in texts]
"""
# What is there already, and what is timed, in a process of its own, since what is loaded once is loaded.
PARTS = {
    "importing the SDK": ("", _SDK),
    "the same with the garbage collector paused": ("import gc; gc.disable()", _SDK),
    "importing what serves, beyond the SDK": (_SDK, _SERVES),
    "importing what reads, beyond both": (_SERVES, _READS),
    "importing httpx, beyond all": (f"{_SERVES}; {_READS}", "import httpx"),
    "token ranks, unpacked and read": (
        "from mcp_server.tokenizer.o200k import packed_ranks, unpack_ranks",
        "unpack_ranks(packed_ranks())",
    ),
    "token ranks as published, from xz": (
        _PUBLISHED,
        "{b64decode(token): int(rank) for token, rank in map(bytes.split, lzma.decompress(packed).splitlines())}",
    ),
    "a conversation of 60 messages, counted without the encoder": (_RANKS + _TEXTS, _FIRST_COUNTS),
    "the encoder out of the ranks (tiktoken)": (
        _RANKS,
        "tiktoken.Encoding('x', pat_str=o200k.PATTERN, mergeable_ranks=ranks, special_tokens={})",
    ),
}


def first_answers(environment: Mapping[str, str], runs: int) -> list[Row]:
    """Seconds to the first answer, to the list of tools, and to a whole conversation."""
    ours: list[list[float]] = [[], [], []]
    bare: list[list[float]] = [[], []]
    for _ in range(runs):
        with StdioServer(BARE, environment) as server:
            server.greet()
            bare[0].append(server.since_start_s())
            server.ask("tools/list")
            bare[1].append(server.since_start_s())
        with StdioServer(OURS, environment) as server:
            server.greet()
            ours[0].append(server.since_start_s())
            server.ask("tools/list")
            ours[1].append(server.since_start_s())
            server.call(**PRIYA)
            ours[2].append(server.since_start_s())
    return [
        paired("spawn to first answer", ours[0], bare[0], show=ms, aim=0.25),
        paired("spawn to list of tools", ours[1], bare[1], show=ms, aim=0.3),
        paired("spawn to first conversation, to bare's first answer", ours[2], bare[0], show=ms, aim=1.5),
    ]


def stall(environment: Mapping[str, str], runs: int) -> Row:
    """The longest wait for a ping after `tools/list`, while the reader and then the encoder load in the background."""
    longest: dict[tuple[str, ...], list[float]] = {OURS: [], BARE: []}
    for _ in range(runs):
        for command, waits in longest.items():
            with StdioServer(command, environment) as server:
                server.greet()
                server.ask("tools/list")
                until_s, worst_s = time.perf_counter() + 4, 0.0
                while (began_s := time.perf_counter()) < until_s:
                    server.ask("ping")
                    worst_s = max(worst_s, time.perf_counter() - began_s)
                    time.sleep(0.002)
                waits.append(worst_s)
    middle = {command: statistics.median(waits) for command, waits in longest.items()}
    return Row("longest wait of a ping in the four seconds after", ms(middle[OURS]), ms(middle[BARE]))


def parts(runs: int) -> list[Row]:
    """What loading is made of, each taken in a fresh process, medians."""
    found = []
    for what, (before, timed) in PARTS.items():
        script = f"{before}\nimport time\nbegan_s = time.perf_counter()\n{timed}\nprint(time.perf_counter() - began_s)"
        times = [
            float(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
            for _ in range(runs)
        ]
        found.append(Row(what, ms(statistics.median(times))))
    return found


def rows(*, short: bool) -> list[Row]:
    """All of it."""
    runs = SHORT_RUNS if short else RUNS
    with FarApi() as api:
        environment = {**os.environ, **api.environment}
        return [*first_answers(environment, runs), stall(environment, max(2, runs // 4)), *parts(max(1, runs // 4))]


if __name__ == "__main__":
    print(table(rows(short="--short" in sys.argv)))
