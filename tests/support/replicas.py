"""Real replicas on a real Redis with a real balancer in front: what `make test-all` starts for tests/redis."""

import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from tests.support.http_server import Running, http_server

_LOOK_EVERY_S = 0.1

BALANCER = """
global
    maxconn 2000
defaults
    mode http
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    timeout queue 20s
    option redispatch
    retries 3
    retry-on conn-failure empty-response
frontend in
    bind 127.0.0.1:{port}
    default_backend replicas
backend replicas
    balance roundrobin
    option httpchk GET /ready
    default-server check inter 100ms fall 1 rise 1
"""


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(
    command: list[str],
    port: int,
    log: IO[str] | int = subprocess.DEVNULL,
    *,
    env: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that listens on this port and writes all its output to `log`, killed on leaving.

    `env` defaults to this process's environment.
    """
    with subprocess.Popen(command, stdout=log, stderr=log, env=env) as running:
        try:
            while not _is_open(port):
                with suppress(subprocess.TimeoutExpired):
                    running.wait(_LOOK_EVERY_S)
                assert running.returncode is None, f"ended with {running.returncode}"
            yield running
        finally:
            running.kill()


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def redis_server() -> Iterator[str]:
    """A Redis without persistence; yields its address."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    assert program, "these tests need redis-server (Debian: apt-get install redis-server)"
    port = free_port()
    with process([program, "--port", str(port), "--save", "", "--appendonly", "no"], port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def balancer(ports: list[int], folder: Path) -> Iterator[str]:
    """haproxy in front of these ports; yields its address."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert program, "these tests need haproxy (Debian: apt-get install haproxy)"
    port = free_port()
    servers = "\n".join(f"    server s{number} 127.0.0.1:{each}" for number, each in enumerate(ports))
    configuration = folder / "haproxy.cfg"
    configuration.write_text(BALANCER.format(port=port) + servers + "\n")
    with process([program, "-f", str(configuration), "-db"], port):
        yield f"http://127.0.0.1:{port}/mcp"


@contextmanager
def replicas(number: int, environment: Mapping[str, str]) -> Iterator[list[Running]]:
    """This many servers, all ready."""
    with ExitStack() as stack:
        yield [stack.enter_context(http_server(environment)) for _ in range(number)]
