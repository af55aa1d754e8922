"""Replicas die under walks through conversations: what is lost, repeated and fetched again. See `over_http.py`."""

import asyncio
import random
import re
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.load import BadAnswer, Connection, request
from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.http_server import Running, answered, environment_for, http_server
from tests.support.replicas import balancer, free_port, redis_server

LENGTH = 1_000
_NUMBERED = re.compile(r"\bm(\d{4})\b")


class Shop:
    """Serves conversations of a thousand numbered messages; `sold` counts every page of each."""

    def __init__(self, *, delay_s: float = 0.01) -> None:
        self.sold: Counter[tuple[str, int]] = Counter()
        self._delay_s = delay_s

    async def __call__(self, call: Call) -> None:
        params: Any = call.received.document["params"]
        first, count = int(params.get("cursor") or 0), min(params["count"], 50)
        self.sold[params["conversation_id"], first] += 1
        await asyncio.sleep(self._delay_s)
        numbers = range(LENGTH - first, max(LENGTH - first - count, 0), -1)
        following = None if first + count >= LENGTH else str(first + count)
        await page([message(f"m{number - 1:04}", number=number) for number in numbers], next_cursor=following)(call)


async def kills(walks: int, *, callers: int = 3, every_s: float = 2.0) -> dict[str, object]:
    """Walk through conversations over three replicas behind haproxy, of which one is killed every two seconds."""
    shop = Shop()
    outcomes: Counter[str] = Counter()
    killed = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream = await _entered(ChaosUpstream(shop))
        redis_url = await asyncio.to_thread(stack.enter_context, redis_server())
        ports = [free_port() for _ in range(3)]
        url = await asyncio.to_thread(stack.enter_context, balancer(ports, folder))
        environment = environment_for(upstream.base_url, REDIS_URL=redis_url)
        running = [ExitStack() for _ in ports]
        servers: list[Running] = []
        for own, port in zip(running, ports, strict=True):
            servers.append(await asyncio.to_thread(own.enter_context, http_server(environment, "--port", str(port))))

        restarting: dict[int, asyncio.Task[None]] = {}

        async def restart(number: int) -> None:
            await asyncio.to_thread(running[number].close)
            starting = http_server(environment, "--port", str(ports[number]))
            servers[number] = await asyncio.to_thread(running[number].enter_context, starting)
            del restarting[number]

        async def kill() -> None:
            nonlocal killed
            while True:
                await asyncio.sleep(every_s)
                alive = [number for number in range(len(ports)) if number not in restarting]
                if len(alive) > 1:  # on a busy machine a start takes longer than the pause between two deaths
                    number = random.choice(alive)
                    servers[number].process.kill()
                    killed += 1
                    restarting[number] = asyncio.create_task(restart(number))

        left = iter(range(walks))

        async def caller() -> None:
            for number in left:
                outcomes.update(await walk(url, f"2-walk-{number}"))

        killer = asyncio.create_task(kill())
        began_s = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        took_s = time.perf_counter() - began_s
        killer.cancel()
        await asyncio.gather(killer, *restarting.values(), return_exceptions=True)
        for own in running:
            own.close()
        await upstream.__aexit__(None, None, None)
    return {
        "walks": walks,
        "killed": killed,
        **{name: outcomes[name] for name in ("lost", "repeated", "retried", "calls")},
        "pages": len(shop.sold),
        "bought again": sum(shop.sold.values()) - len(shop.sold),
        "s": round(took_s),
    }


async def _entered(upstream: ChaosUpstream) -> ChaosUpstream:
    return await upstream.__aenter__()


async def walk(url: str, conversation_id: str) -> Counter[str]:
    """Read a conversation to its beginning; how many messages were lost or came twice, and what was asked again."""
    connection, seen, counts = Connection(url), Counter[int](), Counter[str]()
    arguments: dict[str, object] = {
        "conversation_id": conversation_id, "count": 100, "max_tokens": 20_000, "detail": "verbatim"
    }  # fmt: skip
    while True:
        try:
            body = await connection.ask(request(url, "modern", arguments))
        except (BadAnswer, OSError, asyncio.IncompleteReadError):
            counts["retried"] += 1
            await asyncio.sleep(0.05)
            continue
        counts["calls"] += 1
        content = answered(body)["result"]["structuredContent"]
        seen.update(int(number) for number in _NUMBERED.findall(content["transcript"]))
        if "next_cursor" not in content:
            break
        arguments["cursor"] = content["next_cursor"]
    connection.drop()
    counts["lost"] = LENGTH - len(seen)
    counts["repeated"] = sum(seen.values()) - len(seen)
    return counts
