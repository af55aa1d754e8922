"""The commands as processes: what a shell, a host and a person at a terminal see."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from tests.support.patience import PATIENCE_S

COMMAND = [sys.executable, "-m", "mcp_server"]
BARE = {"PATH": os.environ.get("PATH", "")}
"""Nothing set up, as on a new machine."""

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@contextmanager
def started(*arguments: str, stdin: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """A command, ended with the test."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=BARE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_demo_shows_true_figures() -> None:
    """Tool list, a page, the next by its cursor, a focused one; each counted against the API's JSON."""
    # No time limit: with the sentence model installed, the focused call takes several seconds of processor time.
    done = subprocess.run([*COMMAND, "demo"], env=BARE, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    steps = [line for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert [step[:2] for step in steps] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert "get_conversation(conversation_id, profile_url, count, cursor" in done.stdout
    assert "Week of 8 Feb is half term" in done.stdout
    assert "Audit done. Grade AA." in done.stdout
    assert "| ARCHIVE of 2026-11-20: nothing newer" in done.stdout
    assert "[2 attachments]" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()[-3:]]
    figures = [[float(value.replace(",", "")) for value in row] for row in rows]
    assert [row[0] for row in figures[:2]] == [10, 10]
    # The server stops reading or choosing at its own deadline, with a note: a busy machine may show fewer messages.
    notes = ("| ! Older messages could not be read", "| ! The newest messages are shown:")
    assert figures[2][0] == 1000 or any(note in done.stdout for note in notes)
    assert all(row[2] < row[3] and round(row[3] / row[2], 1) == row[4] for row in figures)
    assert figures[2][2] <= 700


def test_serving_keeps_stdout_for_the_protocol() -> None:
    """The first bytes are the answer to the first message, and the server leaves when its client does."""
    with started("--sandbox") as process:
        out, err = process.communicate(json.dumps(INITIALIZE) + "\n", timeout=PATIENCE_S)
    assert json.loads(out.splitlines()[0])["id"] == 1
    assert (process.returncode, err) == (0, "")


def test_on_a_terminal_the_server_says_that_it_waits() -> None:
    """A person who starts it by hand learns what it is, and Ctrl-C ends it at once."""
    ours, theirs = pty.openpty()
    try:
        with started("--sandbox", stdin=theirs) as process:
            assert process.stderr is not None
            assert "is an MCP server and is waiting for a client" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=PATIENCE_S) == -signal.SIGINT
    finally:
        os.close(ours)
        os.close(theirs)


def test_the_sandbox_prints_what_a_client_needs_and_serves_it() -> None:
    """Base URL, key and account as settings, then what there is to read."""
    with started("sandbox") as process:
        assert process.stdout is not None
        environ = dict(process.stdout.readline().strip().split("=", 1) for _ in range(3))
        process.stdout.readline()
        target = process.stdout.readline().split()[-1]
        params = {"conversation_id" if target.startswith("urn:") else "profile_url": target}
        body = {"account_id": environ["CONVERSATION_ACCOUNT_ID"], "action": "get_conversation", "params": params}
        request = Request(
            f"{environ['CONVERSATION_API_BASE_URL']}/v2/messages",
            json.dumps(body).encode(),
            {"x-api-key": environ["CONVERSATION_API_KEY"]},
        )
        with urlopen(request) as answer:
            assert json.load(answer)["success"] is True
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "1 request, 1 credit billed." in err


def test_a_reader_that_looks_away_is_no_disaster() -> None:
    """`read ... | head`: no traceback."""
    with started("read", "https://www.linkedin.com/in/callum-reyes-harbour-lane", "--sandbox", "--all") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert process.wait(timeout=PATIENCE_S) == 1
