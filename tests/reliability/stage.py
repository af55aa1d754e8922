"""The environment of a case: conversations that misbehave on demand, a server that reads them, and their credits.

One upstream serves many cases at once: each of its conversations (`Line`) has steps, requests and a bill of its own.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from mcp_server.listing.grammar import ListedEntry
from mcp_server.listing.parse import parse as parse_list
from mcp_server.transcript.grammar import Line as TranscriptLine
from mcp_server.transcript.parse import parse
from tests.reliability.processes import LIST_TOOL, TOOL, RunningServer, StartServer
from tests.support.chaos import Call, Received, Step, message, page

KEY = "canary-key-7f3a"
TEXT = "canary-text-91c2"
NAME = "Canaria Nameson"
SLUG = "canary-slug-1b7e"
CURSOR = "canary-cursor-55d1"
TARGET = "2-canary-target-c05e"
CANARIES = (KEY, TEXT, NAME, SLUG, CURSOR, TARGET)
"""None of these is ever in a log; of them, only the key must not be in an answer either."""

_FULL = ("SSL_CERT_FILE", "OTEL_")
"""Settings that other programs read too."""
_SPENT = re.compile(r"Credits spent: (\d+)(, perhaps more)?\.$")
_EXTRA = re.compile(r"^! (\d+) requests? got no response and may have been billed", re.MULTILINE)
_NOTE = re.compile(r"^! (.*)$", re.MULTILINE)


def said(number: int = 1, text: object = None, **fields: object) -> dict[str, object]:
    """A message of the canary person, the `number`-th in time."""
    info = {"first_name": "", "last_name": "", "profile_url": f"https://www.linkedin.com/in/{SLUG}"}
    fields = {"sender": NAME, "sender_info": info, **fields}
    return message(f"{TEXT} {number}" if text is None else text, number=number, **fields)


def good() -> Step:
    """A page with one message, for one credit."""
    return page([said()])


def older(number: int) -> str:
    """The API's cursor of its page `number`."""
    return f"{CURSOR}-{number}"


@dataclass
class Line:
    """A conversation upstream, or an account's list of them: its id or the account's, its step for each request (the
    last repeats), and what happened."""

    target: str
    steps: tuple[Step, ...]
    requests: list[Received] = field(default_factory=list)
    billed: int = 0


