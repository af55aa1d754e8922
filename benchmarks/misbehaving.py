"""How honest callers fare while a thousand clients misbehave, kind by kind.

    python -m benchmarks.misbehaving [--kinds unread polite] [--clients 1000] [--seconds 10] [--rounds 1]

A server with tokens answers the calls of eight honest callers, each one every 40 ms, first alone and then together
with the clients of one kind, who share one token. It prints a JSON line per kind, with a figure for each of the two
runs (the median over the rounds): the median and the 99th percentile of honest calls in milliseconds, the share of a
processor that the server used, and the share of calls within twice the 99th percentile of the run without them.
`polite` is the control: a thousand clients with the calls of `disconnecting` that take their answers.
docs/evidence/scale.md holds the figures that were taken.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from benchmarks.deaths import Shop
from benchmarks.load import Connection, body_of, request
from benchmarks.over_http import cpu_s
from mcp_server.http.process import allow_open_files
from tests.support.chaos import ChaosUpstream
from tests.support.http_server import digest_line, environment_for, http_server

_HEAD = b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_PAUSE_S = 5.0
"""Between two requests of one client: a thousand of them send 200 per second. A faster flood is a matter of rate limits
in front of the server, not of this one's limits."""

_HONEST = 10
_PERIOD_S = 0.2

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


async def polite(streams: Streams) -> None:
    """Calls the tool and takes the answer."""
    streams[1].write(request("http://127.0.0.1/mcp", "modern", {"conversation_id": "2-gone"}, token="crowd"))
    await body_of(streams[0], (await streams[0].readuntil(b"\r\n\r\n")).lower())


KINDS: dict[str, Callable[[Streams], Awaitable[None]]] = {
    each.__name__: each for each in (idle, slow_head, half_body, bad_token, unread, disconnecting, polite)
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
    took_ms: list[float] = []

    async def caller(number: int) -> None:
        connection = Connection(url)
        arguments: dict[str, object] = {"conversation_id": "2-abc", "count": 10}
        wire = request(url, "modern", arguments, token=f"honest-{number}")
        due_s = time.perf_counter() + number * _PERIOD_S / _HONEST
        end_s = due_s + seconds
        while due_s < end_s:
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            await connection.ask(wire)
            took_ms.append(1000 * (time.perf_counter() - due_s))
            due_s += _PERIOD_S

    await asyncio.gather(*map(caller, range(_HONEST)))
    return took_ms


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of `values` does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(kinds: Sequence[str], clients: int, seconds: float, rounds: int) -> None:
    """Each kind, in pairs of a run without misbehaving clients and one with them."""
    async with ChaosUpstream(Shop(delay_s=0)) as upstream:
        honest_tokens = (digest_line(f"honest-{number}", f"honest-{number}") for number in range(_HONEST))
        tokens = ",".join((*honest_tokens, digest_line("crowd", "mallory")))
        environment = environment_for(upstream.base_url, HTTP_TOKENS=tokens, LOG_LEVEL="ERROR")
        for kind in kinds:
            pairs = [await pair(environment, kind, clients, seconds) for _ in range(rounds)]
            print(json.dumps({"kind": kind, **{name: _middle([each[name] for each in pairs]) for name in pairs[0]}}))
            sys.stdout.flush()


async def pair(environment: Mapping[str, str], kind: str, clients: int, seconds: float) -> dict[str, list[float]]:
    """The figures of one pair: without the clients of this kind, and with them."""
    with http_server(environment) as server:
        await honest(server.url, 2)
        runs: list[list[float]] = []
        busy: list[float] = []

        async def run() -> None:
            began_s, spent_s = time.perf_counter(), cpu_s(server)
            runs.append(await honest(server.url, seconds))
            busy.append((cpu_s(server) - spent_s) / (time.perf_counter() - began_s))

        await run()
        command = ("-m", "benchmarks.misbehaving", "--be", kind, server.url, "--clients", str(clients))
        crowd = await asyncio.create_subprocess_exec(sys.executable, *command)
        try:
            await asyncio.sleep(_PAUSE_S + 2)  # all of them have connected
            await run()
        finally:
            crowd.kill()
            await crowd.wait()
        usual_ms = percentile(runs[0], 0.99)
        return {
            "median_ms": [statistics.median(each) for each in runs],
            "p99_ms": [percentile(each, 0.99) for each in runs],
            "of a processor": busy,
            "within twice the usual, %": [100 * sum(ms <= 2 * usual_ms for ms in each) / len(each) for each in runs],
        }


def _middle(pairs: Sequence[Sequence[float]]) -> list[float]:
    return [round(statistics.median(each), 2) for each in zip(*pairs, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?")
    parser.add_argument("--be", choices=tuple(KINDS))
    parser.add_argument("--kinds", nargs="+", choices=tuple(KINDS), default=tuple(KINDS))
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.be:
        asyncio.run(misbehave(options.be, options.url, options.clients))
        return
    print(json.dumps({"cores": os.cpu_count(), "load before": os.getloadavg()}))
    asyncio.run(measure(options.kinds, options.clients, options.seconds, options.rounds))


if __name__ == "__main__":
    main()
