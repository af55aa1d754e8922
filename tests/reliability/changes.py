"""Cases 61 to 71: an API that changes its mind between the pages of one conversation."""

import gzip
from collections.abc import Mapping

from tests.reliability.case import Case
from tests.reliability.stage import NAME, SLUG, TEXT, Line, Stage, older, said
from tests.support.chaos import ANSWER_HEADERS, Call, Step, answer, page, page_body

MOMENT_MS = 1_777_147_000_000


def by_cursor(*pages: Step) -> Step:
    """Answers with the page that the request's cursor names, however often: `older(1)` names the second one."""
    places: Mapping[object, Step] = {None if number == 0 else older(number): each for number, each in enumerate(pages)}

    async def step(call: Call) -> None:
        params = call.received.document["params"]
        assert isinstance(params, dict)
        await places[params.get("cursor")](call)

    return step


def texts(*numbers: int) -> list[str]:
    return [f"{TEXT} {number}" for number in numbers]


async def totals(stage: Stage) -> str:
    """The conversation has a hundred messages, then three, then less than none; or two, and then more than any."""
    for several, shown in (((100, 3, -5), 100), ((2, 10**12, "many"), 6), ((None, 6, 6), None)):
        steps = [
            page(
                [said(6 - 2 * number), said(5 - 2 * number)],
                next_cursor=older(number + 1) if number < 2 else None,
                conversation={} if total is None else {"total_message_count": total},
            )
            for number, total in enumerate(several)
        ]
        # Where a total has fallen, the messages before the page are asked for once more: some may have been skipped.
        line = stage.line(*steps)
        reply = await stage.ask(line, count=50)
        assert reply.texts == texts(6, 5, 4, 3, 2, 1), reply.text
        assert len(line.requests) <= (4 if shown == 100 else 3)
        assert reply.structured.get("total") == shown
        assert reply.structured.get("undelivered", 0) == (94 if shown == 100 else 0)
    return "3 kinds"


def of(slug: str, name: str = "Bob") -> Mapping[str, object]:
    return {"sender": name, "sender_info": {"profile_url": f"https://www.linkedin.com/in/{slug}"}}


async def senders(stage: Stage) -> str:
    """Two people swap their names between the pages: each profile keeps its own messages."""
    swapped = [said(4, **of(SLUG)), said(3, **of("bob", NAME)), said(2, **of("carol"))]
    line = stage.line(page([said(6), said(5, **of("bob"))], next_cursor=older(1)), page(swapped))
    reply = await stage.reads(line, *texts(6, 5, 4, 3, 2), requests=2, count=50)
    legend = [row.split(" ", 2) for row in reply.text.split("\n")[:3]]
    # A name has its colon in the legend, and letters have it in the lines.
    labels = {profile: label[:-1] if label.endswith(":") else f"{label}:" for label, profile, _ in legend}
    for slug, numbers in {SLUG: (6, 4), "bob": (5, 3), "carol": (2,)}.items():
        for number in numbers:
            assert f"{labels[f'in/{slug}']} {TEXT} {number}\n" in reply.text
    return "3 people, 5 messages"


async def identities(stage: Stage) -> str:
    """The second page uses the identities of the first for other messages: all of them are shown, now and later."""

    def reusing() -> Line:
        first, second = said(6), said(5)
        other = [said(4, entity_urn=first["entity_urn"]), said(3, entity_urn=second["entity_urn"]), said(2)]
        return stage.line(by_cursor(page([first, second], next_cursor=older(1)), page(other)))

    line = reusing()
    await stage.reads(line, *texts(6, 5, 4, 3, 2), requests=2, count=50)
    again = await stage.ask(line, count=49)
    assert again.texts == texts(6, 5, 4, 3, 2)
    line = reusing()
    one = await stage.reads(line, *texts(6, 5), count=2)
    rest = await stage.ask(line, count=9, cursor=one.cursor)
    assert rest.texts == texts(4, 3, 2)
    return "5 of 5 messages, in one call, from memory, and with a cursor"


async def moved(stage: Stage) -> None:
    """A message of the first page is on the second one too, and edited on the third: the edit is shown."""
    line = stage.line(
        page([said(6), said(5)], next_cursor=older(1)),
        page([said(6), said(4)], next_cursor=older(2)),
        page([said(5, "edited"), said(3)]),
    )
    await stage.reads(line, f"{TEXT} 6", f"{TEXT} 5", f"{TEXT} 4", "edited", f"{TEXT} 3", requests=3, count=50)


async def turned(stage: Stage) -> None:
    """The second page has its oldest message first. A line without a time is never from before the line above it."""
    line = stage.line(
        page([said(9), said(8)], next_cursor=older(1)),
        page([said(number) for number in (4, 5, 6, 7)], next_cursor=older(2)),
        page([said(3)]),
    )
    reply = await stage.reads(line, *texts(9, 8, 4, 5, 6, 7, 3), requests=3, count=50)
    for time, number in (("20:03", 7), ("20:02", 6), ("20:01", 5), ("20:00", 4)):
        assert f"\n{time} {NAME.split()[0]} {TEXT} {number}\n" in reply.text


