"""Faults of the API and of the network, over real sockets. Numbers in ids are rows of the table of faults."""

import gzip
import json
import logging
from dataclasses import dataclass

import anyio
import anyio.lowlevel
import pytest

from mcp_server.conversation.models import INBOX, Page, Target
from mcp_server.errors import (
    AccountInactive,
    BadCredentials,
    BadResponse,
    OutOfCredits,
    RateLimited,
    RequestRejected,
    UnknownAccount,
    UpstreamError,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from tests.support.chaos import (
    ANSWER_HEADERS,
    ChaosUpstream,
    Step,
    answer,
    close,
    dripping,
    endless,
    hang,
    head,
    message,
    page,
    page_body,
    refusal,
    then_close,
    then_reset,
    whole,
)
from tests.support.clients import KEY, TARGET, Naps, client_for, read
from tests.support.inbox import wire_conversation

pytestmark = pytest.mark.anyio

# Long enough for a busy machine to send a request and read a good answer.
SHORT_S = 1.0
CANARY = "canary-text-91c2"
# Good as a page of messages and as one of the list.
BOTH: dict[str, object] = {"conversations": [wire_conversation(unread=3)]}
GOOD = page([message(CANARY)], conversation=BOTH)
GOOD_BODY = page_body([message(CANARY)], conversation=BOTH)
GOOD_BYTES = whole(GOOD_BODY)
DRIPPING_BODY = dripping(head(200, {"Content-Length": "999"}), b"{" * 999)
GZIP = {**ANSWER_HEADERS, "Content-Encoding": "gzip"}


@dataclass(frozen=True)
class Fault:
    """What the API does, and what must come of it: an error or (None) a page, and how many requests it takes."""

    row: str
    steps: tuple[Step, ...]
    error: type[UpstreamError] | None
    requests: int = 1
    maybe_extra: int = 0
    attempt_timeout_s: float = 10.0


FAULTS = (
    Fault("4 never answers", (hang,), UpstreamTimeout, 2, 2, SHORT_S),
    Fault("4 answers the second time", (hang, GOOD), None, 2, 1, SHORT_S),
    Fault("5 drips the body", (DRIPPING_BODY,), UpstreamTimeout, 2, 2, SHORT_S),
    Fault("6 drips the headers", (dripping(b"", head(200, {"X-Long": "x" * 900})),), UpstreamTimeout, 2, 2, SHORT_S),
    Fault(
        "7 endless headers", (endless(head()[:-2], (b"X-Header: %s\r\n" % (b"x" * 8000),) * 999),), BadResponse, 1, 1
    ),
    Fault("7 not HTTP", (then_close(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),), BadResponse, 1, 1),
    Fault("8 body cut", (then_close(GOOD_BYTES[:-9], credits=1),), UpstreamFailed, 2, 2),
    Fault("8 body cut once", (then_close(GOOD_BYTES[:-9], credits=1), GOOD), None, 2, 1),
    Fault("8 gzip cut", (answer(gzip.compress(page_body([]))[:-12], headers=GZIP, credits=1), GOOD), None, 2, 1),
    Fault("9 reset in the body", (then_reset(GOOD_BYTES[:-9], credits=1),), UpstreamFailed, 2, 2),
    Fault("9 closed without an answer", (close, GOOD), None, 2, 1),
    Fault("14 429 for ever", (refusal(429, "RATE_LIMITED"),), RateLimited, 3),
    Fault("15 no credits", (refusal(402, "INSUFFICIENT_CREDITS"),), OutOfCredits),
    Fault("17 wrong key", (refusal(403, "INVALID_API_KEY"),), BadCredentials),
    Fault("18 inactive account", (refusal(403, "ACCOUNT_INACTIVE"),), AccountInactive),
    Fault("19 unknown account", (refusal(404, "INVALID_ACCOUNT"),), UnknownAccount),
    Fault("19 by code, not status", (refusal(400, "INVALID_ACCOUNT"),), UnknownAccount),
    Fault("no such conversation", (refusal(400, "INVALID_PARAMS"),), RequestRejected),
    Fault("20 500 then 200", (refusal(500, "INTERNAL_ERROR"), GOOD), None, 2),
    Fault("20 503 twice, then 200", (answer(b"", status=503), answer(b"", status=503), GOOD), None, 3),
    Fault("20 502 for ever", (answer(b"<html>", status=502, credits=1),), UpstreamFailed, 2, 2),
    Fault("20 504 then 200", (answer(b"", status=504, credits=1), GOOD), None, 2, 1),
    Fault("20 502 then 500 for ever", (answer(b"", status=502), answer(b"", status=500)), UpstreamFailed, 3, 1),
    Fault("refusal that never ends", (endless(head(500), (b"x" * 65536,) * 100), GOOD), None, 2),
    Fault("refusal that is cut", (then_close(head(403, {"Content-Length": "99"}) + b"{"),), BadResponse),
    Fault("23 HTML", (answer(b"<html>It works!</html>"),), BadResponse, 1, 1),
    Fault("24 empty", (answer(b""),), BadResponse, 1, 1),
    Fault("25 invalid JSON", (answer(b'{"success": true, '),), BadResponse, 1, 1),
    Fault("27 too deep", (answer(b"[" * 100_000),), BadResponse, 1, 1),
    Fault("28 5,000 digits", (answer(b'{"a": %s}' % (b"1" * 5000)),), BadResponse, 1, 1),
    Fault("30 byte-order mark", (answer(b"\xef\xbb\xbf" + GOOD_BODY, credits=1),), None),
    Fault("33 gzip", (answer(gzip.compress(GOOD_BODY), headers=GZIP, credits=1),), None),
    Fault("33 broken gzip", (answer(b"not gzip at all", headers=GZIP),), BadResponse, 1, 1),
    Fault("34 unknown coding", (answer(GOOD_BYTES, headers={"Content-Encoding": "br"}),), BadResponse, 1, 1),
    Fault("36 messages null", (page(None),), BadResponse),
    Fault("36 messages an object", (page({}),), BadResponse),
    Fault("36 no data", (answer(b'{"success": true}'),), BadResponse, 1, 1),
    Fault("36 refusal with 200", (refusal(200, "INVALID_ACCOUNT"),), UnknownAccount),
    Fault("36 unknown refusal with 200", (refusal(200, "WHATEVER"),), RequestRejected),
    Fault("36 500 with 200", (refusal(200, "INTERNAL_ERROR"), GOOD), None, 2),
)


@pytest.mark.parametrize("target", [TARGET, INBOX], ids=["conversation", "list"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.row)
async def test_a_fault_comes_to_what_the_table_says(
    fault: Fault, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    """The error or page, the number of requests, the bill, and silence about key and text; then the next call works."""
    caplog.set_level(logging.DEBUG, "mcp_server")
    limit_s = fault.attempt_timeout_s
    async with (
        ChaosUpstream(*fault.steps) as upstream,
        client_for(upstream.base_url, attempt_timeout_s=limit_s) as client,
    ):
        outcome = await read(client, target=target)

        assert type(outcome) is (fault.error or Page), outcome
        assert len(upstream.requests) == fault.requests
        assert client.possible_extra_requests == outcome.maybe_extra == fault.maybe_extra
        spent = outcome.credits if isinstance(outcome, Page) else outcome.credits_spent
        assert spent <= upstream.billed <= spent + fault.maybe_extra
        told = (str(outcome) if fault.error else "") + caplog.text
        assert KEY not in told
        assert CANARY not in told

    async with ChaosUpstream(GOOD) as upstream, client_for(upstream.base_url) as client:
        assert isinstance(await read(client, target=target), Page)


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [("https://nowhere.invalid", "does not resolve"), ("http://127.0.0.1:1", "refuses connections")],
    ids=["1 name does not resolve", "2 connection refused"],
)
async def test_an_api_that_cannot_be_reached_is_tried_three_times(base_url: str, reason: str) -> None:
    """Nothing was sent, so trying is free; the error names the reason."""
    naps = Naps()
    async with client_for(base_url, sleep=naps) as client:
        outcome = await read(client)
        assert isinstance(outcome, UpstreamUnreachable)
        assert reason in outcome.what
        assert len(naps.taken) == 2
        assert client.possible_extra_requests == 0


async def test_a_refusal_whose_body_never_ends_is_told_by_its_status() -> None:
    """The body is waited for a second, no longer: 402 says enough."""
    hanging = dripping(head(402, {"Content-Length": "9999"}), b" " * 9999)
    async with ChaosUpstream(hanging) as upstream, client_for(upstream.base_url) as client:
        assert isinstance(await read(client), OutOfCredits)
        assert client.possible_extra_requests == 0


async def test_a_walks_deadline_ends_a_drip_that_no_read_timeout_would() -> None:
    """A byte now and then keeps a read timeout from firing; the deadline of the whole call fires all the same."""
    drip = dripping(head(200, {"Content-Length": "9999"}), b"{" * 9999)
    async with ChaosUpstream(drip) as upstream, client_for(upstream.base_url, attempt_timeout_s=20) as client:
        began_s = anyio.current_time()
        assert isinstance(await read(client, within_s=SHORT_S), UpstreamTimeout)
        assert anyio.current_time() - began_s < 60  # of the 200 s that all of it would take
        assert len(upstream.requests) == 1


async def test_no_time_left_sends_nothing() -> None:
    """A deadline that has passed costs nothing."""
    async with ChaosUpstream(GOOD) as upstream, client_for(upstream.base_url) as client:
        assert isinstance(await read(client, within_s=0), UpstreamTimeout)
        assert upstream.requests == []


async def test_a_kept_alive_connection_found_closed_is_replaced_silently() -> None:
    """Row 10: once, without a wait, and without talk of extra credits."""
    naps = Naps()
    async with ChaosUpstream(GOOD, close, GOOD) as upstream, client_for(upstream.base_url, sleep=naps) as client:
        assert isinstance(await read(client), Page)
        assert isinstance(await read(client), Page)
        assert [request.connection for request in upstream.requests] == [0, 0, 1]
        assert client.possible_extra_requests == 0
        assert naps.taken == [0.0]


async def test_pages_share_one_connection() -> None:
    """A walk of five pages connects once."""
    async with ChaosUpstream(GOOD) as upstream, client_for(upstream.base_url) as client:
        for _ in range(5):
            assert isinstance(await read(client), Page)
        assert upstream.connections == 1


@pytest.mark.parametrize(
    ("retry_after", "nap_s"),
    [
        ("1", 1.0),
        ("Sat, 25 Apr 2026 20:00:02 GMT", 2.0),
        ("Sat, 25 Apr 2020 20:00:02 GMT", 0.0),
        ("-5", 0.0),
        ("soon", 0.0),
    ],
    ids=["11 seconds", "13 date", "13 date past", "13 negative", "13 nonsense"],
)
async def test_a_short_wait_is_waited_for(retry_after: str, nap_s: float) -> None:
    """429 and the wait the API asks for, or plain backoff where that makes no sense."""
    naps = Naps()
    limited = refusal(429, "RATE_LIMITED", headers={"Retry-After": retry_after})
    async with ChaosUpstream(limited, GOOD) as upstream, client_for(upstream.base_url, sleep=naps) as client:
        assert isinstance(await read(client), Page)
        assert naps.taken == [nap_s]


async def test_a_wait_beyond_the_deadline_is_told_at_once() -> None:
    """Row 12: nobody sleeps for an hour, and the caller learns how long it is."""
    limited = refusal(429, "RATE_LIMITED", headers={"Retry-After": "3600"})
    async with ChaosUpstream(limited) as upstream, client_for(upstream.base_url) as client:
        outcome = await read(client)
        assert isinstance(outcome, RateLimited)
        assert outcome.retry_after_s == 3600
        assert "3600 seconds" in outcome.what
        assert len(upstream.requests) == 1


async def test_only_failures_under_load_multiply_requests_by_no_more_than_a_tenth() -> None:
    """Row 21: 120 calls, 40 at a time, and nothing but 500."""
    calls = 120
    async with ChaosUpstream(refusal(500, "INTERNAL_ERROR")) as upstream, client_for(upstream.base_url) as client:

        async def one(limiter: anyio.CapacityLimiter) -> None:
            async with limiter:
                assert isinstance(await read(client), UpstreamFailed)

        limiter = anyio.CapacityLimiter(40)
        async with anyio.create_task_group() as tasks:
            for _ in range(calls):
                tasks.start_soon(one, limiter)
        assert calls < len(upstream.requests) <= 1.1 * calls


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """Row 22: an error at once, and the other host receives nothing."""
    async with ChaosUpstream(GOOD) as other:
        moved = answer(b"", status=status, headers={"Location": f"{other.base_url}/v2/messages"})
        async with ChaosUpstream(moved) as upstream, client_for(upstream.base_url) as client:
            assert isinstance(await read(client), BadResponse)
            assert len(upstream.requests) == 1
            assert other.connections == 0


async def test_a_call_given_up_midway_counts_as_possibly_billed_and_leaves_the_client_working() -> None:
    """Row 59: cancelled while the API is at it; no further request follows, and the next call is answered."""
    async with ChaosUpstream(hang, GOOD) as upstream, client_for(upstream.base_url) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read, client)
            while not upstream.requests:
                await anyio.lowlevel.checkpoint()
            tasks.cancel_scope.cancel()
        assert len(upstream.requests) == 1
        assert client.possible_extra_requests == 1
        assert isinstance(await read(client), Page)


async def test_credits_told_by_a_failed_attempt_are_in_the_page_that_follows() -> None:
    """What the answers say is added up, whichever answer says it."""
    costly = json.dumps({"success": False, "error": {"code": "INTERNAL_ERROR"}, "metadata": {"credits_consumed": 2}})
    failed = answer(costly.encode(), status=500, credits=2)
    async with ChaosUpstream(failed, GOOD) as upstream, client_for(upstream.base_url) as client:
        outcome = await read(client)
        assert isinstance(outcome, Page)
        assert outcome.credits == upstream.billed == 3
