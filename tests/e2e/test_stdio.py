"""The server as hosts run it: a process of its own, spoken to over stdin and stdout, reading over real sockets."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from mcp_server.protocol.server import conversation_uri
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from mcp_server.sandbox.library import load_library
from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.conversations import counter
from tests.support.patience import PATIENCE_S

TOOL = "get_conversation"
PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
PRIYA_ID = next(each.id for each in load_library().conversations if each.profile_url == PRIYA)
COMMAND = [sys.executable, "-m", "mcp_server"]
Era = Literal["legacy", "auto"]

both_eras = pytest.mark.parametrize("era", ["legacy", "auto"])
pytestmark = pytest.mark.anyio


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A messaging API whose bill the test can look at."""
    with Sandbox() as running:
        yield running


def settings(base_url: str, **others: str) -> dict[str, str]:
    """The environment of a server that reads from there."""
    return {
        "CONVERSATION_API_BASE_URL": base_url,
        "CONVERSATION_API_KEY": SANDBOX_KEY,
        "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
        **{f"CONVERSATION_{name}": value for name, value in others.items()},
    }


def server(environment: Mapping[str, str]) -> StdioServerParameters:
    """How to start it."""
    return StdioServerParameters(command=COMMAND[0], args=COMMAND[1:], env={**os.environ, **environment})


