"""The server under test: the wheel, in an environment of its own that holds nothing else but what it needs.

`make test-all` makes the environments of the clients; uv must be on the PATH.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients.clients import CLIENTS, ROOT
from tests.clients.matrix import PAGE, Row, page
from tests.support.patience import PATIENCE_S


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-matrix", action="store_true", help="write docs/clients.md from this run")
    parser.addoption("--without", default="", help="environments of clients that are left to `make matrix`")


def pytest_report_header(config: pytest.Config) -> str:
    """Which clients do not run."""
    return f"clients left to `make matrix`: {config.getoption('--without') or 'none'}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every client that is not left out."""
    if "client" in metafunc.fixturenames:
        left_out = metafunc.config.getoption("--without").split()
        unknown = set(left_out) - {client.home.name for client in CLIENTS}
        assert not unknown, f"no such clients: {unknown}"
        runs = [(each, way) for each in CLIENTS if each.home.name not in left_out for way in each.transports]
        metafunc.parametrize(("client", "transport"), runs, ids=[f"{each.name}-{way}" for each, way in runs])


def _run(*command: object) -> None:
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`conversation-mcp` as a user has it who installed the wheel."""
    folder = tmp_path_factory.mktemp("server")
    python = folder / "venv" / "bin" / "python"
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    _run("uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
    _run("uv", "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", "requirements/runtime.txt")
    _run("uv", "pip", "install", "--quiet", "--python", python, "--no-deps", *folder.glob("*.whl"))
    return python.with_name("conversation-mcp")


@contextmanager
def _serving(program: Path) -> Iterator[int]:
    command = [str(program), "serve", "--http", "--port", "0", "--sandbox"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("Serving MCP on http://127.0.0.1:"), line
            yield int(line.rpartition(":")[2].partition("/")[0])
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def port(program: Path) -> Iterator[int]:
    """Where the same program serves over HTTP."""
    with _serving(program) as port:
        yield port


@pytest.fixture(scope="session")
def rows(request: pytest.FixtureRequest) -> Iterator[list[Row]]:
    """What came of each client. With all of them through, the page is written, where that is asked for."""
    collected: list[Row] = []
    yield collected
    if request.config.getoption("--write-matrix"):
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), collected), encoding="utf-8")
