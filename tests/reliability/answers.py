"""Cases 23 to 41: answers that are invalid, too large, or contain nonsense."""

import gzip
import json
import zlib
from collections.abc import Awaitable, Callable

from tests.reliability.case import Case
from tests.reliability.memory import PeakMemory
from tests.reliability.stage import CURSOR, KEY, NAME, TEXT, Stage, said
from tests.support.chaos import ANSWER_HEADERS, Step, answer, endless, head, page, page_body, refusal

GZIP = {**ANSWER_HEADERS, "Content-Encoding": "gzip"}
MOST_GROWTH_MIB = 32
_ECHO = f"{TEXT} {KEY} {CURSOR} {NAME}"


def senseless(*bodies: bytes) -> Callable[[Stage], Awaitable[None]]:
    """Answers with status 200 that were charged for and cannot be parsed."""

    async def run(stage: Stage) -> None:
        for body in bodies:
            reply = await stage.fails(stage.line(answer(body, credits=1)), "bad_response", lost=1)
            assert reply.maybe_extra

    return run


def legible(*bodies: bytes, text: str = f"{TEXT} 1", dated: bool = True) -> Callable[[Stage], Awaitable[None]]:
    """Odd answers that are accepted anyway."""

    async def run(stage: Stage) -> None:
        for body in bodies:
            reply = await stage.reads(stage.line(answer(body, credits=1)), text)
            assert ("??:??" not in reply.text) is dated
            assert ("oldest" in reply.structured) is dated

    return run


def with_timestamp(raw: str) -> bytes:
    """A page whose only message has this timestamp, given as JSON."""
    return page_body([said(timestamp="@")]).replace(b'"@"', raw.encode())


async def not_a_number(stage: Stage) -> str:
    """NaN as a field counts as absent, as the list of messages as empty, as a price as unknown."""
    await legible(*map(with_timestamp, ("NaN", "Infinity", "-Infinity")), dated=False)(stage)
    body = page_body(0).replace(b'"messages": 0', b'"messages": NaN')
    await stage.fails(stage.line(answer(body, credits=1)), "bad_response")
    return "field left out, page refused"


async def invalid_utf8(stage: Stage) -> str:
    """Each invalid sequence becomes U+FFFD, and the answer counts them."""
    body = page_body([said(text="caf@ @ 1")]).replace(b"@", b"\xe9")
    reply = await stage.reads(stage.line(answer(body, credits=1)), "caf\ufffd \ufffd 1")
    assert "2 characters" in reply.notes
    return "2 replaced, 2 reported"


async def bombs(stage: Stage, *steps: Step) -> str:
    """Peak resident memory of the server process, from before the bombs to after."""
    await stage.alive()
    with PeakMemory(stage.server.pid) as memory:
        for step in steps:
            reply = await stage.fails(stage.line(step), "bad_response", lost=1)
            assert "too large" in reply.text
    assert memory.growth_mib < MOST_GROWTH_MIB
    return f"memory grew by {memory.growth_mib:.1f} MiB"


async def compressed_bomb(stage: Stage) -> str:
    """200 MB compressed to 200 kB, and a stream that never ends."""
    packer = zlib.compressobj(wbits=31)
    packed = b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(200)), packer.flush()])
    after = endless(
        head(200, {**GZIP, "Connection": "close"}), (zlib.compress(b"", wbits=31) + b"\0" * 65_536,) * 800, credits=1
    )
    return f"{len(packed) // 1000} kB packed; " + await bombs(stage, answer(packed, headers=GZIP, credits=1), after)


async def unknown_coding(stage: Stage) -> None:
    """A coding that was not requested is refused, whatever its name."""
    for coding in ("br", "zstd", "gzip, gzip", "canary"):
        step = answer(page_body([said()]), headers={"Content-Encoding": coding}, credits=1)
        await stage.fails(stage.line(step), "bad_response", lost=1)


async def plain_bomb(stage: Stage) -> str:
    """50 MB with a Content-Length, and as one chunk."""
    blocks = (b" " * 62_500,) * 800
    reply = endless(head(200, {**ANSWER_HEADERS, "Content-Length": "50000000"}), blocks, credits=1)
    chunk = endless(head(200, {**ANSWER_HEADERS, "Transfer-Encoding": "chunked"}), (b"2faf080\r\n", *blocks), credits=1)
    return await bombs(stage, reply, chunk)


async def wrong_shapes(stage: Stage) -> str:
    """The answer states a price, so the error reports it."""
    shapes: tuple[object, ...] = (None, {}, "text", 5)
    for messages in shapes:
        reply = await stage.fails(stage.line(page(messages)), "bad_response")
        assert (reply.credits, reply.maybe_extra) == (1, 0)
    await senseless(b'{"success": true}', b"[]", b"5", b'"text"', b'{"data": []}')(stage)
    await stage.fails(stage.line(refusal(200, "INVALID_ACCOUNT", text=_ECHO)), "unknown_account")
    await stage.fails(stage.line(refusal(200, "WHATEVER", text=_ECHO)), "request_rejected")
    return "11 shapes"


