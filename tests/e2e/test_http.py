"""Serving over HTTP as operators run it: a process of its own, real sockets, both eras of the protocol."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Literal

import anyio
import pytest
from mcp.client import Client
from mcp_types import TextContent

from mcp_server.http.request_body import MAX_BODY_BYTES
from mcp_server.sandbox import SANDBOX_KEY, Sandbox
from tests.support.chaos import Call, ChaosUpstream, message, page
from tests.support.conversations import counter
from tests.support.http_server import (
    TOOL,
    Running,
    answered,
    ask,
    call,
    environment_for,
    get,
    http_server,
    post,
)
from tests.support.patience import PATIENCE_S

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"
Era = Literal["legacy", "auto"]

both_eras = pytest.mark.parametrize("era", ["legacy", "auto"])
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A messaging API whose bill the tests can look at."""
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def running(sandbox: Sandbox) -> Iterator[Running]:
    """One server on loopback for the tests that leave it as it was."""
    with http_server(environment_for(sandbox.base_url, PAGE_SIZE="10", MAX_PAGE_SIZE="10")) as server:
        yield server


@both_eras
async def test_a_conversation_is_read_and_gone_on_with(era: Era, running: Running) -> None:
    """Both eras from one endpoint; progress is reported; the budget holds in both channels."""
    told: list[float] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    with anyio.fail_after(PATIENCE_S):
        async with Client(running.url, mode=era) as client:
            arguments = {"profile_url": PRIYA, "count": 25, "max_tokens": 2000}
            first = await client.call_tool(TOOL, arguments, progress_callback=tell)
            assert first.structured_content is not None
            rest = {**arguments, "cursor": first.structured_content["next_cursor"]}
            second = await client.call_tool(TOOL, rest)
            prompt = await client.get_prompt("catch_up", {"target": PRIYA})
    assert second.structured_content is not None
    assert (first.structured_content["covered"], second.structured_content["covered"]) == (25, 25)
    assert first.structured_content["oldest"] > second.structured_content["newest"]
    assert told == [10, 20, 25]
    (text,) = first.content
    assert isinstance(text, TextContent)
    assert counter().count(text.text) <= 2000
    assert isinstance(prompt.messages[0].content, TextContent)
    assert "Priya Raman" in prompt.messages[0].content.text


@both_eras
@pytest.mark.parametrize("way", ["cancelled", "disconnected"])
async def test_for_a_client_that_has_gone_away_no_further_page_is_fetched(era: Era, way: str) -> None:
    """The second of many pages is on its way when the client cancels, or its connection is cut: it is the last one.

    It was requested and will be billed, so it is kept for the next call. There is one slot, which the cancelled call
    must have left when another call is accepted.
    """
    asked_again, given_up = anyio.Event(), anyio.Event()

    async def answer_too_late(call: Call) -> None:
        asked_again.set()
        await given_up.wait()
        await page([message("two", number=8)], next_cursor="oldest")(call)

    steps = (page([message("one", number=9)], next_cursor="older"), answer_too_late, page([message("three")]))
    with anyio.fail_after(PATIENCE_S):
        async with ChaosUpstream(*steps) as upstream:
            environment = environment_for(upstream.base_url, PAGE_SIZE="1", LOG_LEVEL="INFO", HTTP_CALLS_AT_ONCE="1")
            with http_server(environment) as server:
                async with Client(server.url, mode=era) as client:
                    if way == "cancelled":
                        async with anyio.create_task_group() as calls:
                            calls.start_soon(client.call_tool, TOOL, {"conversation_id": "2-abc"})
                            await asked_again.wait()
                            calls.cancel_scope.cancel()
                    else:
                        await _cut(server, era, asked_again)
                    while (await client.call_tool(TOOL, {"conversation_id": "2-other", "count": 1})).is_error:
                        pass
                    given_up.set()
                    kept = await client.call_tool(TOOL, {"conversation_id": "2-abc", "count": 2})
                assert await anyio.to_thread.run_sync(server.stop) == 0
            assert [b"2-other" in received.body for received in upstream.requests] == [False, False, True]
    assert "outcome=cancelled" in server.log
    assert isinstance(kept.content[0], TextContent)
    assert "one" in kept.content[0].text
    assert "two" in kept.content[0].text
    assert "ERROR" not in server.log


