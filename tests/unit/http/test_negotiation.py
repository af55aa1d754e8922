"""An answer comes in a type that the client accepts, and as JSON when it names none."""

import json

import httpx
import pytest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mcp_server.http.negotiation import Negotiation, answer_type

pytestmark = pytest.mark.anyio

JSON, EVENTS = "application/json", "text/event-stream"
RESULT = {"jsonrpc": "2.0", "id": 1, "result": {"content": []}}
PROGRESS = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}


def event(message: object) -> str:
    """A server-sent event."""
    return f"event: message\r\ndata: {json.dumps(message)}\r\n\r\n"


async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as the SDK does: 406 unless both types are accepted, else a stream."""
    accept = dict(scope["headers"]).get(b"accept", b"").decode()
    if not (JSON in accept and EVENTS in accept):
        await Response(status_code=406)(scope, receive, send)
        return
    pieces = [": ping\r\n\r\n", event(PROGRESS), event(RESULT)[:20], event(RESULT)[20:]]
    await StreamingResponse(iter(pieces), media_type=EVENTS)(scope, receive, send)


async def post(app: object, accept: str | None) -> httpx.Response:
    """The answer to a client that accepts this."""
    transport = httpx.ASGITransport(Negotiation(app))  # type: ignore[arg-type]  # any ASGI application
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        request = client.build_request("POST", "/mcp")
        del request.headers["accept"]
        if accept is not None:
            request.headers["accept"] = accept
        return await client.send(request)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        (" , ", JSON),
        (JSON, JSON),
        (EVENTS, EVENTS),
        (f"{JSON}, {EVENTS}", EVENTS),
        (f"{EVENTS};q=0.5,{JSON};q=1.0", JSON),
        (f"{EVENTS};q=0.9, {JSON}; q = 0.2", EVENTS),
        (f"{EVENTS}, */*;q=0.1", EVENTS),
        (f"{JSON};q=abc", JSON),
        (f"{JSON};quiet=1", JSON),
        ("*/*", JSON),
        ("text/html, */*;q=0.8", JSON),
        ("application/*", JSON),
        ("text/*", EVENTS),
        ("APPLICATION/JSON; charset=utf-8", JSON),
        (f"*/*, {EVENTS};q=0", JSON),
        (f"*/*, {JSON};q=0", EVENTS),
        (f"*/*;q=0, {JSON}", JSON),
        (f"{JSON};q=0.0", None),
        ("*/*;q=0", None),
        ("text/html", None),
    ],
)
def test_an_accept_header_is_read(accept: str, kind: str | None) -> None:
    """The most specific range decides, a quality of zero excludes, and a client that takes anything gets JSON."""
    assert answer_type(accept) == kind


@pytest.mark.parametrize("name", ["Application/JSON", "application/json; charset=UTF-8"])
async def test_the_type_of_a_request_is_passed_on_in_lower_case(name: str) -> None:
    """Types have no case, and the SDK refuses any other spelling."""

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(dict(scope["headers"])[b"content-type"])(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(Negotiation(echo)), base_url="http://a") as client:
        answer = await client.post("/mcp", headers={"Content-Type": name})
    assert answer.text == name.lower()


@pytest.mark.parametrize(("accept", "kind"), [(None, JSON), (JSON, JSON), (EVENTS, EVENTS), ("*/*", JSON)])
async def test_the_answer_has_an_accepted_type(accept: str | None, kind: str) -> None:
    """As JSON it is the result alone, without what came before it."""
    answer = await post(endpoint, accept)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    if kind == JSON:
        assert answer.json() == RESULT
        assert int(answer.headers["content-length"]) == len(answer.content)
    else:
        assert answer.text.count("data:") == 2


async def test_a_client_that_accepts_neither_type_is_refused() -> None:
    """The refusal names both."""
    answer = await post(endpoint, "text/html")
    assert answer.status_code == 406
    assert JSON in answer.text
    assert EVENTS in answer.text


async def test_an_answer_that_is_no_stream_is_passed_on() -> None:
    """An error of the SDK is JSON already."""
    answer = await post(JSONResponse({"error": "x"}, 400), JSON)
    assert (answer.status_code, answer.json()) == (400, {"error": "x"})


@pytest.mark.parametrize("events", ["", ": ping\r\n\r\n", event(PROGRESS), "data: half of a mess"])
async def test_a_call_that_ended_without_a_message_is_accepted(events: str) -> None:
    """Its client cancelled it, and expects nothing."""
    answer = await post(StreamingResponse(iter([events]), media_type=EVENTS), JSON)
    assert (answer.status_code, answer.content) == (202, b"")