async def units(stage: Stage) -> None:
    """Milliseconds, seconds, microseconds, words: a page each, and one clock in the answer."""
    times: tuple[object, ...] = (
        MOMENT_MS + 360_000,
        MOMENT_MS // 1000 + 300,
        (MOMENT_MS + 240_000) * 1000,
        "2026-04-25T19:59:40Z",
    )
    steps = [
        page([said(6 - number, timestamp=time)], next_cursor=older(number + 1) if number < 3 else None)
        for number, time in enumerate(times)
    ]
    reply = await stage.reads(stage.line(*steps), *texts(6, 5, 4, 3), requests=4, count=50)
    assert (reply.structured["oldest"], reply.structured["newest"]) == ("2026-04-25T19:59Z", "2026-04-25T20:02Z")


async def prices(stage: Stage) -> str:
    """A page costs one credit, then seven, then nothing, then two. No page is read after a limit."""
    several = (1, 7, 0, 2)
    steps = [
        page([said(6 - number)], next_cursor=older(number + 1) if number < 3 else None, credits=credits)
        for number, credits in enumerate(several)
    ]
    reply = await stage.reads(stage.line(*steps), *texts(6, 5, 4, 3), requests=4, count=50)
    assert reply.credits == 10
    limited = stage.line(*steps)
    async with stage.another_server(MAX_CREDITS_PER_CALL="5") as server:
        reply = await stage.ask(limited, server, count=50)
    assert (len(limited.requests), reply.credits) == (2, 8)
    assert reply.cursor is not None
    return "10 credits for 4 pages; under a limit of 5, none after the page that exceeds it"


async def types(stage: Stage) -> str:
    """A page is read by its content: the type that it states may change, or be missing."""
    stated: tuple[Mapping[str, str], ...] = ({"Content-Type": "text/html"}, {}, {"Content-Type": "image/png; x=\xe9"})
    steps = [
        answer(page_body([said(5 - number)], next_cursor=older(number + 2)), headers=headers, credits=1)
        for number, headers in enumerate(stated)
    ]
    line = stage.line(page([said(6)], next_cursor=older(1)), *steps, page([said(2)]))
    await stage.reads(line, *texts(6, 5, 4, 3, 2), requests=5, count=50)
    return f"{len(stated)} kinds"


async def compression(stage: Stage) -> str:
    """The second page says that it is compressed: it is not, ends early, or is followed by more."""
    packed = gzip.compress(page_body([said(5)]))
    flipped = packed[:20] + bytes((packed[20] ^ 255,)) + packed[21:]
    kinds = {"garbage": b"\x1f\x8bgarbage", "plain": page_body([said(5)]), "a wrong sum": packed[:-8] + bytes(8)}
    for body in (*kinds.values(), flipped):
        broken = answer(body, headers={**ANSWER_HEADERS, "Content-Encoding": "gzip"}, credits=1)
        line = stage.line(page([said(6)], next_cursor=older(1)), broken)
        reply = await stage.reads(line, *texts(6), requests=2, lost=1, count=50)
        assert "bad_response" in reply.notes
        assert reply.cursor is not None
    return f"{len(kinds) + 1} kinds"


async def emptiness(stage: Stage) -> None:
    """Empty pages that name an older one, before, between and after the messages."""
    line = stage.line(
        page([], next_cursor=older(1)),
        page([said(6)], next_cursor=older(2)),
        page([], next_cursor=older(3)),
        page([], next_cursor=older(4)),
        page([said(5)], next_cursor=older(5)),
        page([]),
    )
    reply = await stage.reads(line, *texts(6, 5), requests=6, count=50)
    assert reply.cursor is None


async def cursors(stage: Stage) -> str:
    """What is no text or number cannot be sent back, and is no end either; nothing at all is the end."""

    def line(cursor: object) -> Line:
        body = page_body([said(6)], conversation={"next_cursor": cursor})
        return stage.line(answer(body, credits=1), page([said(5)]))

    for sent in ("x", 7, 1.5, 0, " ", "\ud800", "null", "x" * 2000):
        await stage.reads(line(sent), *texts(6, 5), requests=2, count=50)
    nothings: tuple[object, ...] = (None, "", False, [], {})
    for ended in nothings:
        reply = await stage.reads(line(ended), *texts(6), count=50)
        assert reply.text.rstrip().endswith("No older messages.")
    for unusable in (True, ["x"], {"id": 1}):
        reply = await stage.reads(line(unusable), *texts(6), count=50)
        assert "cannot be sent back" in reply.notes
        assert reply.cursor is None
    return "8 sent back, 5 ends, 3 refused"


CASES = (
    Case(61, "the number of messages changes between pages", "never less than delivered; the first one counts", totals),
    Case(62, "names of senders swap between pages", "profiles identify", senders),
    Case(63, "identities used again for other messages", "all of them shown", identities),
    Case(64, "a message moves to another page, and is edited", "once, and the edit", moved),
    Case(65, "the order turns round within a walk", "as delivered, with every time that goes back", turned),
    Case(66, "timestamps change their unit between pages", "one clock", units),
    Case(67, "prices change between pages", "added up; no page after a limit is reached", prices),
    Case(68, "the type of the content changes, or is missing", "read by its content", types),
    Case(69, "a compressed page that is none, or is damaged", "P, with the page billed perhaps", compression),
    Case(70, "empty pages that name an older one", "read on", emptiness),
    Case(71, "a cursor of another type", "sent back, the end, or said to be unusable", cursors),
)
