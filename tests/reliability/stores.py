"""Cases 57 and 58: the store that replicas share is slow, dead, or lies. Over HTTP, the only transport that has one."""

import asyncio

from mcp_server.upstream.breaker import OPEN_S
from tests.reliability.case import Case
from tests.reliability.network import free_port
from tests.reliability.processes import until
from tests.reliability.stage import Stage, good
from tests.support.redis_wire import lying_store, silent_store

KEY_RING = "canary-ring-" + "r" * 32
MOST_S = 0.1
_TRIES = 3
_NOISE_S = 5.0
"""A busy machine may delay either call by seconds; without its own limit the store would hold one for ever. The figure
that is reported is the measured one."""


async def slow_or_dead(stage: Stage) -> str:
    """No store listens, or one listens and never answers. The time is compared with a later call that skips it."""
    dead = await _waited_s(stage, f"redis://127.0.0.1:{free_port()}/0")
    async with silent_store() as url:
        slow = await _waited_s(stage, url)
    assert max(dead, slow) < MOST_S + _NOISE_S
    return f"dead {max(0, dead) * 1000:.0f} ms more, slow {slow * 1000:.0f} ms more"


async def _waited_s(stage: Stage, url: str) -> float:
    """The additional time of a call that tries the store: the least of three, since load only adds to it."""
    least_s = float("inf")
    for _ in range(_TRIES):
        least_s = min(least_s, await _waited_once_s(stage, url))
        if least_s < MOST_S:
            break
    return least_s


async def _waited_once_s(stage: Stage, url: str) -> float:
    async with stage.another_server(REDIS_URL=url, KEY_RING=KEY_RING) as server:
        await stage.alive(server)
        # Having noticed, the server leaves the store alone for a while; then it tries again.
        await asyncio.sleep(OPEN_S + 0.1)
        trying = await stage.reads(stage.line(good()), server=server)
        not_trying = await stage.reads(stage.line(good()), server=server)
    return trying.seconds - not_trying.seconds


async def poisoned(stage: Stage) -> str:
    """Garbage of every kind, and pages of this server, under the keys of other conversations."""
    written: list[bytes] = []
    values: list[bytes | None] = [None]

    def answer(arguments: list[bytes]) -> bytes | None:
        # KEEP has both names, the holder, the value and its time.
        if arguments[1] == b"2" and len(arguments) == 7:
            written.append(arguments[5])
            return None
        return values[0] if arguments[1] == b"2" else None

    async with (
        lying_store(answer) as url,
        stage.another_server(REDIS_URL=url, KEY_RING=KEY_RING) as server,
    ):
        await stage.alive(server)
        async with asyncio.timeout(OPEN_S):
            await until(lambda: bool(written))
        own = written[0]
        kinds = (
            b"",
            b"\0",
            b"null",
            b"{}",
            b"\x01" * 40,
            b"x" * 1_000_000,
            own,
            own[:-1],
            own + b"\0",
            b"\x02" + own[1:],
        )
        for value in kinds:
            values[0] = value
            reply = await stage.reads(stage.line(good()), server=server)
            assert reply.credits == 1
    return f"{len(kinds)} kinds, each fetched instead"


CASES = (
    Case(57, "Redis slow or dead", "at most 100 ms more, success", slow_or_dead, "own", transports=("http",)),
    Case(58, "a poisoned value in Redis", "treated as a miss", poisoned, "own", transports=("http",)),
)
