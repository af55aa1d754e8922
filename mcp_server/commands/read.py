"""`conversation-mcp read TARGET`: prints a transcript, or its JSON for programs."""

import json
import shutil
import time
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import anyio

from mcp_server.commands.chart import chart
from mcp_server.commands.console import SUCCESS, Console, counted
from mcp_server.commands.paint import painted, wants_colour
from mcp_server.commands.since import iso_since
from mcp_server.commands.source import settings_from
from mcp_server.conversation.models import Query, Reading
from mcp_server.errors import ConversationError
from mcp_server.protocol.arguments import MAX_TOKENS, Limits, parse_arguments
from mcp_server.protocol.deferred import Reader
from mcp_server.protocol.targets import target_arguments
from mcp_server.reader_factory import open_reader
from mcp_server.setting_values import DEFAULT_TOKENIZER
from mcp_server.settings import Settings

_BAR_CHARS = 20
_FIND_BY_NAME = "To find a person by name, run conversation-mcp conversations --query NAME."


def read(options: Namespace, environ: Mapping[str, str], console: Console) -> int:
    """Print the conversation, oldest message first. Progress and cost go to stderr."""
    with settings_from(environ, sandbox=options.sandbox) as settings:
        query = parse_arguments(_arguments(options, settings), Limits(settings.max_count, settings.zone))
        return anyio.run(_read, settings, query, options, console, wants_colour(console.out, environ))


def _arguments(options: Namespace, settings: Settings) -> dict[str, object]:
    # `--all` defaults to whole messages. One page per answer nearly always fits, so no page is fetched twice.
    widest = {"count": min(settings.page_size, settings.max_count), "max_tokens": MAX_TOKENS, "detail": "verbatim"}
    names = ("count", "max_tokens", "detail", "focus", "since", "cursor")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    if "since" in given:
        given["since"] = iso_since(given["since"], zone=settings.zone, now=datetime.now(UTC))
    return target_arguments(options.target, find_by_name=_FIND_BY_NAME) | (widest if options.everything else {}) | given


async def _read(settings: Settings, query: Query, options: Namespace, console: Console, colour: bool) -> int:
    began_s = time.monotonic()
    readings: list[Reading] = []
    failure: ConversationError | None = None
    async with open_reader(settings) as reader:
        try:
            await _walk(reader, query, readings, console, everything=options.everything)
        except ConversationError as error:  # reported below, after printing what was read and paid for
            failure = error
    console.progress("")
    for number, reading in enumerate(reversed(readings)):
        if options.as_json:
            console.say(json.dumps(reading.structured, ensure_ascii=False))
        else:
            text = reading.text if number == 0 else f"\n{_without_footer(reading.text)}"
            console.say(painted(text) if colour else text)
    if console.out.isatty() and not options.as_json:
        width = shutil.get_terminal_size().columns
        for line in chart([reading.text for reading in reversed(readings)], width=width, colour=colour):
            console.say(line)
    if readings:
        console.note(_figures(readings, time.monotonic() - began_s))
    return SUCCESS if failure is None else console.fail(failure)


async def _walk(reader: Reader, query: Query, readings: list[Reading], console: Console, *, everything: bool) -> None:
    """Append the newest answer to `readings`; with `everything`, also all older ones."""

    async def on_page(read_so_far: int, wanted: int) -> None:
        before = sum(_number(reading, "covered") for reading in readings)
        if not wanted:
            console.progress(f"reading the archive: {read_so_far} messages")
            return
        bar = f"{read_so_far} of {wanted} messages {_bar(read_so_far, wanted)}"
        console.progress(f"{before + read_so_far} messages" if everything else bar)

    cursor = query.cursor
    while True:
        readings.append(await reader.read(replace(query, cursor=cursor), on_page=on_page))
        cursor = readings[-1].next_cursor
        if cursor is None or not everything:
            return


def _bar(done: int, wanted: int) -> str:
    filled = _BAR_CHARS * min(done, wanted) // max(wanted, 1)
    return "█" * filled + "░" * (_BAR_CHARS - filled)


def _without_footer(transcript: str) -> str:
    """The transcript without its last line, since the older messages are printed above it."""
    return transcript.rpartition("\n")[0]


def _figures(readings: list[Reading], elapsed_s: float) -> str:
    covered, omitted, tokens = (
        sum(_number(reading, name) for reading in readings) for name in ("covered", "omitted", "tokens")
    )
    left_out = f" ({omitted:,} omitted)" if omitted else ""
    tokenizer = readings[-1].structured.get("tokenizer", DEFAULT_TOKENIZER)
    spent = f"{counted(tokens, f'{tokenizer} token')}, {_price(readings)}, {elapsed_s:.1f} s"
    return f"{counted(covered, 'message')}{left_out}, {spent}."


def _price(readings: list[Reading]) -> str:
    """What the readings cost, and what they would have cost if no message had been in memory."""
    spent = counted(sum(reading.credits for reading in readings), "credit")
    if not all("credits" in reading.structured for reading in readings):
        return "credits unknown"
    saved = sum(reading.credits_saved for reading in readings)
    return f"{spent} (about {saved} more without memory)" if saved else spent


def _number(reading: Reading, name: str) -> int:
    value = reading.structured[name]
    assert isinstance(value, int)
    return value
