"""All cases, and how they run: concurrently, several per server process, each with its own account."""

import asyncio
import time
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.reliability import answers, callers, changes, lists, neighbours, network, refusals, stores, walks
from tests.reliability.case import TIMEOUTS, Case
from tests.reliability.over_http import HttpServer
from tests.reliability.processes import StartServer, StdioServer
from tests.reliability.stage import CANARIES, KEY, Stage, Switchboard, environment
from tests.support.chaos import ChaosUpstream

TRANSPORTS: Mapping[str, StartServer] = {"stdio": StdioServer.running, "http": HttpServer.running}
_PARTS = (network, refusals, answers, walks, callers, stores, changes, lists, neighbours)
CASES: tuple[Case, ...] = tuple(sorted((case for part in _PARTS for case in part.CASES), key=lambda case: case.number))

PROCESSES = 6
"""How many servers run at once: starting one takes a second of a processor."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a case. `trouble` is empty if it was as expected; `canaries` are the secrets found in its logs."""

    case: Case
    transport: str
    figure: str = ""
    trouble: str = ""
    canaries: tuple[str, ...] = ()


async def perform(chosen: Iterable[tuple[str, Case]], folder: Path) -> dict[tuple[str, int], Outcome]:
    """The outcome of each case over each transport."""
    companies: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for transport, case in chosen:
        companies[transport, case.company].append(case)
    board, limiter = Switchboard(), asyncio.Semaphore(PROCESSES)
    async with ChaosUpstream(board.step) as upstream:

        async def company(transport: str, name: str) -> list[Outcome]:
            place = folder / f"{transport}-{name}"
            cases = companies[transport, name]
            if name == TIMEOUTS:  # it needs no processor time, so it runs alongside the others
                return await _company(cases, transport, board, upstream.base_url, place)
            async with limiter:
                return await _company(cases, transport, board, upstream.base_url, place)

        # The long ones first.
        order = sorted(companies, key=lambda each: each[1] != TIMEOUTS)
        groups = await asyncio.gather(*(company(*each) for each in order))
    return {(outcome.transport, outcome.case.number): outcome for group in groups for outcome in group}


async def _company(cases: list[Case], transport: str, board: Switchboard, base_url: str, folder: Path) -> list[Outcome]:
    start = TRANSPORTS[transport]
    log = _made(folder) / "server.log"
    account = f"{transport}-{cases[0].company}"
    async with start(environment(base_url, {"ACCOUNT_ID": account, **cases[0].settings}), log) as server:

        async def outcome(case: Case) -> Outcome:
            stage = Stage(board, base_url, _made(folder / case.name), log, start, server, account)
            try:
                return Outcome(case, transport, await _perform(case, stage))
            except Exception:  # noqa: BLE001 - whatever it is, it is this case's outcome, and the next one gets its turn
                return Outcome(case, transport, trouble=traceback.format_exc())

        if cases[0].company == TIMEOUTS:
            outcomes = await asyncio.gather(*map(outcome, cases))
        else:
            outcomes = [await outcome(case) for case in cases]
        assert KEY.encode() not in server.said()
    canaries = _canaries_in(folder)
    return [replace(each, canaries=canaries) for each in outcomes]


async def _perform(case: Case, stage: Stage) -> str:
    began_s = time.monotonic()
    measured = await case.run(stage)
    if case.latched is None:
        await stage.alive()
    else:
        await stage.fails(stage.line(), case.latched, requests=0)
    handed_out = {reply.cursor for reply in stage.replies if reply.cursor}
    log = stage.log.read_text(errors="replace")
    assert not [cursor for cursor in handed_out if cursor in log]
    books = stage.settle()
    took = f"{time.monotonic() - began_s:.1f} s"
    return "; ".join(each for each in (measured, books, took) if each)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _canaries_in(folder: Path) -> tuple[str, ...]:
    logs = "".join(log.read_text(errors="replace") for log in folder.rglob("*.log"))
    return tuple(canary for canary in CANARIES if canary in logs)
