"""Time of condensing, as a multiple of counting the same messages' tokens once, and how it grows.

    python -m benchmarks.speed                 the sandbox's longest conversation, over and over
    python -m benchmarks.speed FILE.json       the longest of a file; see benchmarks/measured.py
    python -m benchmarks.speed --write         the first, and puts the table into docs/condensing.md

Condensing is everything between messages in memory and the answer in both channels: calendar, counting, choosing,
rendering. Nothing is remembered from one run to the next. Times are of the processor, medians of paired runs. A
message that comes again is two years later and has a number in its text, so that no text comes twice.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measured import composer_of, load, messages_of, write_between
from mcp_server.conversation.models import Message
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.render import render_text

LENGTHS = (100, 1000, 10_000)
LEAST_REPEATS = 7
REPEATED_MESSAGES = 20_000
"""Short conversations are run more often: until so many messages have been condensed."""

BUDGETS = (1000, 4000)
"""Small ones, so that even a hundred messages have to be chosen from, and the tool's own."""

FOCUS = "Which competitor made a cheaper offer?"
_AGAIN_AFTER_MS = 2 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class Row:
    """Medians for so many messages in a budget: seconds of counting them, and times that of condensing them."""

    budget: int
    length: int
    counting_s: float
    condensing: float
    focused: float


def measured(texts: Sequence[tuple[str, int, str]], length: int, budget: int, counter: O200kCounter) -> Row:
    """Condenses `length` messages made of `texts` into a budget, by turns with counting them."""
    messages = repeated(texts, length)
    rendered = [render_text(message.text) for message in messages]
    counting: list[float] = []
    plain: list[float] = []
    focused: list[float] = []
    for _ in range(max(LEAST_REPEATS, REPEATED_MESSAGES // length)):
        counting.append(seconds(lambda: [counter.count(text) for text in rendered]))
        plain.append(seconds(lambda: condensed(composer_of(messages, counter, budget))))
        focused.append(seconds(lambda: condensed(composer_of(messages, counter, budget, FOCUS))))
    once = median(counting)
    return Row(budget, length, once, median(plain) / once, median(focused) / once)


def repeated(texts: Sequence[tuple[str, int, str]], length: int) -> list[Message]:
    """The first `length` messages of a conversation, which begins again with numbers where it ends too soon."""
    rows = []
    for number in range(length):
        turn, at = divmod(number, len(texts))
        sender, sent_at_ms, text = texts[at]
        rows.append((sender, sent_at_ms + turn * _AGAIN_AFTER_MS, f"{text} {turn}" if turn else text))
    return messages_of(rows)


def seconds(run: Callable[[], object]) -> float:
    """Processor time of one run."""
    began_s = time.process_time()
    run()
    return time.process_time() - began_s


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the table; growth is that of the time of condensing, from a tenth of the messages."""
    yield "| budget | messages | counting once | condensing | with a focus | growth | with a focus | n log n |"
    yield "|---|---|---|---|---|---|---|---|"
    before: Row | None = None
    for row in rows:
        grown = ["", "", ""]
        if before is not None and before.budget == row.budget:
            counting = row.counting_s / before.counting_s
            log = row.length * math.log(row.length) / (before.length * math.log(before.length))
            plain, focused = row.condensing / before.condensing, row.focused / before.focused
            grown = [f"{counting * plain:.1f}", f"{counting * focused:.1f}", f"{log:.1f}"]
        multiples = [f"{row.condensing:.1f}", f"{row.focused:.1f}"]
        cells = [f"{row.budget:,}", f"{row.length:,}", f"{row.counting_s * 1000:.2f} ms", *multiples]
        yield f"| {' | '.join([*cells, *grown])} |"
        before = row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE.json")
    parser.add_argument("--write", action="store_true", help="the table into docs/condensing.md; only without files")
    options = parser.parse_args()
    if options.write and options.files:
        parser.error("The figures in docs/ are measured on the sandbox's conversations.")
    counter = O200kCounter()
    counter.warm()
    longest = max((one["messages"] for one in load(options.files)), key=len)
    lines = "\n".join(table([measured(longest, length, budget, counter) for budget in BUDGETS for length in LENGTHS]))
    print(lines)
    if options.write:
        write_between("speed", lines)


if __name__ == "__main__":
    main()
