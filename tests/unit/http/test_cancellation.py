"""A cancellation ends the one call it means: of the same caller, session and id; anything else it leaves alone."""

import json
from dataclasses import dataclass, field

import anyio
import httpx
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from mcp_server.http.cancellation import Cancellation
from mcp_server.http.tenants import current_subject

pytestmark = pytest.mark.anyio


@dataclass
class Endpoint:
    """Answers at once, but a call of a tool only when it is let go. `begun` says that an answer's head has gone out."""

    begun: bool = False
    let_go: anyio.Event = field(default_factory=anyio.Event)
    finished: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = json.loads((await receive())["body"])
        if message["method"] == "tools/call":
            if self.begun:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b": begun\n", "more_body": True})
            await self.let_go.wait()
            self.finished += 1
            if self.begun:
                await send({"type": "http.response.body", "body": b"answer"})
                return
        await JSONResponse({})(scope, receive, send)


@dataclass
class Caller:
    """Posts as this subject, in this session."""

    app: Cancellation
    subject: str = "alice"
    session: str = "s"

    async def post(self, method: str, **message: object) -> httpx.Response:
        current_subject.set(self.subject)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://a") as client:
            headers = {"Mcp-Session-Id": self.session} if self.session else {}
            return await client.post("/mcp", json={"jsonrpc": "2.0", "method": method, **message}, headers=headers)

    async def call(self, number: object, answers: list[httpx.Response]) -> None:
        answers.append(await self.post("tools/call", id=number))

    async def cancel(self, number: object) -> None:
        assert (await self.post("notifications/cancelled", params={"requestId": number})).status_code == 200


@pytest.mark.parametrize("begun", [False, True])
async def test_a_cancelled_call_ends_without_an_answer(begun: bool) -> None:
    """As HTTP it is whole, so that the connection can be used on."""
    endpoint, answers = Endpoint(begun=begun), list[httpx.Response]()
    alice = Caller(Cancellation(endpoint))
    with anyio.fail_after(60):
        async with anyio.create_task_group() as calls:
            calls.start_soon(alice.call, 7, answers)
            await anyio.wait_all_tasks_blocked()
            await alice.cancel(7)
    assert endpoint.finished == 0
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, ": begun\n" if begun else "")]


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "bob"},
        {"session": "t"},
        {"session": ""},
    ],
)
async def test_nobody_ends_what_another_client_asked(other: dict[str, str]) -> None:
    """Though the ids are the same: every client counts from one."""
    endpoint, answers = Endpoint(), list[httpx.Response]()
    app = Cancellation(endpoint)
    async with anyio.create_task_group() as calls:
        calls.start_soon(Caller(app).call, 1, answers)
        await anyio.wait_all_tasks_blocked()
        await Caller(app, **other).cancel(1)
        endpoint.let_go.set()
    assert endpoint.finished == 1


@pytest.mark.parametrize("meant", ["1", 2, None, True, [1], {}])
async def test_what_names_no_call_ends_none(meant: object) -> None:
    """Nor does a notification without anything in it."""
    endpoint, answers = Endpoint(), list[httpx.Response]()
    alice = Caller(Cancellation(endpoint))
    async with anyio.create_task_group() as calls:
        calls.start_soon(alice.call, 1, answers)
        await anyio.wait_all_tasks_blocked()
        await alice.cancel(meant)
        await alice.post("notifications/cancelled")
        endpoint.let_go.set()
    assert endpoint.finished == 1


async def test_of_two_calls_with_one_id_neither_is_ended() -> None:
    """Nobody can say which is meant."""
    endpoint, answers = Endpoint(), list[httpx.Response]()
    alice = Caller(Cancellation(endpoint))
    async with anyio.create_task_group() as calls:
        for _ in range(2):
            calls.start_soon(alice.call, 1, answers)
        await anyio.wait_all_tasks_blocked()
        await alice.cancel(1)
        endpoint.let_go.set()
    assert endpoint.finished == 2


async def test_a_session_is_named_where_one_begins() -> None:
    """A new one each time, and by no other answer."""
    fresh = Caller(Cancellation(Endpoint()), session="")
    names = {(await fresh.post("initialize", id=0)).headers["mcp-session-id"] for _ in range(2)}
    assert len(names) == 2
    assert min(map(len, names)) >= 32
    assert "mcp-session-id" not in (await fresh.post("tools/list", id=1, params={"x": "initialize"})).headers