async def _cut(server: Running, era: Era, asked_again: anyio.Event) -> None:
    """Send a call over a connection of our own, and close that once the second page has been asked for."""
    port = int(server.root.rsplit(":", 1)[1])
    document = call(conversation_id="2-abc")
    headers = ""
    if era == "auto":
        document["params"]["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        headers = f"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {TOOL}\r\n"
    body = json.dumps(document)
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n{headers}"
            f"Accept: application/json, text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        await asked_again.wait()


def test_a_stop_lets_the_call_finish_and_ends_well(sandbox: Sandbox) -> None:
    """SIGTERM in the midst of a call: its answer still comes, whole, and the exit code is 0."""

    async def run() -> None:
        asked, let_go = anyio.Event(), anyio.Event()

        async def tell_and_wait(call: Call) -> None:
            asked.set()
            await let_go.wait()
            await page([message("finished")])(call)

        async with ChaosUpstream(tell_and_wait) as upstream:
            with http_server(environment_for(upstream.base_url)) as server:
                answers: list[tuple[int, bytes]] = []

                async def ask_once() -> None:
                    status, _, body = await anyio.to_thread.run_sync(
                        lambda: post(server.url, call(conversation_id="2-abc", count=1))
                    )
                    answers.append((status, body))

                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(ask_once)
                    await asked.wait()
                    server.process.send_signal(signal.SIGTERM)
                    let_go.set()
                assert await anyio.to_thread.run_sync(lambda: server.process.wait(PATIENCE_S)) == 0
                (status, body) = answers[0]
                assert status == 200
                assert "finished" in answered(body)["result"]["content"][0]["text"]

    anyio.run(run)


def test_odd_requests_are_refused_and_the_next_is_answered(running: Running) -> None:
    """Too large, no JSON, no message, another method, another path; every answer carries the security headers."""
    large = post(running.url, call(conversation_id="x" * MAX_BODY_BYTES))
    nonsense = [post(running.url, body)[0] for body in (b"hello", b"[]", b"{", b"\xff\xfe", b"[" * 60_000, b"null")]
    listed, headers, body = post(running.url, ask("tools/list"))
    assert large[0] == 413
    assert all(400 <= status < 500 for status in nonsense)
    assert get(running.url)[0] == 405
    assert get(running.root + "/etc/passwd")[0] == 404
    assert listed == 200
    assert answered(body)["result"]["tools"][0]["name"] == TOOL
    for answer in (large[1], headers, get(running.root + "/health")[1]):
        assert answer["x-content-type-options"] == "nosniff"
        assert answer["content-security-policy"].startswith("default-src 'none'")
        assert "no-" in answer["cache-control"]
        assert "server" not in answer


def test_a_url_asks_for_the_transcript_in_the_text_only(running: Running) -> None:
    """For clients that show both channels and say only that they are an MCP client. A misspelt value is refused."""
    asked = call(profile_url=PRIYA, count=1)
    complete = answered(post(running.url, asked)[2])["result"]["structuredContent"]
    figures = answered(post(f"{running.url}?structured_output=figures", asked)[2])["result"]
    refused = answered(post(f"{running.url}?structured_output=figure", asked)[2])["result"]
    assert "Priya Raman" in figures["content"][0]["text"]
    assert figures["structuredContent"].keys() == {"tokens"}
    assert {"transcript", "next_cursor", "tokens"} <= complete.keys()
    assert refused["isError"]
    assert "structured_output must be figures" in refused["content"][0]["text"]


def test_a_url_says_how_many_tokens_the_model_sees_per_counted_token(running: Running) -> None:
    """For clients that show a text twice. Over HTTP the setting of that name would be everybody's."""
    asked = call(profile_url=PRIYA, count=60, max_tokens=1000)
    listing = ask("tools/call", name="list_conversations", arguments={"max_tokens": 1000})
    for request in (asked, listing):
        sizes = [
            answered(post(f"{running.url}{parameter}", request)[2])["result"]["structuredContent"]["tokens"]
            for parameter in ("", "?token_scale=2", "?token_scale=2&structured_output=figures")
        ]
        assert 500 < sizes[0] <= 1000
        assert all(300 < size <= 500 for size in sizes[1:])
    refused = answered(post(f"{running.url}?token_scale=double", asked)[2])["result"]
    assert refused["isError"]
    assert "token_scale must be a number from 0.5 to 4" in refused["content"][0]["text"]


def test_half_a_character_in_an_argument_is_no_nonsense(running: Running) -> None:
    """A call whose focus was cut in the midst of an emoji is answered as one without it."""
    body = json.dumps(call(profile_url=PRIYA, count=1, focus="half an emoji \ud83d")).encode()
    status, _, answer = post(running.url, body)
    assert status == 200
    assert "Priya Raman" in answered(answer)["result"]["content"][0]["text"]


def test_two_workers_serve_one_port_and_stop_well(sandbox: Sandbox) -> None:
    """Whichever of them takes a call, it is answered; SIGTERM ends both, and the exit code is 0."""
    with http_server(environment_for(sandbox.base_url), "--workers", "2") as server:
        for _ in range(20):
            assert post(server.url, call(profile_url=PRIYA, count=1))[0] == 200
        assert server.stop() == 0


def test_a_port_that_is_taken_is_told_in_one_line(sandbox: Sandbox) -> None:
    """No traceback, and exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "mcp_server", "serve", "--http", "--sandbox", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"address_in_use: 127.0.0.1:{port} ")
    assert done.stderr.count("\n") == 1


def test_the_log_holds_nothing_of_what_was_read(sandbox: Sandbox) -> None:
    """At its most talkative: who called and what it cost, no name, no message, no key."""
    with http_server(environment_for(sandbox.base_url, LOG_LEVEL="DEBUG")) as server:
        post(server.url, call(profile_url=PRIYA))
        post(server.url, call(profile_url=PRIYA, cursor="forged-cursor"))
        server.stop()
    assert "outcome=ok credits=1" in server.log
    assert "outcome=invalid_cursor credits=0" in server.log
    for secret in (SANDBOX_KEY, "Priya", "priya", "half term", "forged-cursor", "Traceback"):
        assert secret not in server.log


def test_figures_and_lines_for_machines_hold_nothing_of_what_was_read(sandbox: Sandbox) -> None:
    """`/metrics` in Prometheus' format and every log line a JSON object, where they are asked for."""
    environment = environment_for(
        sandbox.base_url, HTTP_TELEMETRY="prometheus", HTTP_LOG_FORMAT="json", LOG_LEVEL="INFO"
    )
    with http_server(environment) as server:
        post(server.url, call(profile_url=PRIYA, count=3))
        post(server.url, call(profile_url=PRIYA, count=3, cursor="forged"))
        status, headers, body = get(server.root + "/metrics")
        assert get(server.root + "/metrics", {"Host": "evil.example"})[0] == 421
        assert get(server.root + "/metrics", {"Host": "10.0.0.7:8000"})[0] == 200
        assert server.stop() == 0
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    figures = body.decode()
    assert 'conversation_call_duration_seconds_count{otel_scope_name="conversation-mcp"' in figures
    assert 'outcome="invalid_cursor"' in figures
    assert 'outcome="ok"' in figures
    lines = [json.loads(line) for line in server.log.splitlines()]
    assert any("outcome=ok" in line["message"] for line in lines)
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    for secret in ("riya", SANDBOX_KEY, "forged"):
        assert secret not in figures + server.log
