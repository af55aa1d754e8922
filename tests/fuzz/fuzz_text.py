"""Hostile text for the cleaner, out of Hypothesis, for as many seconds as one likes.

    python -m tests.fuzz.fuzz_text 600

Stops at the first text that breaks a law, and shows the smallest like it. `atheris_text` beside it lets coverage guide.
"""

import sys
import time

import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcp_server.conversation.text import NAME_GRAPHEMES, Cleaned, clean_counted, clean_name
from tests.support.hostile_text import FRAGMENTS, faults


def check(text: str) -> None:
    """Every law of the cleaner at once."""
    cleaned = clean_counted(text)
    assert faults(cleaned.text) == [], ascii(text)
    assert clean_counted(cleaned.text) == Cleaned(cleaned.text, 0), ascii(text)
    cleaned.text.encode()
    name = clean_name(text)
    assert faults(name) == [], ascii(text)
    assert clean_name(name) == name, ascii(text)
    assert len(regex.findall(r"\X", name)) <= NAME_GRAPHEMES, ascii(text)


def text_of(data: bytes) -> str:
    """A text for any bytes: most stand for a fragment, the others begin a code point."""
    pieces: list[str] = []
    stream = iter(data)
    for byte in stream:
        if byte < len(FRAGMENTS):
            pieces.append(FRAGMENTS[byte])
        else:
            pieces.append(chr((byte % 17 << 16 | next(stream, 0) << 8 | next(stream, 0)) % 0x110000))
    return "".join(pieces)


def run(seconds: float) -> int:
    """Rounds of new examples until the time is up; how many there were."""
    examples = 0

    @settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(FRAGMENTS) | st.characters(codec=None), max_size=120).map("".join))
    def one_round(text: str) -> None:
        nonlocal examples
        examples += 1
        check(text)

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        one_round()
    return examples


if __name__ == "__main__":
    sys.stdout.write(f"{run(float(sys.argv[1]))} texts, no law broken\n")
