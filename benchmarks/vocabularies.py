"""Budgets in every vocabulary: 2,000 answers over chats in nineteen languages, and the time and memory they take.

    python -m benchmarks.vocabularies [--answers 2000] [--write] [NAME ...]

Needs the extras. With `--write`, the table goes into docs/evidence/tokens.md. Claude's rows need Python 3.12 or later.
Times are processor time, as ratios to o200k_base in the same run.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import anyio

from benchmarks.measured import NOW_MS, TARGET, OnePage, messages_of
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Detail, Message, Query, Reading
from mcp_server.errors import InvalidArguments
from mcp_server.sandbox.library import load_library
from mcp_server.service import ConversationReader
from mcp_server.setting_values import DEFAULT_SPEAKERS, DEFAULT_TOKENIZER, TOKENIZERS
from mcp_server.tokenizer import Vocabularies
from mcp_server.transcript.budget import Vocabulary

CHATS = Path(__file__).with_name("chats.json")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "evidence" / "tokens.md"
MARK = "<!-- measured -->\n"
SANDBOX = {
    "English": "harbour-lane",
    "German": "enclosures-german",
    "French": "pharma-french",
    "Spanish": "distributor-spanish",
    "Japanese": "distributor-japanese",
    "Ten scripts": "app-translators",
}
BUDGETS = (200, 300, 500, 1000, 2000, 4000, 8000)
PEOPLE = ("Jane Doe", "John Smith", "Ana Lima", "Wei Zhang")
MINUTE_MS = 60_000


class Answers(NamedTuple):
    """What many answers came to. `used` are shares of the budget, of answers that left messages out, by budget."""

    number: int
    refused: int
    over: int
    used: dict[int, list[float]]


def texts() -> dict[str, list[str]]:
    """Messages by language: of the sandbox, and of `chats.json`."""
    found: dict[str, list[str]] = json.loads(CHATS.read_text(encoding="utf-8"))
    conversations = {conversation.name: conversation for conversation in load_library().conversations}
    for language, name in SANDBOX.items():
        found[language] = [message.text for message in conversations[name].messages if message.text][-300:]
    return found


def conversation(said: Sequence[str], length: int, draw: random.Random) -> list[Message]:
    """A made-up conversation of one to three of these texts a message, oldest first."""
    people = PEOPLE[: draw.choice((2, 2, 4))]
    sent_at_ms, rows = NOW_MS - 2_000_000 * MINUTE_MS, []
    for number in range(length):
        sent_at_ms += draw.randint(1, 3000) * MINUTE_MS
        text = " ".join(draw.choice(said) for _ in range(draw.choice((1, 1, 1, 2, 3))))
        rows.append((draw.choice(people), sent_at_ms, f"{text} ({number})" if draw.random() < 0.3 else text))
    return messages_of(rows)


def reader(messages: Sequence[Message], vocabulary: Vocabulary, *, structured: bool = True) -> ConversationReader:
    """A reader that remembers nothing yet."""
    return ConversationReader(
        OnePage(messages[::-1]),
        vocabulary,
        CursorCodec("benchmark", scope=()),
        page_size=len(messages),
        max_count=len(messages),
        zone=ZoneInfo("UTC"),
        self_profile=None,
        speakers=DEFAULT_SPEAKERS,
        tokenizer=None if vocabulary.name == DEFAULT_TOKENIZER else vocabulary.name,
        token_scale=1.0,
        structured_output=structured,
        banner=None,
        now_ms=lambda: NOW_MS,
        timeout_s=60,
    )


def answered(vocabulary: Vocabulary, number: int) -> Answers:
    """So many answers in this vocabulary, each counted as a whole in both channels."""
    draw, said = random.Random(18), texts()
    languages = sorted(said)
    refused = over = 0
    used: dict[int, list[float]] = {budget: [] for budget in BUDGETS}
    for at in range(number):
        messages = conversation(said[languages[at % len(languages)]], draw.choice((15, 40, 120, 400)), draw)
        budget, structured = draw.choice(BUDGETS), draw.random() < 0.7
        detail: Detail = draw.choice(("condensed", "condensed", "verbatim"))
        query = Query(TARGET, len(messages), budget, detail)
        try:
            reading = anyio.run(reader(messages, vocabulary, structured=structured).read, query)
        except InvalidArguments:  # not even a part of one message fits beside the names
            refused += 1
            continue
        tokens = max(map(vocabulary.counter.count, channels(reading, structured=structured)))
        over += tokens > budget
        if detail == "condensed" and reading.structured["omitted"]:
            used[budget].append(tokens / budget)
    return Answers(number, refused, over, used)


def channels(reading: Reading, *, structured: bool) -> Iterator[str]:
    """What is sent."""
    yield reading.text
    if structured:
        yield json.dumps(reading.structured, ensure_ascii=False, separators=(",", ":"))


def time_ratios(vocabulary: Vocabulary, other: Vocabulary, runs: int = 9) -> tuple[float, float]:
    """Processor time of a first and of a second answer over 1,000 messages in 4,000 tokens, over that of `other`.

    The least of several runs, which take turns, so that a busy machine slows both.
    """
    messages = conversation(texts()["English"], 1000, random.Random(1))
    query = Query(TARGET, 1000, 4000)
    least = {(each.name, which): float("inf") for each in (vocabulary, other) for which in (1, 2)}
    for _ in range(runs):
        for each in (vocabulary, other):
            fresh = reader(messages, each)
            for which in (1, 2):
                began_s = time.process_time()
                anyio.run(fresh.read, query)
                least[each.name, which] = min(least[each.name, which], time.process_time() - began_s)
    return least[vocabulary.name, 1] / least[other.name, 1], least[vocabulary.name, 2] / least[other.name, 2]


def memory_mb(name: str) -> float:
    """What a process of its own has more once the vocabulary is loaded."""
    code = (
        "import sys; from mcp_server.tokenizer import Vocabularies\n"
        "rss = lambda: int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6\n"
        "vocabulary = Vocabularies().of(sys.argv[1]); before = rss(); vocabulary.counter.warm()\n"
        "vocabulary.counter.count('Hello, world'); print(rss() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
    return float(done.stdout)


def rows(names: Sequence[str], number: int) -> Iterator[str]:
    """The table, a line at a time."""
    vocabularies = Vocabularies()
    vocabularies.of(DEFAULT_TOKENIZER).warm()
    yield "| vocabulary | over budget | used from 1,000 tokens | of 200, 300, 500 | first answer | second | memory |"
    yield "|---|---|---|---|---|---|---|"
    for name in names:
        vocabulary = vocabularies.of(name)
        vocabulary.warm()
        found = answered(vocabulary, number)
        first, second = time_ratios(vocabulary, vocabularies.of(DEFAULT_TOKENIZER))
        large = [share for budget, shares in found.used.items() if budget >= 1000 for share in shares]
        small = ", ".join(f"{statistics.fmean(found.used[budget]):.2f}" for budget in (200, 300, 500))
        refused = f" ({found.refused} refused)" if found.refused else ""
        below = sum(share < 0.97 for share in large) / len(large)
        label = f"{name} (estimated)" if vocabulary.estimated else name
        yield (
            f"| {label} | {found.over} of {found.number - found.refused:,}{refused} | "
            f"{statistics.fmean(large):.3f} ({below:.0%} of answers below 0.97; least {min(large):.2f}) | {small} | "
            f"{first:.2f} | {second:.2f} | {memory_mb(name):.0f} MB |"
        )


def main() -> None:
    """Print the table, and write it if asked to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*")
    options.add_argument("--answers", type=int, default=2000)
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    lines = []
    for line in rows(given.names or TOKENIZERS, given.answers):
        print(line, flush=True)
        lines.append(line)
    if given.write:
        before, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
        PAGE.write_text(before + MARK + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
