"""The MCP Inspector's command line lists the tool and calls it, in both eras of the protocol.

Needs node and the Inspector on the PATH: `make test-all` fetches both. Every call starts a new server, on the
sandbox.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S

SERVER = [str(Path(sys.prefix) / "bin" / "conversation-mcp"), "--sandbox"]
PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
TOOL_ERROR = 5

pytestmark = pytest.mark.parametrize("era", ["legacy", "modern"])


def inspect(home: Path, era: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the Inspector against the server; its own files go to `home`."""
    return subprocess.run(
        ["mcp-inspector", "--cli", *SERVER, "--protocol-era", era, "--format", "json", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def call(home: Path, era: str, **arguments: object) -> subprocess.CompletedProcess[str]:
    """Call the tool with `arguments`, typed as JSON."""
    named = ["--method", "tools/call", "--tool-name", "get_conversation"]
    return inspect(home, era, *named, "--tool-args-json", json.dumps(arguments))


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What the Inspector printed, when it was content."""
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)["result"]
    return answer


def test_the_tools_are_listed_and_their_schemas_are_portable(era: str, tmp_path: Path) -> None:
    """`--strict` finds nothing in the schema that some client would stumble over."""
    done = inspect(tmp_path, era, "--method", "tools/list", "--strict")
    assert [tool["name"] for tool in result(done)["tools"]] == ["get_conversation", "list_conversations"]
    assert "error" not in done.stderr.lower()


def test_a_call_gives_a_transcript_and_its_cursor_goes_on(era: str, tmp_path: Path) -> None:
    """Two calls, by two servers started one after the other, read on without a gap."""
    first = result(call(tmp_path, era, profile_url=PRIYA, count=5))
    page = first["structuredContent"]
    assert "SANDBOX" in first["content"][0]["text"].splitlines()[0]
    assert (page["covered"], page["next_cursor"] in first["content"][0]["text"]) == (5, True)
    older = result(call(tmp_path, era, profile_url=PRIYA, count=5, cursor=page["next_cursor"]))["structuredContent"]
    assert older["newest"] <= page["oldest"]


def test_a_typo_in_an_argument_is_told_to_the_model(era: str, tmp_path: Path) -> None:
    """An unknown argument is an error result that names it, not a call without it."""
    done = call(tmp_path, era, profile_url=PRIYA, curser="x")
    assert done.returncode == TOOL_ERROR
    assert "invalid_arguments" in done.stdout + done.stderr
    assert "curser" in done.stdout + done.stderr
