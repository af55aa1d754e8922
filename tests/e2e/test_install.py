"""`install` at a terminal, and a host that starts what was written."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.support.patience import PATIENCE_S

INSTALL = [sys.executable, "-m", "mcp_server", "install"]
KEY = "canary-key-7f3a"


def typed(home: Path, *arguments: str, answers: dict[str, str]) -> str:
    """All that a person saw of `install` on a terminal, who answered each question as it came."""
    ours, theirs = pty.openpty()
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [*INSTALL, *arguments]
    # A session of its own, so that the questions do not go to the terminal that runs the tests.
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True)
    os.close(theirs)
    seen, waiting = b"", dict(answers)
    try:
        while chunk := _read(ours):
            seen += chunk
            for question in [question for question in waiting if question.encode() in seen]:
                os.write(ours, waiting.pop(question).encode() + b"\n")
        assert process.wait(timeout=PATIENCE_S) == 0, seen
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return seen.decode()


def _read(terminal: int) -> bytes:
    """What came, or nothing when the other side has closed it."""
    ready, _, _ = select.select([terminal], [], [], 30)
    assert ready, "nothing came for half a minute"
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux's way to say so
        return b""


def test_the_key_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    """It is in the file, and nowhere on the screen."""
    answers = {"Base URL": "https://api.example.com", "key (not shown)": KEY, "Id of your account": "acct"}
    optional = {"your own LinkedIn profile": "in/nora-lindqvist", "Time zone": "", "credits per call": "20"}
    seen = typed(tmp_path, "claude-desktop", "--no-check", answers=answers | optional)
    written = tmp_path / ".config" / "Claude" / "claude_desktop_config.json"
    env = json.loads(written.read_text(encoding="utf-8"))["mcpServers"]["linkedin-conversations"]["env"]
    assert list(env.values()) == ["https://api.example.com", KEY, "acct", "20", "in/nora-lindqvist", "claude"]
    assert KEY not in seen


@pytest.mark.anyio
async def test_what_was_written_is_a_server_that_answers(tmp_path: Path) -> None:
    """A host's own start: the command of the file, from another folder, with nothing else set up."""
    environ = {"HOME": str(tmp_path), "PATH": ""}
    await anyio.run_process([*INSTALL, "claude-desktop", "--sandbox"], env=environ)
    written = tmp_path / ".config" / "Claude" / "claude_desktop_config.json"
    entry = json.loads(written.read_text(encoding="utf-8"))["mcpServers"]["linkedin-conversations-sandbox"]
    command = StdioServerParameters(**entry, cwd=tmp_path)
    async with Client(command, read_timeout_seconds=30) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["get_conversation", "list_conversations"]
