"""Laws that hold in every vocabulary: pieces add up to the whole, and no answer is over its budget."""

import json
import random
from collections.abc import Callable, Iterator, Sequence

import anyio

from mcp_server.conversation.models import Query, Reading
from mcp_server.transcript.budget import Meter, TokenCounter, Vocabulary, escape, total
from mcp_server.transcript.render import render_text
from tests.support.conversations import TARGET, MemorySource, message, reader
from tests.support.mixed_lines import mixed_texts

LINES = 20_000
_GROUP = 40
IDEOGRAPHS = "伟"
"""A name in a script whose words are not set apart."""

_PREFIXES = (
    ">",
    "<",
    "09:10 >",
    "23:59 <~",
    "A:",
    "-",
    "07:00 B:~",
    "?",
    ">[shared post]",
    "--:-- >",
    "AB:[invitation]",
    ">\u200e",
    "Jane",
    "08:15 Jane-R~",
    "Éva",
    "דנה",
    "अनन्या[shared post]",
    IDEOGRAPHS,
    "09:10 <\u200e~",
)
_LINES = ("# Apr 20\n", "# Jan 3 2026\n", "~ 12 messages [40]\n", "~ 3 messages, Apr 21 - 24\n", "C:", " (no text)\n")


def transcripts(lines: int, without: str | None) -> Iterator[list[str]]:
    """Pieces of made-up transcripts, of `lines` messages in all. No line begins with the prefix `without`."""
    prefixes = [prefix for prefix in _PREFIXES if prefix != without]
    draw = random.Random(5)
    pieces: list[str] = []
    for text in mixed_texts(lines):
        if draw.random() < 0.2:
            pieces.append(draw.choice(_LINES[:4]))
        pieces += [draw.choice(prefixes), render_text(text)]
        if len(pieces) >= _GROUP:
            yield pieces
            pieces = []
    yield pieces


def misses(
    counter: TokenCounter,
    whole: Callable[[str], int],
    whole_in_json: Callable[[str], int],
    *,
    lines: int = LINES,
    without: str | None = None,
) -> list[tuple[int, int]]:
    """How far the sums of pieces are off the whole, as text and in JSON, for each transcript where they are."""
    meter, found = Meter(counter), []
    for pieces in transcripts(lines, without):
        size, text = total(meter.size(piece) for piece in pieces), "".join(pieces)
        miss = (size.tokens - whole(text), size.json_tokens - whole_in_json(escape(text)))
        if any(miss):
            found.append(miss)
    return found


def answers(vocabulary: Vocabulary, number: int) -> Iterator[tuple[Query, Reading]]:
    """Answers over made-up conversations of 30 and 300 messages, in budgets from 300 to 4,000 tokens."""
    draw = random.Random(7)
    for at in range(number):
        texts = list(mixed_texts(draw.choice((30, 300)), seed=at))
        messages = [message(index, text) for index, text in enumerate(texts)][::-1]
        budget, detail = draw.choice((300, 500, 1000, 4000)), draw.choice(("condensed", "condensed", "verbatim"))
        query = Query(TARGET, len(messages), budget, detail)  # type: ignore[arg-type]  # one of the two
        own = reader(MemorySource(messages), vocabulary=vocabulary, page_size=100, tokenizer=vocabulary.name)
        yield query, anyio.run(own.read, query)


def channels(reading: Reading) -> Sequence[str]:
    """An answer as it is sent: the text, and the structured content."""
    return reading.text, json.dumps(reading.structured, ensure_ascii=False, separators=(",", ":"))
