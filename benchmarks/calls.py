"""Time in our code for a call: against parsing the same JSON once, and against fetching the same pages by bare HTTP.

python -m benchmarks.calls [--profile]     with a profile of a cached call
"""

import asyncio
import cProfile
import json
import pstats
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
import httpx
from anyio.abc import TaskGroup

from benchmarks.rows import Row, ms, paired, table
from benchmarks.stdio import FarApi
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Query, Target
from mcp_server.reader_factory import AnyReader, cursor_scope, make_reader
from mcp_server.settings import Settings
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.budget import Vocabulary
from mcp_server.upstream.cache import CachedPages, TimelineCache
from mcp_server.upstream.client import MessagesClient

RUNS, SHORT_RUNS = 25, 2
FAR_S = 0.1
TARGET = Target("profile_url", "https://www.linkedin.com/in/callum-reyes-harbour-lane")
FOCUS = "Which competitor made a cheaper offer?"
CACHED = {
    "verbatim, 100 messages": (Query(TARGET, 100, 20_000, "verbatim"), 3.0),
    "verbatim, a window of 1,000": (Query(TARGET, 1000, 20_000, "verbatim"), 3.0),
    "condensed, 100 messages, all fit": (Query(TARGET, 100, 20_000), None),
    "condensed, 1,000 into 4,000 tokens": (Query(TARGET, 1000, 4000), None),
    "the same with a focus": (Query(TARGET, 1000, 4000, focus=FOCUS), None),
}
UNCACHED = {
    "verbatim, 10 messages": Query(TARGET, 10, 4000, "verbatim"),
    "verbatim, 100 messages": Query(TARGET, 100, 20_000, "verbatim"),
    "condensed, 1,000 into 4,000 tokens": Query(TARGET, 1000, 4000),
}

Fetch = Callable[[int], Awaitable[list[bytes]]]


class Bench:
    """A client, a tokenizer and a way to fetch pages without us, on one API."""

    def __init__(self, environment: dict[str, str], fetches: TaskGroup) -> None:
        self.fetches = fetches
        self.settings = Settings.from_mapping(environment)
        self.vocabulary = Vocabulary("o200k_base", O200kCounter())
        self.vocabulary.warm()
        self.client = MessagesClient(self.settings)
        self.http = httpx.AsyncClient()

    def reader(self) -> AnyReader:
        """A reader with an empty cache."""
        pages = CachedPages(self.client, TimelineCache(), self.fetches, account_id=self.settings.account_id)
        cursors = CursorCodec("benchmark", scope=cursor_scope(self.settings))
        return make_reader(self.settings, pages, self.vocabulary, cursors, None)

    async def fetch(self, count: int) -> list[bytes]:
        """The bodies of the pages that hold `count` messages, one request after the other, by httpx alone."""
        bodies: list[bytes] = []
        cursor: str | None = None
        for left in range(count, 0, -self.settings.page_size):
            params = {TARGET.kind: TARGET.value, "count": min(left, self.settings.page_size)}
            request = {"account_id": self.settings.account_id, "action": "get_conversation", "params": params}
            if cursor is not None:
                request["params"] = params | {"cursor": cursor}
            key = self.settings.api_key.get_secret_value()
            url = f"{self.settings.api_base_url}/v2/messages"
            bodies.append((await self.http.post(url, json=request, headers={"x-api-key": key})).content)
            cursor = json.loads(bodies[-1])["data"].get("next_cursor")
        return bodies


async def cached(bench: Bench, runs: int) -> list[Row]:
    """All pages kept; a call against `json.loads` of the pages it reads."""
    found = []
    for what, (query, aim) in CACHED.items():
        reader = bench.reader()
        bodies = await bench.fetch(query.count)
        await reader.read(query)
        ours: list[float] = []
        parsing: list[float] = []
        for run in range(1, runs + 1):
            # Another budget each time: a call repeated word for word would fetch the newest page again.
            began_s = time.perf_counter()
            await reader.read(replace(query, max_tokens=query.max_tokens + run))
            ours.append(time.perf_counter() - began_s)
            began_s = time.perf_counter()
            for body in bodies:
                json.loads(body)
            parsing.append(time.perf_counter() - began_s)
        found.append(paired(f"cached: {what}, compared with parsing its JSON", ours, parsing, show=ms, aim=aim))
    return found


async def uncached(bench: Bench, runs: int, where: str, aim: float | None) -> list[Row]:
    """Nothing kept; a call against fetching its pages by bare HTTP."""
    found = []
    for what, query in UNCACHED.items():
        ours: list[float] = []
        fetching: list[float] = []
        await bench.fetch(1)
        await bench.reader().read(Query(TARGET, 1))
        for _ in range(runs):
            reader = bench.reader()
            began_s = time.perf_counter()
            await reader.read(query)
            ours.append(time.perf_counter() - began_s)
            began_s = time.perf_counter()
            await bench.fetch(query.count)
            fetching.append(time.perf_counter() - began_s)
        found.append(paired(f"fetched {where}: {what}, compared with fetching alone", ours, fetching, show=ms, aim=aim))
    return found


async def _rows(runs: int) -> list[Row]:
    found: list[Row] = []
    with FarApi() as near, FarApi(delay_s=FAR_S) as far:
        async with anyio.create_task_group() as fetches:
            bench = Bench(near.environment, fetches)
            found += await cached(bench, runs)
            found += await uncached(bench, max(2, runs // 3), "on loopback", None)
            far_bench = Bench(far.environment, fetches)
            found += await uncached(far_bench, max(2, runs // 8), f"{FAR_S * 1000:.0f} ms away", 1.15)
    return found


async def _profile() -> None:
    with FarApi() as api:
        async with anyio.create_task_group() as fetches:
            reader, query = Bench(api.environment, fetches).reader(), Query(TARGET, 100, 20_000, "verbatim")
            await reader.read(query)
            with cProfile.Profile() as profile:
                for run in range(1, 201):
                    await reader.read(replace(query, max_tokens=query.max_tokens - run))
        pstats.Stats(profile).sort_stats("tottime").print_stats(18)


def rows(*, short: bool) -> list[Row]:
    """All of it."""
    return asyncio.run(_rows(SHORT_RUNS if short else RUNS))


if __name__ == "__main__":
    if "--profile" in sys.argv:
        asyncio.run(_profile())
    else:
        print(table(rows(short="--short" in sys.argv)))
