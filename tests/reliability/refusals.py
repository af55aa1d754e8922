"""Cases 11 to 21: refusals by the API."""

import asyncio
import email.utils
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.reliability.case import Case
from tests.reliability.network import CALL_S
from tests.reliability.stage import KEY, TEXT, Line, Stage, good, older, said
from tests.support.chaos import Call, page, refusal

LOAD_CALLS = 120
_AT_ONCE = 20
BUDGET_WINDOW_S = 10


async def waits(stage: Stage) -> str:
    """The server waits as long as the API asks."""
    await stage.alive()
    reply = await stage.reads(stage.line(_limited("1"), good()), requests=2)
    assert reply.seconds >= 1
    return f"{reply.seconds:.1f} s"


async def does_not_wait_for_an_hour(stage: Stage) -> str:
    """The error states how long the wait would be."""
    await stage.alive()
    reply = await stage.fails(stage.line(_limited("3600")), "rate_limited")
    assert "3600 seconds" in reply.text
    assert reply.seconds < CALL_S
    return f"{reply.seconds:.2f} s"


async def odd_waits(stage: Stage) -> str:
    """A date in two seconds, a past date, a negative number, and words."""

    async def soon(call: Call) -> None:
        await _limited(email.utils.formatdate(time.time() + 2, usegmt=True))(call)

    seconds = []
    for step in (soon, *map(_limited, ("Sat, 25 Apr 2020 20:00:02 GMT", "-5", "soon", "1e999", "\x01" * 300))):
        reply = await stage.reads(stage.line(step, good()), requests=2)
        assert reply.seconds < CALL_S
        seconds.append(reply.seconds)
    assert seconds[0] > 1
    return f"6 kinds, {max(seconds):.1f} s at most"


async def limited_for_ever(stage: Stage) -> str:
    """With and without Retry-After."""
    for step in (_limited("0"), refusal(429, "RATE_LIMITED")):
        await stage.fails(stage.line(step), "rate_limited", requests=3)
    return "3 attempts"


async def no_credits_on_page_three(stage: Stage) -> str:
    """Two pages are shown, the cursor continues at the third, and no page is fetched twice."""
    walk = stage.line(
        page([said(5), said(4)], next_cursor=older(1)),
        page([said(3), said(2)], next_cursor=older(2)),
        refusal(402, "INSUFFICIENT_CREDITS", text=f"{TEXT} {KEY}"),
    )
    reply = await stage.reads(walk, *(f"{TEXT} {number}" for number in (5, 4, 3, 2)), requests=3, count=6)
    assert reply.credits == 2
    assert "out_of_credits" in reply.notes
    assert reply.cursor is not None
    again = await stage.reads(walk, f"{TEXT} 5", f"{TEXT} 4", requests=3, count=2)
    assert again.credits == 0
    return "4 of 6 messages; again from the cache: 0 credits"


def refused(status: int, api_code: str, code: str) -> Callable[[Stage], Awaitable[str]]:
    """The API's code decides, whatever the status. Its words may quote anything and are not repeated."""

    async def run(stage: Stage) -> str:
        no = refusal(status, api_code, text=f"{KEY} {TEXT}")
        await stage.fails(stage.line(no), code)
        return "1 attempt"

    return run


async def unknown_account(stage: Stage) -> str:
    """With 404, as documented, and with other statuses: the code decides."""
    for status in (404, 400, 403, 500):
        await stage.fails(stage.line(refusal(status, "INVALID_ACCOUNT", text=TEXT)), "unknown_account")
    return "1 attempt each, 4 statuses"


async def fails_once(stage: Stage) -> str:
    """The failure was not billed, so only the page's price is reported."""
    reply = await stage.reads(stage.line(refusal(500, "INTERNAL_ERROR", text=TEXT), good()), requests=2)
    assert reply.maybe_extra == 0
    return f"{reply.seconds:.1f} s"


async def fails_under_load(stage: Stage) -> str:
    """Many calls, twenty at a time, get only status 500.

    More at a time would measure how soon a busy machine accepts connections, which have five seconds to open.
    """
    lines = [stage.line(refusal(500, "INTERNAL_ERROR")) for _ in range(LOAD_CALLS)]
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def code_of(line: Line) -> str | None:
        async with at_once:
            return (await stage.ask(line)).code

    began_s = time.monotonic()
    codes = Counter(await asyncio.gather(*(code_of(line) for line in lines)))
    assert codes == {"upstream_failed": LOAD_CALLS}, codes
    requests = sum(len(line.requests) for line in lines)
    # The budget holds within any window of ten seconds. A busy machine needs several windows for these calls, and
    # each of them may grant as many retries as one that holds all the calls.
    windows = 1 + (time.monotonic() - began_s) // BUDGET_WINDOW_S
    assert LOAD_CALLS < requests <= LOAD_CALLS + 0.1 * LOAD_CALLS * windows
    # The budget of retries is spent; the next call must not need one.
    return f"{LOAD_CALLS} calls, {requests} requests: {requests / LOAD_CALLS:.3f} times"


def _limited(wait: str) -> Callable[[Call], Awaitable[None]]:
    return refusal(429, "RATE_LIMITED", headers={"Retry-After": wait})


_REFUSED = refused(402, "INSUFFICIENT_CREDITS", "out_of_credits")
_WRONG_KEY = refused(403, "INVALID_API_KEY", "bad_credentials")
_INACTIVE = refused(403, "ACCOUNT_INACTIVE", "account_inactive")

CASES = (
    Case(11, "429, `Retry-After: 1`", "waits, succeeds", waits, "waiting"),
    Case(12, "429, `Retry-After: 3600`", "E `rate_limited` at once, with the wait", does_not_wait_for_an_hour),
    Case(13, "429 with a date, a negative, a nonsense `Retry-After`", "clamped or plain backoff", odd_waits, "waiting"),
    Case(14, "429 for ever", "at most 3 attempts, E", limited_for_ever, "failing"),
    Case(15, "402", "E `out_of_credits`", _REFUSED, "15", latched="out_of_credits"),
    Case(16, "402 on page 3", "P with pages 1 and 2", no_credits_on_page_three, "16", latched="out_of_credits"),
    Case(17, "INVALID_API_KEY 403", "E `bad_credentials`", _WRONG_KEY, "17", latched="bad_credentials"),
    Case(18, "ACCOUNT_INACTIVE 403", "E `account_inactive`", _INACTIVE, "18", latched="account_inactive"),
    Case(19, "INVALID_ACCOUNT 404", "E `unknown_account`: by code, not status", unknown_account),
    Case(20, "500 then 200", "success", fails_once, "failing"),
    Case(21, "only 5xx under load", "total requests at or under 1.1 times", fails_under_load, "21"),
)