def text(result: CallToolResult) -> str:
    """What a reader of the text sees."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@both_eras
async def test_a_conversation_is_read_and_gone_on_with(era: Era, sandbox: Sandbox) -> None:
    """The tool, its cursor, a prompt and the resource, all in the budget; every page bought once and told of."""
    told: list[tuple[float, float | None]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        assert message == f"{progress:.0f} of 25 messages"
        told.append((progress, total))

    with anyio.fail_after(PATIENCE_S):
        async with Client(server(settings(sandbox.base_url, PAGE_SIZE="10", MAX_PAGE_SIZE="10")), mode=era) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == [TOOL, "list_conversations"]
            arguments = {"profile_url": PRIYA, "count": 25, "max_tokens": 2000}
            first = await client.call_tool(TOOL, arguments, progress_callback=tell)
            requests = [entry.request for entry in sandbox.ledger.entries]
            assert first.structured_content is not None
            cursor = first.structured_content["next_cursor"]
            second = await client.call_tool(TOOL, {**arguments, "cursor": cursor})
            prompt = await client.get_prompt("catch_up", {"target": PRIYA, "max_tokens": "500"})
            (resource,) = (await client.read_resource(conversation_uri(PRIYA_ID))).contents

    assert second.structured_content is not None
    assert (first.structured_content["covered"], second.structured_content["covered"]) == (25, 25)
    assert f"next_cursor: {cursor}" in text(first)
    assert counter().count(text(first)) <= 2000
    assert counter().count(json.dumps(first.structured_content, ensure_ascii=False)) <= 2000
    assert told == [(10, 25), (20, 25), (25, 25)]
    assert [request["params"]["count"] for request in requests] == [10, 10, 10]  # type: ignore[index]  # JSON
    assert isinstance(prompt.messages[0].content, TextContent)
    assert counter().count(prompt.messages[0].content.text) <= 500
    assert "Priya Raman" in prompt.messages[0].content.text
    assert isinstance(resource, TextResourceContents)
    assert "Priya Raman" in resource.text


BAD_ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"profile_url": PRIYA, "conversation_id": "2-abc"},
    {"profile_url": PRIYA, "curser": "AQ"},
    {"profile_url": "https://example.com/in/priya"},
    {"conversation_id": "a\r\nX-Evil: 1"},
    {"conversation_id": "a\x00b"},
    {"conversation_id": "x" * 10_000},
    *({"profile_url": PRIYA, "count": count} for count in (0, -1, 1_000_000_000, "three", True, 2.5)),
    {"profile_url": PRIYA, "max_tokens": 199},
    {"profile_url": PRIYA, "detail": "full"},
    {"profile_url": PRIYA, "since": "yesterday"},
    {"profile_url": PRIYA, "focus": "x" * 501},
    {"profile_url": PRIYA, "count": []},
]
BAD_CURSORS: list[Any] = ["AQx9", "x" * 10_000, 5, "\u00e9", "-"]


async def test_what_makes_no_sense_is_answered_and_costs_nothing(sandbox: Sandbox) -> None:
    """Every class of bad argument gives an error that the model can read; the API is not even asked."""
    with anyio.fail_after(PATIENCE_S):
        async with Client(server(settings(sandbox.base_url))) as client:
            for arguments in BAD_ARGUMENTS:
                result = await client.call_tool(TOOL, arguments)
                assert result.is_error
                assert text(result).startswith("invalid_arguments: ")
                assert text(result).endswith(" Credits spent: 0.")
            told = {
                text(await client.call_tool(TOOL, {"profile_url": PRIYA, "cursor": cursor})) for cursor in BAD_CURSORS
            }
    assert len(told) == 1
    assert told.pop().startswith("invalid_cursor: ")
    assert sandbox.ledger.requests == 0


@both_eras
async def test_a_cancelled_walk_buys_no_further_page(era: Era) -> None:
    """The host gives up while the second of ten pages is on its way; the next call finds the server well."""
    asked_again = anyio.Event()

    async def tell_and_hang(call: Call) -> None:
        asked_again.set()
        await call.hang()

    first, last = page([message("one")], next_cursor="older"), page([message("two")])
    with anyio.fail_after(PATIENCE_S):
        async with ChaosUpstream(first, tell_and_hang, last) as upstream:
            async with Client(server(settings(upstream.base_url, PAGE_SIZE="1")), mode=era) as client:
                async with anyio.create_task_group() as calls:
                    calls.start_soon(client.call_tool, TOOL, {"conversation_id": "2-abc"})
                    await asked_again.wait()
                    calls.cancel_scope.cancel()
                result = await client.call_tool(TOOL, {"conversation_id": "2-other", "count": 1})
            assert "two" in text(result)
            assert len(upstream.requests) == 3


async def test_the_log_holds_no_key_no_name_no_message_no_cursor(sandbox: Sandbox, tmp_path: Path) -> None:
    """At its most talkative, after a good call, a bad one and a refused one."""
    log = tmp_path / "stderr"
    environment = settings(sandbox.base_url, LOG_LEVEL="DEBUG", STRUCTURED_OUTPUT="off")
    with anyio.fail_after(PATIENCE_S), log.open("w") as errors:
        async with Client(stdio_client(server(environment), errlog=errors)) as client:
            tool, _ = (await client.list_tools()).tools
            good = await client.call_tool(TOOL, {"profile_url": PRIYA})
            await client.call_tool(TOOL, {"profile_url": PRIYA, "cursor": "forged-cursor"})
            unknown = await client.call_tool(TOOL, {"conversation_id": "2-nobody"})
    assert tool.output_schema is None
    assert good.structured_content is None
    assert text(unknown).startswith("request_rejected: ")
    told = log.read_text(encoding="utf-8")
    for secret in (SANDBOX_KEY, "Priya", "priya", "half term", "forged-cursor", "2-nobody", "Traceback"):
        assert secret not in told


def ask(number: int, method: str, **params: Any) -> str:
    """A request as it goes over the wire, escaped to ASCII."""
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def test_nonsense_on_stdin_leaves_the_next_call_answered(sandbox: Sandbox) -> None:
    """Lines that are no JSON, no text, no message, or too deep, before the handshake and after.

    Half a character in an argument is no nonsense: that call is answered too.
    """
    greeting = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    nonsense = ["hello", "", "{", "[]", "null", '{"jsonrpc":"2.0"}', "[" * 100_000, "x" * 1_000_000]
    lines = [
        *nonsense,
        ask(1, "initialize", **greeting),
        '{"jsonrpc":"2.0","method":"notifications/initialized"}',
        *nonsense,
        ask(2, "tools/call", name=TOOL, arguments=[]),
        ask(3, "tools/call", name=5),
        ask(4, "sing"),
        ask(5, "tools/call", name=TOOL, arguments={"profile_url": PRIYA, "count": 1, "focus": "half an emoji \ud83d"}),
        ask(6, "tools/call", name=TOOL, arguments={"detail": "\udc00"}),
    ]
    sent = "\n".join(lines).encode() + b"\n\xff\xfe\x00\n"
    with subprocess.Popen(
        COMMAND,
        env={**os.environ, **settings(sandbox.base_url)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(sent)
        process.stdin.flush()
        answers: dict[int, dict[str, Any]] = {}
        while len(answers) < 6:
            answer = json.loads(process.stdout.readline())
            answers[answer["id"]] = answer
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
    assert set(answers) == {1, 2, 3, 4, 5, 6}
    assert all("error" in answers[number] for number in (2, 3, 4))
    assert "Priya Raman" in answers[5]["result"]["content"][0]["text"]
    assert answers[6]["result"]["isError"]
