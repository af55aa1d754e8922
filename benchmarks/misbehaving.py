"""How honest callers fare while a thousand clients misbehave, kind by kind.

    python -m benchmarks.misbehaving [--clients 1000] [--seconds 10]

A server with tokens answers honest calls, one every 20 ms on each of four connections, first alone and then together
with the clients of one kind. It prints a JSON line per kind: the number of honest calls, their median and 99th
percentile in milliseconds in both runs, and the share of calls within twice the 99th percentile of the first run.
docs/evidence/scale.md holds the figures that were taken.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from benchmarks.deaths import Shop
from benchmarks.load import Connection, request
from mcp_server.http.process import allow_open_files
from tests.support.chaos import ChaosUpstream
from tests.support.http_server import digest_line, environment_for, http_server

_HEAD = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_PAUSE_S = 5.0
"""Between two requests of one client: a thousand of them send 200 per second. A faster flood is a matter of rate limits
in front of the server, not of this one's limits."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def idle(streams: Streams) -> None:
    """Connects, and sends nothing."""
    await streams[0].read()


async def slow_head(streams: Streams) -> None:
    """Sends a byte of its request's head per second."""
    for byte in _HEAD:
        streams[1].write(bytes((byte,)))
        await asyncio.sleep(1)


async def half_body(streams: Streams) -> None:
    """Has a valid token, announces a body and never sends all of it."""
    streams[1].write(_HEAD + b"Authorization: Bearer crowd\r\nContent-Length: 1000\r\n\r\n{")
    await streams[0].read()


async def bad_token(streams: Streams) -> None:
    """Tries one token after another."""
    while True:
        streams[1].write(_HEAD + b"Authorization: Bearer guess\r\nContent-Length: 2\r\n\r\n{}")
        await streams[0].readuntil(b"\r\n\r\n")
        await asyncio.sleep(_PAUSE_S)


async def unread(streams: Streams) -> None:
    """Has a valid token, asks for large answers and reads none of them."""
    streams[1].transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
    large: dict[str, object] = {"conversation_id": "2-abc", "count": 100, "max_tokens": 12_000}
    while True:
        streams[1].write(request("http://127.0.0.1/mcp", "modern", large, token="crowd"))
        await streams[1].drain()
        await asyncio.sleep(_PAUSE_S)


async def disconnecting(streams: Streams) -> None:
    """Calls the tool and disconnects before the answer."""
    streams[1].write(request("http://127.0.0.1/mcp", "modern", {"conversation_id": "2-gone"}, token="crowd"))
    await streams[1].drain()
    await asyncio.sleep(0.01)


KINDS: dict[str, Callable[[Streams], Awaitable[None]]] = {
    each.__name__: each for each in (idle, slow_head, half_body, bad_token, unread, disconnecting)
}


async def misbehave(kind: str, url: str, clients: int) -> None:
    """So many clients of one kind, until the process is ended; each connects again when it is cut off."""
    allow_open_files()
    address = urlsplit(url)

    async def client(number: int) -> None:
        await asyncio.sleep(_PAUSE_S * number / clients)
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                streams = await asyncio.open_connection(address.hostname, address.port)
                try:
                    await KINDS[kind](streams)
                finally:
                    streams[1].transport.abort()
            await asyncio.sleep(_PAUSE_S)

    await asyncio.gather(*map(client, range(clients)))


async def honest(url: str, seconds: float) -> list[float]:
    """Milliseconds of each honest call, from when it was due."""
    wire = request(url, "modern", {"conversation_id": "2-abc", "count": 10}, token="honest")
    took_ms: list[float] = []

    async def caller(number: int) -> None:
        connection = Connection(url)
        due_s = time.perf_counter() + number / 200
        end_s = due_s + seconds
        while due_s < end_s:
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            await connection.ask(wire)
            took_ms.append(1000 * (time.perf_counter() - due_s))
            due_s += 0.02

    await asyncio.gather(*map(caller, range(4)))
    return took_ms


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(clients: int, seconds: float) -> None:
    """Each kind after a run without misbehaving clients."""
    async with ChaosUpstream(Shop(delay_s=0)) as upstream:
        tokens = ",".join((digest_line("honest", "alice"), digest_line("crowd", "mallory")))
        environment = environment_for(upstream.base_url, HTTP_TOKENS=tokens, LOG_LEVEL="ERROR")
        for kind in KINDS:
            with http_server(environment) as server:
                await honest(server.url, 2)
                alone = await honest(server.url, seconds)
                command = ("-m", "benchmarks.misbehaving", "--be", kind, server.url, "--clients", str(clients))
                crowd = await asyncio.create_subprocess_exec(sys.executable, *command)
                try:
                    await asyncio.sleep(_PAUSE_S + 2)  # all of them have connected
                    beside = await honest(server.url, seconds)
                finally:
                    crowd.kill()
                    await crowd.wait()
                usual_ms = percentile(alone, 0.99)
                figures = {
                    "kind": kind,
                    "calls": len(beside),
                    "median_ms": [round(statistics.median(each), 1) for each in (alone, beside)],
                    "p99_ms": [round(percentile(each, 0.99), 1) for each in (alone, beside)],
                    "share within twice the usual": round(sum(ms <= 2 * usual_ms for ms in beside) / len(beside), 4),
                }
                print(json.dumps(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--be", choices=tuple(KINDS))
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    if options.be:
        asyncio.run(misbehave(options.be, options.url, options.clients))
        return
    print(json.dumps({"cores": os.cpu_count(), "load before": os.getloadavg()}))
    asyncio.run(measure(options.clients, options.seconds))


if __name__ == "__main__":
    main()
