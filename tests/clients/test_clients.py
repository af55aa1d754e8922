"""Real clients of many makes find a conversation and read two pages of it, by what their model would see.

Each is the program in `examples/`, as documented, in an environment of its own with pinned versions; it talks to the
built wheel in another. The truth is what the command line lists first, and what one call for twice as many messages
gives of that conversation.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.matrix import CLIENTS, ENVIRONMENTS, PAGE, ROOT, Client, Row, page
from tests.clients.relay import relayed

TAP = Path(__file__).with_name("tap.py")
PAGES = 2


@pytest.fixture(scope="session")
def listed(program: Path) -> list[str]:
    """The conversations in the list, as the command line gives them."""
    return conversations(printed(program, "conversations", "--count", "5", "--query", "priya"))


@pytest.fixture(scope="session")
def expected(program: Path, listed: list[str]) -> list[str]:
    """The messages of both pages, as one call gives them."""
    return messages(printed(program, "read", listed[0].split()[0], "--count", "10"))


def printed(program: Path, *command: str) -> str:
    """What a command of the program prints about the sandbox."""
    done = subprocess.run([program, *command, "--sandbox"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def conversations(text: str) -> list[str]:
    """The lines of a list that name a conversation."""
    return re.findall(r"^\S+ \d\d:\d\d [<>?].*$", text, flags=re.M)


def messages(transcript: str) -> list[str]:
    """The lines of a transcript that are messages, without their times, which depend on the line above."""
    body = re.split(r"^# ", transcript, maxsplit=1, flags=re.M)[1]
    return re.findall(r"^(?:\d\d:\d\d )?([<>] .*)$", body, flags=re.M)


def seen_by_a_model(output: str) -> tuple[str, str]:
    """What was seen, as in `Client.sees`, and the transcript or list in it."""
    if output.startswith("meta=None content="):  # LlamaIndex: the repr of the whole result
        output = _json_of(output)
    if not output.startswith("{"):
        return "text", output
    answer: dict[str, Any] = json.loads(output)
    answer = answer.get("result", answer)
    if "content" not in answer:
        return "structured", _text_in(answer)
    text, structured = answer["content"][0]["text"], answer["structuredContent"]
    if not _text_in(structured):
        return "text, figures", text
    assert structured["next_cursor"] in text
    assert text.startswith(_text_in(structured))
    return "both", text


def _text_in(structured: dict[str, str]) -> str:
    return structured.get("transcript", structured.get("list", ""))


def _json_of(seen: str) -> str:
    """The repr of a result, as JSON with its text and its structured content."""
    text, structured = re.findall(r"text=(\".*?\"|'.*?'), annotations=.* structured_content=(\{.*?\}) is_error=", seen)[
        0
    ]
    content = [{"text": ast.literal_eval(text)}]
    return json.dumps({"content": content, "structuredContent": ast.literal_eval(structured)})


@contextmanager
def started(client: Client, folder: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """How the client's example is started, and in what environment."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **dict(client.variables)}
    example = str(client.example)
    if client.example.suffix == ".py":
        yield [str(ENVIRONMENTS / client.folder / "bin" / "python"), example], env
    elif client.example.suffix == ".mjs":
        # Where somebody who tries it has it: beside what `npm install` made.
        copied = str(shutil.copy(example, folder))
        os.symlink(ENVIRONMENTS / client.folder / "node_modules", folder / "node_modules")
        yield ["node", copied], env
    else:
        yield ["sh", example], env


def version(client: Client) -> str:
    """The version of the client that is installed, by the installation's own word."""
    if client.example.suffix == ".py":
        python = ENVIRONMENTS / client.folder / "bin" / "python"
        ask = f"from importlib.metadata import version; print(version({client.package!r}))"
        return subprocess.run(
            [python, "-c", ask], capture_output=True, text=True, timeout=30, check=True
        ).stdout.strip()
    folder = ROOT / ".tools" if client.folder == "inspector" else ENVIRONMENTS / client.folder
    manifest = folder / "node_modules" / client.package / "package.json"
    found: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    return found


def protocol(said: str) -> str:
    """The version of the protocol in which the client called the tool, out of all it said."""
    headers = re.findall(r"(?i)^mcp-protocol-version: (\S+)", said, flags=re.M)
    calls = [line for line in said.splitlines() if '"tools/call"' in line]
    modern = re.findall(r'"io\.modelcontextprotocol/protocolVersion":\s*"([^"]+)"', "".join(calls))
    handshake = re.findall(r'"protocolVersion":\s*"([^"]+)"', said)
    spoken: list[str] = headers or modern or handshake
    return spoken[-1]


@pytest.mark.parametrize("transport", ["stdio", "HTTP"])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
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
    log = tmp_path / "said"
    with started(client, tmp_path) as (command, env):
        if transport == "stdio":
            server = [sys.executable, str(TAP), str(log), str(program), "--sandbox"]
            done = run([*command, *server], env)
        else:
            with relayed(request.getfixturevalue("port"), log) as here:
                done = run([*command, f"http://127.0.0.1:{here}/mcp"], env)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [part.strip() for part in re.split(r"^=== (?:list|page \d)\n", done.stdout, flags=re.M)[1:]]
    sights = [seen_by_a_model(part) for part in answers]
    assert [sees for sees, _ in sights] == [client.sees] * (1 + PAGES)
    (_, found), *pages = sights
    assert conversations(found) == listed
    assert [message for _, transcript in reversed(pages) for message in messages(transcript)] == expected
    said = log.read_text(encoding="utf-8", errors="replace")
    rows.append(Row(client, version(client), protocol(said), transport, len(pages)))


def run(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The client, to its end."""
    return subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_page_shows_this_run(rows: list[Row], request: pytest.FixtureRequest) -> None:
    """docs/clients.md has a row for every client that passed. `make matrix` writes it."""
    assert len(rows) == 2 * len(CLIENTS)
    text = PAGE.read_text(encoding="utf-8")
    assert request.config.getoption("--write-matrix") or page(text, rows) == text
