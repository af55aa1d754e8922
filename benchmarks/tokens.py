"""What a transcript costs beyond the words in it, and what the same messages cost in the styles of other servers.

    python -m benchmarks.tokens [FILE.json]

Without a file, on the newest 200 messages of the sandbox's longest conversation; a file has the form that
`condense.py` describes, and every dialogue of it is taken.
"""

import csv
import io
import json
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import anyio

from benchmarks.rows import Row, table
from benchmarks.sandbox_dialogues import dialogues
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, Page, Participant, Query, Target
from mcp_server.service import ConversationReader
from mcp_server.setting_values import DEFAULT_SPEAKERS
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.budget import Vocabulary
from mcp_server.transcript.parse import parse
from mcp_server.transcript.render import render_closing, render_preamble

NEWEST = 200
FIVE = ("Jane Doe", "John Smith", "Ana Lima", "Wei Zhang", "Priya Raman")
TARGET = Target("conversation_id", "benchmark")
COLUMNS = ("MsgID", "UserID", "UserName", "RealName", "Channel", "ThreadTs", "Text", "Time", "Reactions", "Cursor")
Said = Sequence[tuple[str, int, str]]
"""(name, milliseconds since 1970, text) of messages, oldest first."""


class _Pages:
    """A source with one conversation, in pages of fifty whose cursors look like the API's example."""

    def __init__(self, said: Said) -> None:
        self._messages = tuple(
            Message(f"urn:{number}", text, sent_at_ms, _participant(name))
            for number, (name, sent_at_ms, text) in enumerate(said)
        )[::-1]

    async def page(
        self,
        target: Target,  # noqa: ARG002
        *,
        cursor: str | None,
        count: int,
        deadline: float,  # noqa: ARG002
        policy: CachePolicy = ANY_CACHED,  # noqa: ARG002
    ) -> Page:
        first = 0 if cursor is None else int(cursor) - 1_777_146_000_000
        messages, behind = self._messages[first : first + count], first + count
        more = None if behind >= len(self._messages) else str(1_777_146_000_000 + behind)
        newest = messages[0].sent_at_ms if messages else None
        return Page(messages, more, total=len(self._messages), unread=0, seen=True, seen_at_ms=newest, credits=1)


def _participant(name: str) -> Participant:
    slug = f"in/{name.lower().replace(' ', '-')}"
    return Participant(slug, name, slug)


def transcript(said: Said, counter: O200kCounter) -> tuple[str, int, int, int]:
    """The transcript of the newest 200, and the tokens of its head, foot and cursor."""
    reader = ConversationReader(
        _Pages(said),
        Vocabulary("o200k_base", counter),
        CursorCodec("benchmark", scope=()),
        page_size=50,
        max_count=NEWEST,
        timeout_s=45,
        zone=ZoneInfo("UTC"),
        self_profile=None,
        speakers=DEFAULT_SPEAKERS,
        token_scale=1.0,
        structured_output=True,
        banner=None,
        now_ms=lambda: said[-1][1] + 200_000_000,
    )
    reading = anyio.run(reader.read, Query(TARGET, NEWEST, 20_000, "verbatim"))
    read = parse(reading.text)
    head, foot = counter.count(render_preamble(read)), counter.count(render_closing(read))
    return reading.text, head, foot, counter.count(reading.next_cursor or "")


def api_json(said: Said) -> str:
    """The API's own messages, minified: as wrappers of an API return it, in the style of github-mcp-server."""
    messages = [_row(number, *one) for number, one in enumerate(said)]
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":"))


def comma_separated(said: Said) -> str:
    """The columns of korotovsky/slack-mcp-server, filled with what there is."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, (name, sent_at_ms, text) in enumerate(said):
        slug, time = name.lower().replace(" ", "-"), _time(sent_at_ms)
        writer.writerow([f"{sent_at_ms / 1000:.6f}", _urn(number), slug, name, "", "", text, time, "", ""])
    return out.getvalue()


def one_line(said: Said) -> str:
    """`[time] name: text`, as most servers print a chat."""
    return "\n".join(f"[{_time(sent_at_ms)}] {name}: {text}" for name, sent_at_ms, text in said)


STYLES: dict[str, Callable[[Said], str]] = {
    "the API's JSON, minified": api_json,
    "CSV, the columns of slack-mcp-server": comma_separated,
    "one line per message: [time] name: text": one_line,
    "bare texts": lambda said: "\n".join(text for _, _, text in said),
}


def _row(number: int, name: str, sent_at_ms: int, text: str) -> dict[str, Any]:
    first, _, last = name.partition(" ")
    profile = f"https://www.linkedin.com/in/{name.lower().replace(' ', '-')}/"
    return {
        "text": text,
        "timestamp": sent_at_ms,
        "sender": name,
        "sender_info": {"first_name": first, "last_name": last, "profile_url": profile},
        "message_type": "TEXT",
        "entity_urn": _urn(number),
    }


def _urn(number: int) -> str:
    letters = random.Random(number).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=36)
    return f"urn:li:msg_message:(urn:li:fsd_profile:ACoAAB7tWkQBn0r4L1ndqv1s,2-{''.join(letters)})"


def _time(sent_at_ms: int) -> str:
    return datetime.fromtimestamp(sent_at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_a_group(said: Said) -> Said:
    """The same messages among five: the sender is drawn at random at each change of sender."""
    draw, before, now, group = random.Random(7), "", "", []
    for name, sent_at_ms, text in said:
        if name != before:
            before, now = name, draw.choice([one for one in FIVE if one != now])
        group.append((now, sent_at_ms, text))
    return group


def rows(conversations: Sequence[Said]) -> list[Row]:
    """All of it: means over the conversations."""
    counter = O200kCounter()
    found = []
    cursors: list[int] = []
    for what, kind, aim in (("between two", lambda said: said, 2.1), ("in a group of five", in_a_group, 3.2)):
        above, around = [], []
        for said in map(kind, conversations):
            text, head, foot, cursor = transcript(said, counter)
            newest = list(said)[-NEWEST:]
            bare = counter.count("\n".join(text for _, _, text in newest))
            above.append((counter.count(text) - bare) / len(newest))
            around.append(head + foot)
            cursors.append(cursor)
        found.append(Row(f"tokens per message above its text, {what}", f"{statistics.fmean(above):.2f}", f"goal {aim}"))
        found.append(
            Row(
                f"header and footer together, {what}",
                f"{statistics.fmean(around):.0f} tokens ({min(around)} to {max(around)})",
                "goal 90" if "two" in what else "",
            )
        )
    found.append(Row("next_cursor", f"{min(cursors)} to {max(cursors)} tokens", "goal 45"))
    ours = sum(counter.count(transcript(said, counter)[0]) for said in conversations)
    for what, style in STYLES.items():
        theirs = sum(counter.count(style(list(said)[-NEWEST:])) for said in conversations)
        found.append(Row(f"tokens, to {what}", f"{ours:,}", f"{theirs:,}", ours / theirs))
    return found


def loaded(paths: Sequence[str]) -> list[Said]:
    """The conversations of these files, or the sandbox's longest."""
    if paths:
        files = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
        return [[tuple(one) for one in dialogue["messages"]] for file in files for dialogue in file]
    return [max((dialogue["messages"] for dialogue in dialogues()), key=len)]


if __name__ == "__main__":
    print(table(rows(loaded(sys.argv[1:]))))
