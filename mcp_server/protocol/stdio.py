"""Serves one client over stdin and stdout, from where `mcp_server.front` stopped.

    client --> front.Connection --(lines that it did not settle)--> received --> the SDK's server --> answers --> client

Requests that the front answered are replayed to the server, which learns from them who the client is; its own answers
to them are dropped. At the end of input, calls under way have a little time to finish.
"""

import asyncio
import json
import math
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import anyio
import anyio.to_thread
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import ValidationError

from mcp_server.front.connection import Connection
from mcp_server.front.opening import Line

_Lifespan = TypeVar("_Lifespan")


async def serve_connection(
    server: Server[_Lifespan], connection: Connection, *, finish: Callable[[], Awaitable[None]]
) -> None:
    """Serve until the client disconnects. Calls still under way then end once `finish` returns."""
    lines_in, lines = anyio.create_memory_object_stream[Line | None](math.inf)
    messages, received = anyio.create_memory_object_stream[SessionMessage | Exception]()
    answers, outgoing = anyio.create_memory_object_stream[SessionMessage]()
    loop = asyncio.get_running_loop()

    # Lines that arrive after the end are dropped: the stream is closed by then, and later the event loop.
    def put(line: Line | None) -> None:
        with suppress(anyio.ClosedResourceError):
            lines_in.send_nowait(line)

    def deliver(line: Line | None) -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(put, line)

    exchange = Exchange()
    with lines_in, lines:
        connection.hand_over(deliver)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(exchange.receive, lines, messages, finish)

            async def send() -> None:
                try:
                    await exchange.send(outgoing, connection.write)
                except OSError:  # the client has closed its end
                    tasks.cancel_scope.cancel()

            tasks.start_soon(send)
            await server.run(received, answers, server.create_initialization_options())


class Exchange:
    """Turns lines into messages and messages into lines, and knows which requests wait for their answers."""

    def __init__(self) -> None:
        # Random, so that no client sends an id that begins with it.
        self._settled_prefix = f"settled-{secrets.token_hex(16)}-"
        self._waiting: set[str] = set()
        self._settled = 0
        self._answered = anyio.Event()

    async def receive(
        self,
        lines: ObjectReceiveStream[Line | None],
        messages: ObjectSendStream[SessionMessage | Exception],
        finish: Callable[[], Awaitable[None]],
    ) -> None:
        """Pass on lines as messages. Closes `messages` once input has ended and calls have finished, or had to."""
        async with messages:
            async for line in _until_end(lines):
                message = parse(line.text)
                if isinstance(message, SessionMessage):
                    self._note(message, answered=line.answered)
                await messages.send(message)
            async with anyio.create_task_group() as tasks:

                async def limit() -> None:
                    await finish()
                    tasks.cancel_scope.cancel()

                tasks.start_soon(limit)
                while self._waiting:
                    self._answered = anyio.Event()
                    await self._answered.wait()
                tasks.cancel_scope.cancel()

    async def send(self, outgoing: ObjectReceiveStream[SessionMessage], write: Callable[[bytes], None]) -> None:
        """Write out messages as lines. Raises the OSError that `write` raises."""
        async with outgoing:
            async for item in outgoing:
                message = item.message
                answered = str(message.id) if isinstance(message, JSONRPCResponse | JSONRPCError) else None
                if answered is not None and answered.startswith(self._settled_prefix):
                    continue
                line = message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
                await anyio.to_thread.run_sync(write, line)
                if answered is not None:
                    self._waiting.discard(answered)
                    self._answered.set()

    def _note(self, received: SessionMessage, *, answered: bool) -> None:
        message = received.message
        if isinstance(message, JSONRPCRequest):
            if answered:
                self._settled += 1
                received.message = message.model_copy(update={"id": f"{self._settled_prefix}{self._settled}"})
            else:
                self._waiting.add(str(message.id))
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            # A cancelled request gets no answer.
            self._waiting.discard(str((message.params or {}).get("requestId")))


def parse(text: bytes) -> SessionMessage | Exception:
    """The message in a line, or why there is none.

    Half of an emoji, cut off by the client, makes a line that the SDK's JSON reader refuses; it then
    has no request to answer, and the client waits until it gives up. Such a half is read as a question mark.
    """
    try:
        return _message(text.decode("utf-8", "replace"))
    except ValidationError as refusal:
        try:
            whole = json.dumps(json.loads(text), ensure_ascii=False)
            return _message(whole.encode("utf-8", "replace").decode())
        except (ValueError, TypeError, RecursionError):
            return refusal


def _message(text: str) -> SessionMessage:
    return SessionMessage(jsonrpc_message_adapter.validate_json(text, by_name=False))


async def _until_end(lines: ObjectReceiveStream[Line | None]) -> AsyncIterator[Line]:
    while (line := await lines.receive()) is not None:
        yield line
