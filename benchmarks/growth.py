"""Time of condensing against the size of what was sent: one giant message among small ones, and 1,000 equal ones.

    python -m benchmarks.growth

Condensing is everything between messages in memory and the answer in 4,000 tokens, with empty caches. Times are of the
processor, medians.
"""

import time
from collections.abc import Sequence
from statistics import median

import anyio

from benchmarks.measured import TARGET, messages_of, reader_of
from benchmarks.rows import ms
from mcp_server.conversation.models import Message, Query
from mcp_server.tokenizer import O200kCounter

SIZES = (10_000, 50_000, 100_000, 1_000_000, 5_000_000)
BUDGET, FOCUS, REPEATS, SMALL, MANY = 4000, "price of rooms", 3, 20, 1000
BEGAN_MS, HOUR_MS = 1_700_000_000_000, 3_600_000
_SENTENCE = "We agreed on the price of twelve cold rooms and the delivery by the end of May, says number {}. "


def text(chars: int, number: int = 0) -> str:
    """Sentences with a number of their own."""
    count = chars // len(_SENTENCE) + 1
    return "".join(_SENTENCE.format(number + at) for at in range(count))[:chars]


def giant(chars: int) -> list[Message]:
    """Small messages, and a newest one of so many characters."""
    small = [("AB"[at % 2], BEGAN_MS + at * HOUR_MS, f"short {at}") for at in range(SMALL)]
    return messages_of([*small, ("B", BEGAN_MS + SMALL * HOUR_MS, text(chars))])


def many(chars: int) -> list[Message]:
    """A thousand messages that have so many characters together."""
    each = chars // MANY
    return messages_of([("AB"[at % 2], BEGAN_MS + at * HOUR_MS, text(each, at * each)) for at in range(MANY)])


def seconds(messages: Sequence[Message], focus: str | None, counter: O200kCounter) -> float:
    """The median time of condensing these messages."""
    times = []
    for _ in range(REPEATS):
        reader = reader_of(messages, counter)
        began_s = time.process_time()
        anyio.run(reader.read, Query(TARGET, len(messages), BUDGET, focus=focus))
        times.append(time.process_time() - began_s)
    return median(times)


def main() -> None:
    counter = O200kCounter()
    counter.warm()
    print("| characters sent | one giant message | with a focus | a thousand messages | with a focus |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        found = [seconds(make(size), focus, counter) for make in (giant, many) for focus in (None, FOCUS)]
        print(f"| {size:,} | {' | '.join(ms(one) for one in found)} |", flush=True)


if __name__ == "__main__":
    main()
