"""Several worker processes: one that dies costs its own calls, and none outlives the process that started it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import pytest

from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.http_server import Running, answered, call, environment_for, get, http_server, post
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.anyio

SLOW_APP = """
import os
import time
from starlette.applications import Starlette
from mcp_server.http.process import listen, run

if "IN_WORKER" in os.environ:
    time.sleep(12)

def make():
    return Starlette()

def main():
    listening = listen("127.0.0.1", 0)
    os.environ["IN_WORKER"] = "yes"
    print(listening.getsockname()[1], flush=True)
    run(make, listening, workers=2)
"""


@contextmanager
def two_workers(upstream: ChaosUpstream) -> Iterator[Running]:
    with http_server(environment_for(upstream.base_url), "--workers", "2") as server:
        yield server


def workers(server: Running) -> list[int]:
    """The process ids of the workers, without the one of the standard library that counts their semaphores."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def text(server: Running, target: str) -> str:
    status, _, body = post(server.url, call(conversation_id=target))
    assert status == 200
    found: str = answered(body)["result"]["content"][0]["text"]
    return found


def is_open(server: Running) -> bool:
    """Whether any process listens at its address."""
    address = urlsplit(server.url)
    # A reset says that it closed while this connection was in its queue: only the next one is refused.
    with suppress(ConnectionResetError):
        try:
            socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S).close()
        except ConnectionRefusedError:
            return False
    return True


async def test_workers_that_are_killed_are_replaced_and_cost_their_own_calls() -> None:
    """The call in progress ends with its connection, without an answer that could be taken for a whole one."""
    asked = anyio.Event()

    async def hang(call: Call) -> None:
        asked.set()
        await call.hang()

    async with ChaosUpstream(hang, page([message("after all")])) as upstream:
        with two_workers(upstream) as server:

            async def ask() -> None:
                with pytest.raises((OSError, HTTPException)):
                    await anyio.to_thread.run_sync(text, server, "2-abc")

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                await asked.wait()
                for pid in workers(server):
                    os.kill(pid, signal.SIGKILL)
            assert "after all" in await anyio.to_thread.run_sync(text, server, "2-abc")
            assert server.stop() == 0


async def test_workers_stop_when_the_process_that_started_them_is_killed() -> None:
    """Nothing would stop them afterwards, and they would keep the port."""
    async with ChaosUpstream(page([message("hello")])) as upstream:
        with two_workers(upstream) as server:
            assert "hello" in await anyio.to_thread.run_sync(text, server, "2-abc")
            server.process.kill()
            server.process.wait()
            give_up_s = time.monotonic() + PATIENCE_S
            while is_open(server):
                assert time.monotonic() < give_up_s


def test_workers_that_take_long_to_start_are_waited_for(tmp_path: Path) -> None:
    """As on a busy machine; a supervisor that gives up after five seconds starts them again for ever."""
    (tmp_path / "slow_app.py").write_text(SLOW_APP)
    command = [sys.executable, "-c", "import slow_app; slow_app.main()"]
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            assert get(f"http://127.0.0.1:{port}/")[0] == 404
        finally:
            server.terminate()
