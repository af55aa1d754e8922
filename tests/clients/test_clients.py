"""Real clients of many makes find a conversation in the list and read two pages of it by what their model sees.

Each is the program in `examples/`, as documented, in an environment of its own with pinned versions; it talks to the
built wheel in another. Agents get a model that plays a scenario. The truth is what one call for twice as many messages
gives.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcp_server.tokenizer.o200k import O200kCounter, packed_ranks, unpack_ranks
from tests.clients.clients import CLIENTS, ROOT, Agent, Client
from tests.clients.matrix import PAGE, Row, missing
from tests.clients.model import Model, playing
from tests.clients.relay import relayed
from tests.clients.scenario import QUERY, scenario
from tests.clients.sight import channels, conversations, messages, plain
from tests.clients.ways import ways
from tests.clients.wire import Wire
from tests.support.patience import PATIENCE_S

TAP = Path(__file__).with_name("tap.py")
MOST_OF_BUDGET = 1.1
"""The most tokens that a model may get per token of max_tokens."""

STEPS = ("list", "page 1", "page 2")
O200K_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
count = O200kCounter().count


@pytest.fixture(scope="session")
def listed(program: Path) -> list[str]:
    """The conversations in the list, as the command line gives them."""
    return conversations(printed(program, "conversations", "--count", "5", "--query", QUERY))


@pytest.fixture(scope="session")
def expected(program: Path, listed: list[str]) -> list[str]:
    """The messages of both pages, as one call gives them."""
    found = messages(printed(program, "read", listed[0].split()[0], "--count", "10"))
    assert len(found) == 10
    return found


def printed(program: Path, *command: str) -> str:
    """What a command of the program prints about the sandbox."""
    done = subprocess.run(
        [program, *command, "--sandbox"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    return done.stdout


@contextmanager
def started(client: Client, folder: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """How the client's example is started, and in what environment."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **dict(client.variables)}
    if isinstance(client, Agent) and client.downloads_vocabulary:
        env["TIKTOKEN_CACHE_DIR"] = str(vocabulary(folder))
    example = str(client.example)
    if client.example.suffix == ".py":
        yield [str(client.home / "bin" / "python"), example], env
    elif client.example.suffix == ".mjs":
        # Where somebody who tries it has it: beside what `npm install` made.
        copied = str(shutil.copy(example, folder))
        os.symlink(client.home / "node_modules", folder / "node_modules")
        yield ["node", copied], env
    else:
        env["PATH"] = f"{client.home / 'node_modules' / '.bin'}:{env['PATH']}"
        yield ["sh", example], env


def vocabulary(folder: Path) -> Path:
    """A folder in which tiktoken finds o200k_base, where a framework would download it."""
    lines = (base64.b64encode(token) + b" %d\n" % rank for token, rank in unpack_ranks(packed_ranks()).items())
    made = folder / "tiktoken"
    made.mkdir()
    (made / hashlib.sha1(O200K_ADDRESS.encode()).hexdigest()).write_bytes(b"".join(lines))
    return made


def model_settings(port: int) -> dict[str, str]:
    """The variables by which frameworks find the model at `port`. CAMEL has a name of its own."""
    address = f"http://127.0.0.1:{port}/v1"
    return {"OPENAI_BASE_URL": address, "OPENAI_API_BASE_URL": address, "OPENAI_API_KEY": "none"}


def version(client: Client) -> str:
    """The version of the client that is installed, by the installation's own word."""
    if client.example.suffix == ".py":
        python = client.home / "bin" / "python"
        ask = f"from importlib.metadata import version; print(version({client.package!r}))"
        return subprocess.run(
            [python, "-c", ask], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        ).stdout.strip()
    folder = ROOT / ".tools" if client.folder == "inspector" else client.home
    manifest = folder / "node_modules" / client.package / "package.json"
    found: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return found


def test_a_client_finds_a_conversation_and_reads_it_by_what_its_model_sees(
    client: Client,
    transport: str,
    program: Path,
    listed: list[str],
    expected: list[str],
    rows: list[Row],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """The list, and two pages of the first in it: together they are what one longer page would have been."""
    wire = Wire(tmp_path)
    model = Model(scenario(), lambda: len(wire.calls()))
    port = request.getfixturevalue("port") if transport == "HTTP" else None
    with started(client, tmp_path) as (command, env), served(program, port, wire) as server, playing(model) as speaking:
        done = run([*command, *server], env | model_settings(speaking))
    assert (done.returncode, model.failures) == (0, []), done.stdout + done.stderr
    if isinstance(client, Agent):
        seen = [(each.text, wire.results()[each.last]) for each in model.seen[: len(STEPS)]]
        found_ways = ways(model, wire, count)
        assert found_ways.of_budget <= MOST_OF_BUDGET
        row = Row(client, version(client), wire.protocol(), transport, found_ways)
    else:
        answers = re.split(r"^=== .*\n", done.stdout, flags=re.M)[1:]
        seen = list(zip(answers, wire.results(), strict=True))
        row = Row(client, version(client), wire.protocol(), transport)
    assert [channels(text, result) for text, result in seen] == [client.sees] * len(STEPS)
    found, *pages = (plain(text) for text, _ in seen)
    assert once(conversations(found)) == listed
    assert [message for page in reversed(pages) for message in once(messages(page))] == expected
    rows.append(row)


def once(lines: list[str]) -> list[str]:
    """The lines without those of a second copy."""
    return list(dict.fromkeys(lines))


@contextmanager
def served(program: Path, port: int | None, wire: Wire) -> Iterator[list[str]]:
    """The command that starts the server, or the address of the one at `port`, with a listener between."""
    if port is None:
        yield [sys.executable, str(TAP), str(wire.folder), str(program), "--sandbox"]
    else:
        with relayed(port, wire) as here:
            yield [f"http://127.0.0.1:{here}/mcp"]


def run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The client, to its end."""
    return subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )


def test_the_page_shows_this_run(rows: list[Row], request: pytest.FixtureRequest) -> None:
    """docs/clients.md has a row for every client that passed. `make matrix` writes it."""
    left_out = request.config.getoption("--without").split()
    assert len(rows) == sum(len(client.transports) for client in CLIENTS if client.home.name not in left_out)
    assert request.config.getoption("--write-matrix") or not missing(PAGE.read_text(encoding="utf-8"), rows)
