"""The application as it is put together, and what it leaves out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
import pytest
from starlette.types import Message, Scope

from mcp_server.http.app import build_app
from mcp_server.http.concurrency import MAX_REQUESTS
from mcp_server.http.settings import HttpSettings
from mcp_server.http.tokens import StaticTokens, parse_digests
from mcp_server.protocol.get_conversation import definition
from tests.support.http_server import ask, digest_line
from tests.support.serving import LIMITS, StubReader, serving


def test_no_argument_of_the_tool_is_repeated_in_a_header() -> None:
    """So there is nothing to compare headers with, and no need to list the tools at each call."""
    assert "x-mcp-header" not in json.dumps(definition(LIMITS, structured_output="on").input_schema)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Nothing needs to be opened."""
    yield


@pytest.mark.anyio
async def test_clients_that_do_not_take_their_refusals_keep_nobody_out() -> None:
    """A request without a valid token takes no place, however long its answer waits."""
    tokens = parse_digests(digest_line("token", "alice"))
    app = build_app(serving(StubReader()), HttpSettings(tokens=tokens), verifier=StaticTokens(tokens), opened=opened)
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "headers": [(b"host", b"127.0.0.1")],
        "query_string": b"",
    }

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    async def send(_: Message) -> None:
        await anyio.sleep_forever()

    async def unread() -> None:
        await app(scope, receive, send)

    transport = httpx.ASGITransport(app)
    async with anyio.create_task_group() as tasks, httpx.AsyncClient(transport=transport) as client:
        for _ in range(MAX_REQUESTS + 1):
            tasks.start_soon(unread)
        await anyio.wait_all_tasks_blocked()
        answer = await client.post(
            "http://127.0.0.1/mcp",
            json=ask("ping"),
            headers={"Authorization": "Bearer other"},
        )
        assert answer.status_code == 401
        tasks.cancel_scope.cancel()


@pytest.mark.anyio
async def test_clients_that_take_a_401_for_oauth_are_told_which_token_is_needed() -> None:
    """They try to register, and show what that answers; a 404 would end as an error about another transport."""
    tokens = parse_digests(digest_line("token", "alice"))
    guarded = build_app(
        serving(StubReader()), HttpSettings(tokens=tokens), verifier=StaticTokens(tokens), opened=opened
    )
    unguarded = build_app(serving(StubReader()), HttpSettings(), verifier=None, opened=opened)
    answers = []
    for app in (guarded, unguarded):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            answers.append(await client.post("http://127.0.0.1/register", json={"redirect_uris": []}))
    assert [answer.status_code for answer in answers] == [403, 404]
    assert "The header Authorization must be Bearer and the token" in answers[0].json()["error_description"]
