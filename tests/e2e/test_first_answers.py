"""The first seconds of a server process: answers before it is loaded, without settings, and after the end of input."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import TextContent

from mcp_server.protocol import view
from scripts.make_front_answers import envelope, initialize, line
from tests.support.patience import PATIENCE_S

COMMAND = [sys.executable, "-m", "mcp_server"]
BARE = {"PATH": os.environ.get("PATH", "")}
PLACEHOLDERS = {
    "CONVERSATION_API_BASE_URL": "<API base URL>",
    "CONVERSATION_API_KEY": "${input:conversation-mcp-key}",
    "CONVERSATION_ACCOUNT_ID": "",
}
TOOL = "get_conversation"
INITIALIZE = line("hello", "initialize", initialize("2025-11-25"))
INITIALIZED = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
TARGET = {"profile_url": "https://www.linkedin.com/in/jane-doe-42"}


def said(lines: bytes, *arguments: str, environment: Mapping[str, str] = BARE) -> dict[Any, dict[str, Any]]:
    """The answers, by id, to lines that are piped in."""
    done = subprocess.run(
        [*COMMAND, *arguments], input=lines, env=dict(environment), capture_output=True, timeout=PATIENCE_S, check=True
    )
    answers = [json.loads(answer) for answer in done.stdout.splitlines()]
    assert len({answer["id"] for answer in answers}) == len(answers)
    return {answer["id"]: answer for answer in answers}


def test_a_client_that_gives_up_on_discovery_is_served_by_handshake() -> None:
    """`server/discover`, then `initialize` into the same pipe, as the AI SDK does: both answered, calls after them."""
    call = line(4, "tools/call", {"name": TOOL, "arguments": {}})
    answers = said(
        b"\n".join((line(1, "server/discover", envelope()), INITIALIZE, INITIALIZED, line(3, "tools/list"), call)),
        "--sandbox",
    )
    assert answers[1]["result"]["supportedVersions"] == ["2026-07-28"]
    assert answers["hello"]["result"]["protocolVersion"] == "2025-11-25"
    assert answers[3]["result"]["tools"][0]["name"] == TOOL
    assert answers[4]["result"]["content"][0]["text"].startswith("invalid_arguments: ")


def test_a_call_is_answered_though_input_ends_right_after_it() -> None:
    """In both eras, with a byte-order mark before the first line and no line end after the last."""
    call = {"name": TOOL, "arguments": {"cuont": 3}}
    handshake = b"\xef\xbb\xbf" + b"\n".join((INITIALIZE, INITIALIZED, line(2, "tools/call", call)))
    modern = b"\xef\xbb\xbf" + line(2, "tools/call", {**call, **envelope()})
    for lines in (handshake, modern):
        assert "did you mean count?" in said(lines, "--sandbox")[2]["result"]["content"][0]["text"]


def test_what_comes_before_the_first_answer_imports_the_standard_library_alone() -> None:
    """The command line and serving, up to where the first line is answered."""
    script = (
        "import sys; before = set(sys.modules); import mcp_server.cli, mcp_server.commands.serve; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mcp_server"]


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
@pytest.mark.parametrize("environment", [{}, PLACEHOLDERS], ids=["no settings", "placeholders"])
async def test_without_settings_each_call_says_what_is_missing(era: Any, environment: dict[str, str]) -> None:
    """The server starts and lists. Errors of calls are for the model to read, the others for the program."""
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env={**BARE, **environment})
    with anyio.fail_after(PATIENCE_S):
        async with Client(parameters, mode=era) as client:
            tool, _ = (await client.list_tools()).tools
            assert len((await client.list_prompts()).prompts) == 6
            for arguments in (TARGET, {}):
                result = await client.call_tool(tool.name, arguments)
                (content,) = result.content
                assert isinstance(content, TextContent)
                assert result.is_error
                assert content.text.startswith("configuration: CONVERSATION_API_BASE_URL, CONVERSATION_API_KEY and ")
                assert content.text.endswith(" Credits spent: 0.")
            with pytest.raises(MCPError, match="configuration: "):
                await client.get_prompt("catch_up", {"target": TARGET["profile_url"]})
            with pytest.raises(MCPError, match="configuration: "):
                await client.read_resource("conversation://2-abc")
            assert (await client.read_resource(view.URI)).contents


def test_an_invalid_setting_is_named_and_the_others_still_count() -> None:
    """The list follows those that are valid; standard error says the same as each call."""
    lines = b"\n".join((INITIALIZE, line(2, "tools/list"), line(3, "tools/call", {"name": TOOL, "arguments": TARGET})))
    environment = {**BARE, "CONVERSATION_MAX_COUNT": "7", "CONVERSATION_STRUCTURED_OUTPUT": "perhaps"}
    answers = said(lines, "--sandbox", environment=environment)
    tool, _ = answers[2]["result"]["tools"]
    assert tool["inputSchema"]["properties"]["count"]["maximum"] == 7
    assert "outputSchema" in tool
    text = answers[3]["result"]["content"][0]["text"]
    assert text.startswith("configuration: CONVERSATION_STRUCTURED_OUTPUT must be on, figures or off.")


def test_at_a_terminal_missing_settings_end_the_command() -> None:
    """There is no client that could be answered, and a person who reads standard error."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            COMMAND, stdin=theirs, env=BARE, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("configuration: CONVERSATION_API_BASE_URL")
