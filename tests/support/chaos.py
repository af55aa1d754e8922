"""A messaging API that misbehaves on demand: a raw-socket HTTP server on loopback that counts the credits it charges.

    async with ChaosUpstream(refusal(500, "INTERNAL_ERROR"), page([message("hello")])) as upstream:
        ...  # a client of upstream.base_url; then look at upstream.requests and upstream.billed

Each request takes the next step; the last one repeats. A step is any `async def step(call: Call)`.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast

from tests.support.loopback import LoopbackServer

ANSWER_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in. `connection` numbers the connection it came over, from 0."""

    line: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def document(self) -> dict[str, object]:
        return cast(dict[str, object], json.loads(self.body))


class Account(Protocol):
    """The account that is charged."""

    billed: int


class Call:
    """One request, and the socket to answer it on."""

    def __init__(
        self, account: Account, received: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.received = received
        self._account = account
        self._reader = reader
        self._writer = writer

    def charged_to(self, account: Account) -> "Call":
        """The same call, charged to another account."""
        return Call(account, self.received, self._reader, self._writer)

    def bill(self, credits: int) -> None:
        """Charge credits, whether or not the answer arrives."""
        self._account.billed += credits

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def drip(self, data: bytes, *, pause_s: float = 0.02) -> None:
        """Send byte by byte, with pauses shorter than any read timeout."""
        for byte in data:
            await self.send(bytes((byte,)))
            await asyncio.sleep(pause_s)

    async def hang(self) -> None:
        """Keep the connection open without sending anything more."""
        await asyncio.Event().wait()

    async def gone(self) -> None:
        """Send nothing more, and return once the client has disconnected."""
        with suppress(ConnectionError):
            await self._reader.read(1)

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """Close with a TCP reset."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Step = Callable[[Call], Awaitable[None]]


class ChaosUpstream(LoopbackServer):
    """Answers by its steps. `requests` are all it received, `billed` the credits it charged."""

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        """`port` 0 takes a free one."""
        super().__init__(tls=tls, port=port)
        self.requests: list[Received] = []
        self.billed = 0
        self.connections = 0
        self._steps = steps

    @property
    def base_url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request, each by its step."""
        connection = self.connections
        self.connections += 1
        while not writer.is_closing():
            received = await _receive(reader, connection)
            step = self._steps[min(len(self.requests), len(self._steps) - 1)]
            self.requests.append(received)
            await step(Call(self, received, reader, writer))


async def _receive(reader: asyncio.StreamReader, connection: int) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(line, headers, body, connection)


def head(status: int = 200, headers: Mapping[str, str] = ANSWER_HEADERS) -> bytes:
    """The status line and header block, with the empty line after it."""
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body: bytes, status: int = 200, headers: Mapping[str, str] = ANSWER_HEADERS) -> bytes:
    """A complete answer with its length."""
    return head(status, {**headers, "Content-Length": str(len(body))}) + body


def answer(body: bytes, *, status: int = 200, headers: Mapping[str, str] = ANSWER_HEADERS, credits: int = 0) -> Step:
    """Answers with exactly this body."""

    async def step(call: Call) -> None:
        call.bill(credits)
        await call.send(whole(body, status, headers))

    return step


def page(
    messages: object, *, next_cursor: object = None, credits: int = 1, conversation: Mapping[str, object] | None = None
) -> Step:
    """A successful page, billed. `conversation` adds to, or replaces, what its data say."""
    return answer(
        page_body(messages, next_cursor=next_cursor, credits=credits, conversation=conversation), credits=credits
    )


def page_body(
    messages: object, *, next_cursor: object = None, credits: int = 1, conversation: Mapping[str, object] | None = None
) -> bytes:
    """The body of a successful page."""
    cursor = {} if next_cursor is None else {"next_cursor": next_cursor}
    metadata = {"action": "get_conversation", "account_id": "acct", "credits_consumed": credits}
    return json.dumps(
        {"success": True, "data": {"messages": messages, **cursor, **(conversation or {})}, "metadata": metadata}
    ).encode()


def refusal(
    status: int, code: str, *, text: str = "As the documentation says.", headers: Mapping[str, str] | None = None
) -> Step:
    """An error as the API documents it; it costs nothing."""
    document = {
        "success": False,
        "error": {"code": code, "message": text},
        "metadata": {"action": "get_conversation", "credits_consumed": 0},
    }
    return answer(json.dumps(document).encode(), status=status, headers={**ANSWER_HEADERS, **(headers or {})})


def message(text: object = "hello", *, number: int = 1, **fields: object) -> dict[str, object]:
    """A message as the API documents it, the `number`-th in time; `fields` replace or add."""
    return {
        "text": text,
        "timestamp": 1_777_147_000_000 + number * 60_000,
        "sender": "Jane Doe",
        "sender_info": {
            "first_name": "Jane",
            "last_name": "Doe",
            "profile_url": "https://www.linkedin.com/in/jane-doe-42/",
        },
        "message_type": "TEXT",
        "entity_urn": f"urn:li:msg_message:(urn:li:fsd_profile:ACoAAB,2-{number})",
        **fields,
    }


async def hang(call: Call) -> None:
    """Takes the request and never answers."""
    await call.hang()


async def close(call: Call) -> None:
    """Takes the request and closes the connection without a byte."""
    call.close()


def then_close(data: bytes, *, credits: int = 0) -> Step:
    """Sends these bytes, and closes."""

    async def step(call: Call) -> None:
        call.bill(credits)
        await call.send(data)
        call.close()

    return step


def then_reset(data: bytes, *, credits: int = 0) -> Step:
    """Sends these bytes, and resets the connection."""

    async def step(call: Call) -> None:
        call.bill(credits)
        await call.send(data)
        # The bytes shall arrive before the reset throws away what is on its way.
        await asyncio.sleep(0.02)
        call.reset()

    return step


def dripping(start: bytes, rest: bytes, *, credits: int = 0) -> Step:
    """Sends the start at once and the rest byte by byte."""

    async def step(call: Call) -> None:
        call.bill(credits)
        await call.send(start)
        await call.drip(rest)

    return step


def endless(start: bytes, chunks: Iterable[bytes], *, credits: int = 0) -> Step:
    """Sends the start, and then the chunks as fast as they are taken."""

    async def step(call: Call) -> None:
        call.bill(credits)
        await call.send(start)
        for chunk in chunks:
            await call.send(chunk)
        call.close()

    return step