async def one_broken(stage: Stage) -> str:
    """One of twenty messages is not a message at all."""
    kinds: tuple[object, ...] = ("text", None, 5, [], True)
    for broken in kinds:
        rows = [*(said(number) for number in range(20, 10, -1)), broken, *(said(n) for n in range(10, 1, -1))]
        texts = [f"{TEXT} {number}" for number in range(20, 1, -1)]
        reply = await stage.reads(stage.line(page(rows, credits=2)), *texts, count=20)
        assert "1 message could not be read and was skipped." in reply.notes
    return "19 shown, 1 reported, 5 kinds"


async def no_sender(stage: Stage) -> None:
    """Messages without a known sender are marked `?`."""
    nobodies: tuple[object, ...] = (None, "", {}, [], "\u200b", " \n ")
    for nobody in nobodies:
        rows = [said(2), said(1, "who am I", sender_info=None, sender=nobody)]
        reply = await stage.reads(stage.line(page(rows)), f"{TEXT} 2", "who am I")
        assert "? who am I" in reply.text
        assert f" {TEXT} 2" in reply.text


async def no_text(stage: Stage) -> None:
    """A message without text is shown as such, never dropped."""
    nothings: tuple[object, ...] = ("", None, "\u200b\u200b", " \n ", {}, [])
    for nothing in nothings:
        reply = await stage.reads(stage.line(page([said(2), {**said(1), "text": nothing}])), f"{TEXT} 2", "")
        assert "(no text)" in reply.text


async def other_units(stage: Stage) -> str:
    """Seconds, microseconds and nanoseconds, as numbers and as words, are the same moment."""
    times = ("1777147000", "1777147000000000", "1777147000000000000", '"1777147000"', '"2026-04-25T19:56:40Z"')
    await legible(*map(with_timestamp, times))(stage)
    return f"{len(times)} spellings"


async def no_times(stage: Stage) -> str:
    """Undated, and shown.

    The number that would be the year 57868 in milliseconds is this decade in microseconds, and read so by case 40.
    """
    times = ("0", "-1", "170000000000000", '"+57868-01-01T00:00:00Z"', '"57868"', '"yesterday"', "null", "true", "{}")
    await legible(*map(with_timestamp, (*times, "1e400", "-1e400", "1" * 40)), dated=False)(stage)
    return f"{len(times) + 3} kinds"


async def repeated_keys(stage: Stage) -> None:
    """The last of repeated keys counts, as in every common parser."""
    twice = b'"text": "first", "text": "%s 1"' % TEXT.encode()
    body = page_body([said(text="@")]).replace(b'"text": "@"', twice)
    await stage.reads(stage.line(answer(body, credits=1)))


async def byte_order_mark(stage: Stage) -> None:
    await stage.reads(stage.line(answer(b"\xef\xbb\xbf" + page_body([said()]), credits=1)))


async def lone_surrogate(stage: Stage) -> None:
    """Lone surrogates in a text, a name and an id."""
    await stage.reads(stage.line(page([said(text="half \ud83d one", sender="\udc00 X")])), "half \ufffd one")
    body = json.loads(page_body([said(entity_urn="urn\ud83d")]))
    await stage.reads(stage.line(answer(json.dumps(body).encode(), credits=1)))


_HTML = f"<html><h1>It works!</h1>{_ECHO}</html>".encode()
_DEEP = b'{"success": true, "data": ' + b"[" * 100_000
_DIGITS = page_body([said(timestamp="@")]).replace(b'"@"', b"1" * 5000)
_INVALID = (b'{"success": true, ', b"{'success': true}", b"\x00", gzip.compress(page_body([said()])), _ECHO.encode())

CASES = (
    Case(23, "200 with HTML", "E `bad_response`, nothing of the body echoed", senseless(_HTML)),
    Case(24, "200 empty", "E `bad_response`", senseless(b"")),
    Case(25, "invalid JSON", "E `bad_response`, nothing of the body echoed", senseless(*_INVALID)),
    Case(26, "NaN", "field or page rejected", not_a_number),
    Case(27, "100,000 levels deep", "E", senseless(_DEEP, _DEEP + b"]" * 100_000 + b"}")),
    Case(28, "a 5,000-digit number", "E", senseless(_DIGITS)),
    Case(29, "repeated keys", "last wins", repeated_keys),
    Case(30, "byte-order mark", "read", byte_order_mark),
    Case(31, "invalid UTF-8", "replaced and counted", invalid_utf8),
    Case(32, "lone surrogate", "U+FFFD", lone_surrogate),
    Case(33, "200 MB from a small gzip", "E, memory grows by less than 32 MiB", compressed_bomb, "gzip"),
    Case(34, "unknown content-encoding", "E", unknown_coding),
    Case(35, "50 MB plain", "E, memory grows by less than 32 MiB", plain_bomb, "plain"),
    Case(
        36,
        "`messages` null or an object; `data` missing; `success: false` with 200",
        "E `bad_response`, or the code it carries",
        wrong_shapes,
    ),
    Case(37, "one broken message among 20", "skipped and reported", one_broken),
    Case(38, "no sender", '"unknown", never merged with another', no_sender),
    Case(39, "empty text", "placeholder", no_text),
    Case(40, "timestamps in s, µs", "recognised by range", other_units),
    Case(41, "timestamps 0, negative, year 57868, a string", "undated, no crash", no_times),
)
