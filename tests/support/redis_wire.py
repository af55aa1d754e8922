"""Stores that misbehave: raw sockets with just enough of Redis's protocol to lie."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = Callable[[list[bytes]], bytes | None]
"""What a script (EVAL) with these arguments is answered: a value, or None for "there is none, the lock is yours"."""


@asynccontextmanager
async def silent_store() -> AsyncIterator[str]:
    """A store that accepts connections and never answers; yields its address."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with _listening(hold) as url:
        yield url


@asynccontextmanager
async def lying_store(answer: Answer) -> AsyncIterator[str]:
    """A store that answers scripts with `answer` and everything else with OK; yields its address."""

    def reply(connection: int, arguments: list[bytes]) -> bytes:
        value = answer(arguments)
        first = b":1" if value is None else b"$%d\r\n%s" % (len(value), value)
        return b"*2\r\n%s\r\n:1\r\n" % first

    async with raw_store(reply) as url:
        yield url


@asynccontextmanager
async def raw_store(reply: Callable[[int, list[bytes]], bytes]) -> AsyncIterator[str]:
    """A store that answers scripts with the bytes of `reply`, which is called with the number of the connection and
    the arguments, and everything else with OK; yields its address."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connection = connections
        connections += 1
        try:
            while True:
                name, *arguments = await _command(reader)
                match name.upper():
                    case b"EVAL":
                        writer.write(reply(connection, arguments))
                    case b"HELLO":
                        writer.write(b"%1\r\n$5\r\nproto\r\n:3\r\n")
                    case _:
                        writer.write(b"+OK\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with _listening(serve) as url:
        yield url


@asynccontextmanager
async def _listening(serve: Serve) -> AsyncIterator[str]:
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(asyncio.CancelledError):  # asyncio would log it
            await serve(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    """An array of bulk strings."""
    count = int((await reader.readuntil(b"\r\n"))[1:])
    words = []
    for _ in range(count):
        length = int((await reader.readuntil(b"\r\n"))[1:])
        words.append((await reader.readexactly(length + 2))[:-2])
    return words
