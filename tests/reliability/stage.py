"""What a case works with: conversations that misbehave on demand, a server to ask about them, and the books.

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

from mcp_server.transcript.grammar import Line as TranscriptLine
from mcp_server.transcript.parse import parse
from tests.reliability.processes import RunningServer, StartServer
from tests.support.chaos import Call, Received, Step, message, page

KEY = "canary-key-7f3a"
TEXT = "canary-text-91c2"
NAME = "Canaria Nameson"
SLUG = "canary-slug-1b7e"
CURSOR = "canary-cursor-55d1"
TARGET = "2-canary-target-c05e"
CANARIES = (KEY, TEXT, NAME, SLUG, CURSOR, TARGET)
"""None of these is ever in a log; of them, only the key must not be in an answer either."""

_SPENT = re.compile(r"Credits spent: (\d+)(, perhaps more)?\.$")
_EXTRA = re.compile(r"^! (\d+) requests? got no response and may have been billed", re.MULTILINE)
_NOTE = re.compile(r"^! (.*)$", re.MULTILINE)


def said(number: int = 1, text: object = None, **fields: object) -> dict[str, object]:
    """A message of the canary person, the `number`-th in time."""
    info = {"first_name": "", "last_name": "", "profile_url": f"https://www.linkedin.com/in/{SLUG}"}
    fields = {"sender": NAME, "sender_info": info, **fields}
    return message(f"{TEXT} {number}" if text is None else text, number=number, **fields)


def good() -> Step:
    """A page with one message, for a credit."""
    return page([said()])


def older(number: int) -> str:
    """The API's cursor of its page `number`."""
    return f"{CURSOR}-{number}"


@dataclass
class Line:
    """A conversation upstream: its id, what it does at each request (the last for ever), and what came of that."""

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
        line = Line(f"{TARGET}-{next(self._numbers)}", steps)
        self._lines[line.target] = line
        return line

    async def step(self, call: Call) -> None:
        params = cast(Mapping[str, str], call.received.document["params"])
        line = self._lines[params["conversation_id"]]
        step = line.steps[min(len(line.requests), len(line.steps) - 1)]
        line.requests.append(call.received)
        await step(call.charged_to(line))


@dataclass(frozen=True)
class MessageSalience:
    """An answer of the tool, as both channels have it, and how long it took."""

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
        """How many requests the answer says may have been charged beside its credits; an error says "perhaps"."""
        if self.is_error:
            return int(", perhaps more" in self.text)
        found = _EXTRA.search(self.text)
        return int(found[1]) if found else 0

    @property
    def notes(self) -> str:
        """What the server says about the answer, but for what may have been charged."""
        return " ".join(note for note in _NOTE.findall(self.text) if "may have been charged" not in note)

    @property
    def cursor(self) -> str | None:
        return cast(str | None, self.structured.get("next_cursor"))

    @property
    def texts(self) -> list[str]:
        """The messages shown, newest first."""
        return [entry.text for entry in parse(self.text).entries if isinstance(entry, TranscriptLine)][::-1]


@dataclass
class Stage:
    """One case's view of it all. `expect_*` and `ask` keep the books that are closed by `settle`."""

    board: Switchboard
    base_url: str
    folder: Path
    log: Path
    start: StartServer
    server: RunningServer
    lines: list[Line] = field(default_factory=list)
    told: list[MessageSalience] = field(default_factory=list)
    lost: int = 0
    """Credits billed by answers that never arrived, or not legibly."""
    logged: int = 0
    """Credits of calls that were given up: nobody was told but the log."""
    logged_extra: int = 0

    def line(self, *steps: Step) -> Line:
        line = self.board.line(*steps)
        self.lines.append(line)
        return line

    async def ask(self, line: Line, server: RunningServer | None = None, **arguments: object) -> MessageSalience:
        return await self.ask_raw({"conversation_id": line.target, **arguments}, server)

    async def ask_raw(self, arguments: Mapping[str, object], server: RunningServer | None = None) -> MessageSalience:
        clock = asyncio.get_running_loop().time
        began_s = clock()
        result = await (server or self.server).call(arguments)
        told = MessageSalience(
            result["content"][0]["text"],
            result.get("structuredContent", {}),
            bool(result.get("isError")),
            clock() - began_s,
        )
        self.told.append(told)
        if told.is_error:
            assert not [canary for canary in CANARIES if canary in told.text], told.text
        else:
            assert told.texts is not None
            assert told.structured["transcript"] == told.text[: told.text.rindex("\n") + 1]
        return told

    async def fails(
        self,
        line: Line,
        code: str,
        *,
        requests: int = 1,
        lost: int = 0,
        server: RunningServer | None = None,
        **arguments: object,
    ) -> MessageSalience:
        """The line comes to an error result with this code, after so many requests."""
        told = await self.ask(line, server, **arguments)
        assert told.code == code, told.text
        assert len(line.requests) == requests, line.requests
        self.lost += lost
        return told

    async def reads(
        self,
        line: Line,
        *texts: str,
        requests: int = 1,
        lost: int = 0,
        server: RunningServer | None = None,
        **arguments: object,
    ) -> MessageSalience:
        """The line comes to these messages, newest first (a canary's words where none are named)."""
        told = await self.ask(line, server, **arguments)
        assert told.code == "success", told.text
        assert told.texts == list(texts or (f"{TEXT} 1",)), told.text
        assert len(line.requests) == requests, line.requests
        self.lost += lost
        return told

    @asynccontextmanager
    async def another_server(self, **settings: str) -> AsyncIterator[RunningServer]:
        """A server of this case's own; `settings` without their prefix, or whole names of the environment."""
        log = self.folder / f"own-{len(list(self.folder.iterdir()))}.log"
        async with self.start(environment(self.base_url, settings), log) as server:
            yield server
            assert KEY.encode() not in server.said()

    async def alive(self, server: RunningServer | None = None) -> None:
        """A call that nothing is wrong with is answered."""
        await self.reads(self.line(good()), server=server)

    def settle(self) -> str:
        """The books: what the answers told is what was billed, but for what they said they could not know."""
        told = sum(each.credits for each in self.told) + self.logged
        billed = sum(line.billed for line in self.lines)
        assert told + self.lost == billed, f"told {told}, lost {self.lost}, billed {billed}"
        maybe_extra = sum(each.maybe_extra for each in self.told) + self.logged_extra
        assert bool(maybe_extra) or not self.lost
        possible = f" and perhaps {self.lost} more" if self.lost else ""
        return f"requests {sum(len(line.requests) for line in self.lines)}; reported {told}{possible}, billed {billed}"


def environment(base_url: str, settings: Mapping[str, str]) -> dict[str, str]:
    """What a server is started with: logging as much as it can."""
    names = {
        "API_BASE_URL": base_url,
        "API_KEY": KEY,
        "ACCOUNT_ID": "acct",
        "LOG_LEVEL": "DEBUG",
        **{name: value for name, value in settings.items() if name not in ("SSL_CERT_FILE",)},
    }
    chosen = {f"CONVERSATION_{name}": value for name, value in names.items()}
    return chosen | {name: value for name, value in settings.items() if name == "SSL_CERT_FILE"}
