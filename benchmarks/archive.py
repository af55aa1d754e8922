"""How long an export takes until it can be read, against Python's csv module reading the same file; and its memory.

    python -m benchmarks.archive [messages]      100,000 by default; 1,000,000 takes a minute

Times are of the processor, the best of several runs; the text is the size of the file.
"""

import csv
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mcp_server.archive.archive import Archive
from mcp_server.archive.files import read_files
from mcp_server.archive.loading import ArchiveLoader
from tests.support.exports import MODERN, OWNER, Row, csv_of

_RUNS = 5
_WORDS = ("the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not")


def export(messages: int) -> bytes:
    """An export of so many messages in conversations of some twelve, with line breaks and emoji in some."""
    draw = random.Random(1)
    rows: list[Row] = []
    conversation = 0
    while len(rows) < messages:
        conversation += 1
        friend = f"Person {conversation} Family"
        for _ in range(min(draw.randint(1, 24), messages - len(rows))):
            sender, to = (OWNER, friend) if draw.random() < 0.5 else (friend, OWNER)
            text = " ".join(draw.choices(_WORDS, k=draw.randint(3, 50)))
            text = text.replace(" ", "\n", draw.random() < 0.2) + " \N{WAVING HAND SIGN}" * (draw.random() < 0.1)
            at = datetime.fromtimestamp(draw.randint(1_400_000_000, 1_780_000_000), UTC)
            rows.append(Row(text, sender, (to,), at.strftime("%Y-%m-%dT%H:%M:%S"), conversation))
    return csv_of(rows, MODERN)


def best_of(work: Callable[[], object]) -> float:
    """Seconds of the processor."""
    times = []
    for _ in range(_RUNS):
        began_s = time.process_time()
        work()
        times.append(time.process_time() - began_s)
    return min(times)


def main() -> None:
    """Measure and print."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "messages.csv"
        path.write_bytes(export(messages))
        text_mb = path.stat().st_size / 1e6

        def by_csv_module() -> None:
            with path.open(encoding="utf-8", newline="") as stream:
                for _ in csv.reader(stream):
                    pass

        loader = ArchiveLoader(path)
        csv_s, ready_s = best_of(by_csv_module), best_of(lambda: loader.load(lambda _: None))
        tracemalloc.start()
        archive = Archive(read_files(path))
        kept, peak = (size / 1e6 for size in tracemalloc.get_traced_memory())
        tracemalloc.stop()
        listed_s = best_of(lambda: sum(1 for _ in archive.conversations()))
    print(f"{messages:,} messages, {archive.counts.conversations:,} conversations, {text_mb:.1f} MB")
    print(f"csv module {csv_s:.2f} s, ready {ready_s:.2f} s: {ready_s / csv_s:.2f} times")
    print(f"memory {kept:.1f} MB, at most {peak:.1f} MB: {kept / text_mb:.2f} and {peak / text_mb:.2f} times the text")
    print(f"all conversations listed in {listed_s:.2f} s")


if __name__ == "__main__":
    main()
