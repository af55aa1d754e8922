"""How long cleaning one megabyte takes, for honest text and for every kind of hostile text known to be dear.

    python -m benchmarks.text

Prints milliseconds of processor time for a text of 1,000,000 bytes of UTF-8 (best of three), and the same against
reading that text once with `json.loads`, which is what brought it here. Exits with 1 if one takes over half a second.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial

from mcp_server.conversation.cleaning import clean, clean_name
from tests.support.honest_text import HONEST
from tests.support.hostile_text import FRAGMENTS, SUBDIVISION_FLAGS

SIZE = 1_000_000
LIMIT_MS = 500.0

UNITS = {
    "honest, ASCII": "Hello there, are you free on Tuesday? ",
    "honest, Cyrillic": "Привет, как дела? ",
    "honest, all samples": "\n".join(HONEST) + "\n",
    "every hostile fragment": "".join(FRAGMENTS),
    "control characters": "a\x01",
    "escape sequences": "\x1b[31m",
    "sequences that never end": "\x1b]",
    "long sequences that never end": "\x1b]" + "x" * 4000,
    "line breaks": "\r",
    "lone surrogates": "\ud800",
    "invisible characters": "a\u200b",
    "tags": "a\U000e0041",
    "flags": SUBDIVISION_FLAGS[0],
    "flags cut short": SUBDIVISION_FLAGS[0][:-1],
    "one heap of marks": "\u0301",
    "many heaps of marks": "e" + "\u0301" * 9,
    "marks and joiners": "\u0301\u200d",
    "seven marks, many joiners": "\u0301" * 7 + "\u200d" * 30,
    "isolates opened": "\u2066",
    "isolates opened and closed": "\u2066\u2069",
    "isolates on many lines": "\u2066\n",
    "direction marks": "\u200e",
    "variation selectors": "a\ufe0f",
    "honest joiners": "👩🏽\u200d",
    "stray joiners": "a\u200d",
    "joiners together": "\u200c\u200d",
    "pictures": "![<img",
    "spaces": " ",
    "spaces and letters": "a \t",
}


def main() -> int:
    """Measures every kind; 1 if one is over the limit."""
    slowest = 0.0
    print(f"{'one megabyte of':32}{'clean':>9}{'name':>9}{'json':>9}{'clean/json':>12}")
    for kind, unit in UNITS.items():
        text = unit * (SIZE // len(unit.encode(errors="surrogatepass")))
        encoded = json.dumps(text)
        cleaning, naming = milliseconds(partial(clean, text)), milliseconds(partial(clean_name, text))
        reading = milliseconds(partial(json.loads, encoded))
        slowest = max(slowest, cleaning, naming)
        print(f"{kind:32}{cleaning:7.1f}ms{naming:7.1f}ms{reading:7.1f}ms{cleaning / reading:11.1f}x")
    print(f"slowest: {slowest:.1f} ms, limit: {LIMIT_MS:.0f} ms")
    return int(slowest > LIMIT_MS)


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of the best of three runs."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        work()
        best = min(best, (time.process_time() - begun) * 1000)
    return best


if __name__ == "__main__":
    sys.exit(main())
