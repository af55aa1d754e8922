"""Renders hostile messages by the hundred thousand, and looks at every line and every character of what comes out.

    python -m tests.fuzz.hostile_messages [100000 [names|marks]]

Each message is made at random (of a fixed seed) out of forged lines, every kind of line break, invisible characters,
escape sequences, halves of emoji and the rest of what `tests.support.hostile_text` knows; so are names and types. They
are read through the whole reader, and the answers compared, line by line and without `parse`, with what was sent.
Exits with 1 if a line is forged or a character is of a forbidden class.
"""

import random
import sys
import time
from collections.abc import Iterator

import anyio

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.models import Message, Participant, Reading
from tests.property.test_hostile_laws import BREAKS, FORGED, KINDS, forged_lines
from tests.support.conversations import MemorySource, message, query, reader
from tests.support.hostile_text import FRAGMENTS, faults

CONVERSATION = 250
_APRIL_MS = 1_775_001_600_000


def hostile(draw: random.Random) -> str:
    """Words of a stranger who knows the grammar, and of one who knows Unicode."""
    pieces = (
        draw.choice(FORGED) if draw.random() < 0.6 else "".join(draw.choices(FRAGMENTS, k=draw.randrange(12)))
        for _ in range(draw.randrange(1, 5))
    )
    return draw.choice(BREAKS).join(pieces)


def conversation(draw: random.Random) -> list[Message]:
    """Oldest first, over a day or two of one April, by one to four people and some who are unknown."""
    people = [
        Participant(f"in/p{n}", clean_name(hostile(draw)) or "x", f"in/p{n}") for n in range(draw.randrange(1, 5))
    ]
    minute = 0
    sent = []
    for number in range(CONVERSATION):
        minute += draw.choice((0, 1, 7))
        moment = None if draw.random() < 0.02 else _APRIL_MS + minute * 60_000
        sender, text = draw.choice((None, *people, *people)), clean(hostile(draw))
        sent.append(message(number, text, sender=sender, kind=draw.choice(KINDS), sent_at_ms=moment))
    return sent


def answers(sent: list[Message], speakers: str) -> Iterator[tuple[Reading, list[Message]]]:
    """Each answer on the way through a conversation, and what was sent of it, oldest first."""
    whole = reader(MemorySource(sent[::-1], total=False), speakers=speakers)
    cursor: str | None = None
    while sent:
        options: dict[str, object] = {"count": CONVERSATION, "max_tokens": 20_000, "detail": "verbatim"}
        reading = anyio.run(whole.read, query(cursor=cursor, **options))
        shown = reading.structured["shown"]
        assert isinstance(shown, int)
        yield reading, sent[len(sent) - shown :]
        sent, cursor = sent[: len(sent) - shown], reading.next_cursor


def examine(wanted: int, *, seed: int, speakers: str) -> tuple[int, int, list[str], list[str]]:
    """How many messages were rendered (at least those wanted), in how many lines; forged lines, forbidden classes.

    `speakers` says who wrote a line: names or marks, as the setting of that name does.
    """
    draw = random.Random(seed)
    messages = lines = 0
    forged: list[str] = []
    forbidden: list[str] = []
    while messages < wanted:
        for reading, sent in answers(conversation(draw), speakers):
            messages += len(sent)
            lines += reading.text.count("\n") + 1
            forged += forged_lines(reading, sent)
            forbidden += faults(reading.text)
    return messages, lines, forged, forbidden


def main(wanted: int, speakers: str = "names") -> int:
    """Says what was found; 1 if anything was."""
    begun_s = time.monotonic()
    messages, lines, forged, forbidden = examine(wanted, seed=20_260_420, speakers=speakers)
    taken_s = time.monotonic() - begun_s
    sys.stdout.write(f"{messages:,} hostile messages in {lines:,} lines with {speakers}, {taken_s:.0f} s\n")
    sys.stdout.write(
        f"forged lines: {len(forged)}; answers with a character of a forbidden class: {len(forbidden)}" + "\n"
    )
    for found in (*forged[:5], *forbidden[:5]):
        sys.stdout.write(f"{ascii(found)[:200]}\n")
    return int(bool(forged or forbidden))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(int(arguments[0]) if arguments else 100_000, *arguments[1:2]))