class Switchboard:
    """All conversations of one upstream. `step` is what a `ChaosUpstream` answers every request with."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._numbers = itertools.count(1)

    def line(self, *steps: Step) -> Line:
        return self.put(f"{TARGET}-{next(self._numbers)}", *steps)

    def put(self, target: str, *steps: Step) -> Line:
        line = self._lines[target] = Line(target, steps)
        return line

    async def step(self, call: Call) -> None:
        document = call.received.document
        params = cast(Mapping[str, str], document["params"])
        line = self._lines[params.get("conversation_id", str(document["account_id"]))]
        step = line.steps[min(len(line.requests), len(line.steps) - 1)]
        line.requests.append(call.received)
        await step(call.charged_to(line))


@dataclass(frozen=True)
class ToolAnswer:
    """An answer of the tool, in both channels, and how long it took."""

    text: str
    structured: Mapping[str, Any]
    is_error: bool
    seconds: float

    @property
    def code(self) -> str:
        return self.text.partition(":")[0] if self.is_error else "success"

    @property
    def credits(self) -> int:
        spent = _SPENT.search(self.text) if self.is_error else None
        return int(spent[1]) if spent else cast(int, self.structured["credits"])

    @property
    def maybe_extra(self) -> int:
        """The requests that may have been charged in addition, by the answer; an error says "perhaps"."""
        if self.is_error:
            return int(", perhaps more" in self.text)
        found = _EXTRA.search(self.text)
        return int(found[1]) if found else 0

    @property
    def notes(self) -> str:
        """The notes of the answer, without the one on possible charges."""
        return " ".join(note for note in _NOTE.findall(self.text) if "may have been charged" not in note)

    @property
    def cursor(self) -> str | None:
        return cast(str | None, self.structured.get("next_cursor"))

    @property
    def entries(self) -> list[ListedEntry]:
        """The conversations listed, newest first."""
        return [item for item in parse_list(self.text).items if isinstance(item, ListedEntry)]

    @property
    def texts(self) -> list[str]:
        """The messages shown, newest first."""
        return [entry.text for entry in parse(self.text).entries if isinstance(entry, TranscriptLine)][::-1]


@dataclass
class Stage:
    """The conversations and servers of one case. `settle` compares the credits in all answers with those billed."""

    board: Switchboard
    base_url: str
    folder: Path
    log: Path
    start: StartServer
    server: RunningServer
    account: str
    lines: list[Line] = field(default_factory=list)
    replies: list[ToolAnswer] = field(default_factory=list)
    lost: int = 0
    """Credits billed by answers that never arrived, or not legibly."""
    logged: int = 0
    """Credits of cancelled calls, which only the log reports."""
    logged_extra: int = 0

    def line(self, *steps: Step) -> Line:
        line = self.board.line(*steps)
        self.lines.append(line)
        return line

    def inbox(self, *steps: Step) -> Line:
        """The list of the account's conversations. Cases of one company share it, and what is kept of it."""
        line = self.board.put(self.account, *steps)
        self.lines.append(line)
        return line

    async def ask(self, line: Line, server: RunningServer | None = None, **arguments: object) -> ToolAnswer:
        return await self.ask_raw({"conversation_id": line.target, **arguments}, server)

    async def ask_raw(self, arguments: Mapping[str, object], server: RunningServer | None = None) -> ToolAnswer:
        reply = await self._call(arguments, TOOL, server)
        if not reply.is_error:
            assert reply.texts is not None
            assert reply.structured["transcript"] == reply.text[: reply.text.rindex("\n") + 1]
        return reply

    async def lists(self, **arguments: object) -> ToolAnswer:
        """The answer of the other tool."""
        reply = await self._call(arguments, LIST_TOOL, None)
        if not reply.is_error:
            assert len(reply.entries) == reply.structured["shown"]
            assert reply.structured["list"] == reply.text[: reply.text.rindex("\n") + 1]
        return reply

    async def _call(self, arguments: Mapping[str, object], tool: str, server: RunningServer | None) -> ToolAnswer:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        result = await (server or self.server).call(arguments, tool)
        reply = ToolAnswer(
            result["content"][0]["text"],
            result.get("structuredContent", {}),
            bool(result.get("isError")),
            clock() - began_s,
        )
        self.replies.append(reply)
        if reply.is_error:
            assert not [canary for canary in CANARIES if canary in reply.text], reply.text
        return reply

    async def fails(
        self,
        line: Line,
        code: str,
        *,
        requests: int = 1,
        lost: int = 0,
        server: RunningServer | None = None,
        **arguments: object,
    ) -> ToolAnswer:
        """Assert that the line leads to an error result with this code, after this many requests."""
        reply = await self.ask(line, server, **arguments)
        assert reply.code == code, reply.text
        assert len(line.requests) == requests, line.requests
        self.lost += lost
        return reply

    async def reads(
        self,
        line: Line,
        *texts: str,
        requests: int = 1,
        lost: int = 0,
        server: RunningServer | None = None,
        **arguments: object,
    ) -> ToolAnswer:
        """Assert that the line leads to these messages, newest first; by default to one canary."""
        reply = await self.ask(line, server, **arguments)
        assert reply.code == "success", reply.text
        assert reply.texts == list(texts or (f"{TEXT} 1",)), reply.text
        assert len(line.requests) == requests, line.requests
        self.lost += lost
        return reply

    @asynccontextmanager
    async def another_server(self, **settings: str) -> AsyncIterator[RunningServer]:
        """A server for this case alone, with the account of the other one. `settings` are names without the prefix."""
        log = self.folder / f"own-{len(list(self.folder.iterdir()))}.log"
        own = environment(self.base_url, {"ACCOUNT_ID": self.account, **settings})
        async with self.start(own, log) as server:
            yield server
            assert KEY.encode() not in server.said()

    async def alive(self, server: RunningServer | None = None) -> None:
        """Assert that a call without a fault is answered."""
        await self.reads(self.line(good()), server=server)

    def settle(self) -> str:
        """Assert that the credits reported are those billed, except for charges that the answers called unknown."""
        reported = sum(each.credits for each in self.replies) + self.logged
        billed = sum(line.billed for line in self.lines)
        assert reported + self.lost == billed, f"reported {reported}, lost {self.lost}, billed {billed}"
        maybe_extra = sum(each.maybe_extra for each in self.replies) + self.logged_extra
        assert bool(maybe_extra) or not self.lost
        possible = f" and perhaps {self.lost} more" if self.lost else ""
        return (
            f"requests {sum(len(line.requests) for line in self.lines)}; reported {reported}{possible}, billed {billed}"
        )


def environment(base_url: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server, with the most detailed logging."""
    names = {
        "API_BASE_URL": base_url,
        "API_KEY": KEY,
        "ACCOUNT_ID": "acct",
        "LOG_LEVEL": "DEBUG",
        **settings,
    }
    return {name if name.startswith(_FULL) else f"CONVERSATION_{name}": value for name, value in names.items()}
