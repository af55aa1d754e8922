"""What serving over HTTP takes and withstands. Not `http.py`: scripts of this folder would import it for the library's.

    python -m benchmarks.over_http throughput [--seconds 5] [--rounds 5] [--workers 1]
    python -m benchmarks.over_http mixed [--calls 100000]     canary of each tenant, memory, tasks and descriptors
    python -m benchmarks.over_http kills [--walks 200]        needs redis-server and haproxy

Each prints its figures as JSON lines; docs/evidence/scale.md holds those that were taken.
"""

import argparse
import asyncio
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.deaths import Shop, kills
from benchmarks.load import BadAnswer, Connection, request
from tests.support.chaos import Call, ChaosUpstream, message, page, refusal
from tests.support.http_server import Running, answered, digest_line, environment_for, get, http_server


@contextmanager
def bare_server(workers: int) -> Iterator[Running]:
    """The SDK's own server with a trivial tool."""
    command = [sys.executable, "-m", "benchmarks.bare_server", str(workers)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        yield Running(process.stderr.readline().split(" on ")[1].strip(), process)
    finally:
        process.terminate()
        process.wait()


def load(url: str, *options: str) -> dict[str, Any]:
    """Figures of a run of `load.py` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.load", url, *options]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return figures


async def throughput(seconds: str, rounds: int, workers: int) -> None:
    """Ours and the bare server by turns, so that whatever else the machine does falls on both; medians.

    `cpu_ms` is the processor's time for a call, which does not change with what else the machine does.
    """
    one = json.dumps({"conversation_id": "2-abc", "count": 10})
    kinds = {
        "bare": ("--arguments", "{}"),
        "cached, one question": ("--arguments", one),
        "cached, other budgets": ("--arguments", one, "--vary", "max_tokens"),
        "uncached": ("--arguments", one, "--unseen"),
    }
    async with ChaosUpstream(Shop(delay_s=0)) as upstream:
        environment = environment_for(upstream.base_url)
        with bare_server(workers) as bare, http_server(environment, "--workers", str(workers)) as ours:
            for era in ("modern", "legacy"):
                runs: dict[str, list[dict[str, Any]]] = {name: [] for name in kinds}
                for _ in range(rounds):
                    for name, options in kinds.items():
                        server = bare if name == "bare" else ours
                        given = ("--era", era, "--seconds", seconds, *options)
                        before_s = cpu_s(server)
                        figures = await asyncio.to_thread(load, server.url, *given)
                        figures["cpu_ms"] = 1000 * (cpu_s(server) - before_s) / figures["calls"]
                        runs[name].append(figures)
                _compare(era, workers, runs)


def _compare(era: str, workers: int, runs: dict[str, list[dict[str, Any]]]) -> None:
    for name, figures in runs.items():
        middle = {
            key: statistics.median(run[key] for run in figures) for key in ("calls_per_s", "p50", "p99", "cpu_ms")
        }
        pairs = list(zip(figures, runs["bare"], strict=True))
        against = {
            f"{key} to bare": round(statistics.median(our[key] / bare[key] for our, bare in pairs), 2)
            for key in ("calls_per_s", "p99", "cpu_ms")
        }
        wrong = sum((Counter(run["wrong"]) for run in figures), Counter[str]())
        print(json.dumps({"era": era, "workers": workers, "what": name, **middle, **against, "wrong": wrong}))


def cpu_s(server: Running) -> float:
    """Processor time of a server and its workers so far."""
    pids = [server.process.pid]
    for pid in pids:
        pids += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    # The fields after the name in brackets: 12 and 13 are user and kernel time in ticks.
    spent = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
    return sum(int(ticks) for each in spent for ticks in each) / os.sysconf("SC_CLK_TCK")


async def mixed(calls: int) -> None:
    """Twenty tenants with a word of their own in their pages, which no other may see. 5 % faults, 5 % disconnects."""
    tenants = {f"t{number:02}": f"canary-{random.randbytes(6).hex()}" for number in range(20)}

    async def sell(call: Call) -> None:
        chance = random.random()
        if chance < 0.05:
            await random.choice([refusal(500, "INTERNAL_ERROR"), refusal(400, "INVALID_PARAMS"), _hang_up])(call)
            return
        key = call.received.headers["x-api-key"]
        await page([message(f"{key} {number}", number=number) for number in range(9, 0, -1)], next_cursor="7")(call)

    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "tenants.json"), Path(folder, "tokens")
        entries = {name: {"api_key": canary, "account_id": "shared"} for name, canary in tenants.items()}
        paths[0].write_text(json.dumps(entries))
        paths[1].write_text("\n".join(digest_line(f"token-{name}", name) for name in tenants))
        async with ChaosUpstream(sell) as upstream:
            environment = environment_for(
                upstream.base_url,
                HTTP_TENANTS_FILE=str(paths[0]),
                HTTP_TOKENS_FILE=str(paths[1]),
                HTTP_TELEMETRY="prometheus",
                LOG_LEVEL="ERROR",
            )
            with http_server(environment) as server:
                await _mixed(server, upstream, tenants, calls)


async def _mixed(server: Running, upstream: ChaosUpstream, tenants: dict[str, str], calls: int) -> None:
    outcomes: Counter[str] = Counter()
    left = iter(range(calls))
    cursors: dict[str, str] = {}

    async def caller() -> None:
        connection = Connection(server.url)
        for number in left:
            name = random.choice(list(tenants))
            arguments: dict[str, object] = {
                "conversation_id": f"2-{random.randrange(40)}",
                "count": random.randint(1, 30),
            }
            if cursors and random.random() < 0.2:
                arguments["cursor"] = random.choice(list(cursors.values()))
            wire = request(server.url, random.choice(("modern", "legacy")), arguments, token=f"token-{name}")
            outcomes[await _one(connection, wire, tenants, name, cursors)] += 1
            if number % (calls // 10) == 0:
                upstream.requests.clear()
                print(json.dumps({"calls": number, **_vitals(server), "outcomes": outcomes}), flush=True)

    began_s = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(64)))
    print(
        json.dumps({"calls": calls, **_vitals(server), "outcomes": outcomes, "s": round(time.perf_counter() - began_s)})
    )


async def _one(connection: Connection, wire: bytes, tenants: dict[str, str], name: str, cursors: dict[str, str]) -> str:
    hang_up = random.random() < 0.05
    try:
        body = await asyncio.wait_for(connection.ask(wire), random.random() * 0.01 if hang_up else 60)
    except TimeoutError:
        return "hung up" if hang_up else "no answer"
    except BadAnswer as error:
        return str(error)
    except (OSError, asyncio.IncompleteReadError) as error:
        return type(error).__name__
    if any(canary.encode() in body for other, canary in tenants.items() if other != name):
        return "CROSSED"
    cursor = answered(body)["result"]["structuredContent"].get("next_cursor")
    if cursor is not None:
        cursors[name] = cursor
    return "ok"


async def _hang_up(call: Call) -> None:
    call.close()


def _vitals(server: Running) -> dict[str, float]:
    """Memory in MB, open descriptors, threads, and the tasks of its loop."""
    folder = Path(f"/proc/{server.process.pid}")
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    tasks = re.search(rb"^conversation_tasks\S* ([0-9.]+)$", get(server.root + "/metrics")[2], re.MULTILINE)
    return {
        "rss_mb": round(int(status["VmRSS"].split()[0]) / 1024, 1),
        "descriptors": len(os.listdir(folder / "fd")),
        "threads": int(status["Threads"]),
        "tasks": float(tasks[1]) if tasks else -1,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("throughput", "mixed", "kills"))
    parser.add_argument("--seconds", default="5")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--walks", type=int, default=200)
    options = parser.parse_args()
    print(json.dumps({"cores": os.cpu_count(), "load before": os.getloadavg()}))
    match options.what:
        case "throughput":
            asyncio.run(throughput(options.seconds, options.rounds, options.workers))
        case "mixed":
            asyncio.run(mixed(options.calls))
        case _:
            print(json.dumps(asyncio.run(kills(options.walks))))


if __name__ == "__main__":
    main()
