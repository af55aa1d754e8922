"""Cases 42 to 50 and 59: pages out of order or without end, and conversations that change while they are read."""

import json
from collections.abc import Sequence

import regex

from tests.reliability.case import Case
from tests.reliability.processes import until
from tests.reliability.stage import TEXT, Line, Stage, ToolAnswer, older, said
from tests.support.chaos import Call, Step, page

REPEATS = "The API repeats its pages"
NO_NEWS = "nothing new"
MEGABYTE = 1_000_000


async def out_of_order(stage: Stage) -> None:
    """The API's order is kept, whatever the times and the page boundaries."""
    numbers = (5, 9, 1, 7, 3)
    texts = [f"{TEXT} {number}" for number in numbers]
    whole = await stage.reads(stage.line(page([said(number) for number in numbers])), *texts)
    cut = stage.line(*(page([said(number)], next_cursor=older(number)) for number in numbers[:-1]), page([said(3)]))
    parts = await stage.reads(cut, *texts, requests=5)
    assert parts.text.split("\n")[2:] == whole.text.split("\n")[2:]


async def same_message_twice(stage: Stage) -> None:
    """A message appears twice: across two pages, and within one."""
    line = stage.line(page([said(3), said(2), said(2)], next_cursor=older(1)), page([said(2), said(1)]))
    await stage.reads(line, *(f"{TEXT} {number}" for number in (3, 2, 1)), requests=2)


def endlessly(*numbers: int, news: bool = False) -> Step:
    """A page that always names another one after it; with `news`, each has a message of its own."""
    asked = 0

    async def step(call: Call) -> None:
        nonlocal asked
        asked += 1
        own = [said(1000 - asked)] if news else []
        await page([*(said(number) for number in numbers), *own], next_cursor=older(asked))(call)

    return step


async def page_repeated(stage: Stage) -> str:
    """The same messages under new cursors: after four such pages no more are fetched."""
    line = stage.line(endlessly(2, 1))
    reply = await stage.reads(line, f"{TEXT} 2", f"{TEXT} 1", requests=5, count=50)
    assert NO_NEWS in reply.notes
    return await _continues_once(stage, line, reply)


async def there_and_back(stage: Stage) -> str:
    """A names B, B names A: detected before A is fetched again."""
    line = stage.line(
        page([said(4), said(3)], next_cursor="A"), page([said(2)], next_cursor="B"), page([said(1)], next_cursor="A")
    )
    reply = await stage.reads(line, *(f"{TEXT} {number}" for number in (4, 3, 2, 1)), requests=3, count=50)
    assert REPEATS in reply.notes
    # A cursor would lead round and round.
    assert reply.cursor is None
    return "stopped after 3 pages"


async def never_ends(stage: Stage) -> str:
    """Every page has a new message: as many as requested are fetched, and the cursor continues."""
    line = stage.line(endlessly(news=True))
    reply = await stage.ask(line, count=30)
    assert len(reply.texts) == len(line.requests) == 30
    again = await stage.ask(line, count=30, cursor=reply.cursor)
    assert not set(again.texts) & set(reply.texts)
    return "60 pages for 60 messages"


async def empty_pages(stage: Stage) -> str:
    """After a message, and from the beginning."""
    line = stage.line(page([said()], next_cursor=older(0)), endlessly())
    reply = await stage.reads(line, requests=5, count=50)
    assert NO_NEWS in reply.notes
    nothing = stage.line(endlessly())
    empty = await stage.ask(nothing, count=50)
    assert (empty.code, empty.texts, empty.cursor, len(nothing.requests)) == ("success", [], None, 4)
    assert NO_NEWS in empty.notes
    return await _continues_once(stage, line, reply)


async def _continues_once(stage: Stage, line: Line, reply: ToolAnswer) -> str:
    """The cursor fetches four more pages; if they have nothing new either, there is no further cursor."""
    before = len(line.requests)
    assert reply.cursor is not None
    more = await stage.ask(line, count=50, cursor=reply.cursor)
    assert (more.code, more.texts, more.cursor) == ("success", [], None)
    assert NO_NEWS in more.notes
    return f"stopped after {before} pages, continued for {len(line.requests) - before}"


class Inbox:
    """A conversation that changes: pages are cut by position, so that every arrival shifts them.

    Pages have four messages, whatever the requested count.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = list(numbers)

    async def step(self, call: Call) -> None:
        params = json.loads(call.received.body)["params"]
        start = int(params.get("cursor", 0))
        end = start + 4
        rows = [said(number) for number in self.numbers[start:end]]
        await page(rows, next_cursor=str(end) if end < len(self.numbers) else None)(call)


async def arrivals(stage: Stage) -> str:
    """Three messages arrive before each page: every older one is shown once."""
    inbox = Inbox(range(40, 0, -1))

    async def step(call: Call) -> None:
        await inbox.step(call)
        newest = inbox.numbers[0]
        inbox.numbers[:0] = range(newest + 3, newest, -1)

    line = stage.line(step)
    shown: list[str] = []
    cursor = None
    while True:
        reply = await stage.ask(line, count=5, cursor=cursor)
        shown += reply.texts
        cursor = reply.cursor
        if cursor is None:
            break
    assert shown == [f"{TEXT} {number}" for number in range(40, 0, -1)]
    return f"40 of 40 once, {len(inbox.numbers) - 40} arrived"


async def deleted(stage: Stage) -> None:
    """The message named by the cursor was deleted: the next one is shown, with a note."""
    inbox = Inbox(range(9, 0, -1))
    line = stage.line(inbox.step)
    reply = await stage.reads(line, *(f"{TEXT} {number}" for number in (9, 8, 7)), count=3)
    # The page cache would hide that it is gone: so the rest is read by a server that has none yet.
    inbox.numbers.remove(6)
    async with stage.another_server() as server:
        rest = await stage.reads(
            line, *(f"{TEXT} {number}" for number in (5, 4, 3)), requests=3, server=server, count=3, cursor=reply.cursor
        )
    assert "messages may be missing here" in rest.notes


async def one_megabyte(stage: Stage) -> str:
    """Family emoji and words, cut between graphemes only; the parts make up the whole again."""
    unit = "👨‍👩‍👧‍👦 and e\u0301 🏴󠁧󠁢󠁳󠁣󠁴󠁿 "
    sent = (unit * (MEGABYTE // len(unit.encode())))[:-1]
    line = stage.line(page([said(text=sent)]))
    arguments: dict[str, object] = {"detail": "verbatim", "max_tokens": 20_000, "count": 1}
    parts: list[str] = []
    cursor: str | None = None
    while cursor or not parts:
        reply = await stage.ask_raw({"conversation_id": line.target, **arguments, "cursor": cursor})
        assert "[characters " in reply.text
        parts += reply.texts
        cursor = reply.cursor
    assert _same_words("".join(parts), sent)
    assert sum(len(regex.findall(r"\X", part)) for part in parts) <= len(regex.findall(r"\X", sent))
    assert len(line.requests) == 1
    return f"{len(sent.encode()) / MEGABYTE:.2f} MB in {len(parts)} parts, 1 request"


def _same_words(one: str, other: str) -> bool:
    """Equal except for white space, which parts lose at their ends."""
    return "".join(one.split()) == "".join(other.split())


async def cancelled(stage: Stage) -> str:
    """The call is cancelled while the second page is being fetched."""

    async def second(call: Call) -> None:
        call.bill(1)
        await call.hang()

    line = stage.line(page([said(3)], next_cursor=older(1)), second, page([said(1)]))
    await stage.server.cancelled({"conversation_id": line.target, "count": 9}, when=lambda: len(line.requests) == 2)
    log = stage.log
    await until(lambda: "outcome=cancelled" in log.read_text())
    assert len(line.requests) == 2
    assert "pages=1 kept=0 credits=1 maybe_extra=1 outcome=cancelled" in log.read_text()
    stage.logged, stage.logged_extra, stage.lost = 1, 1, 1
    return "2 requests of 9"


CASES = (
    Case(42, "out of order", "stable order", out_of_order),
    Case(43, "the same message on two pages", "once", same_message_twice),
    Case(44, "page repeated under a new cursor", "noticed and stopped, P", page_repeated),
    Case(45, "A to B to A", "noticed and stopped, P", there_and_back),
    Case(46, "never ends", "noticed and stopped, P", never_ends),
    Case(47, "endless empty pages", "noticed and stopped, P", empty_pages),
    Case(48, "messages arrive during a walk", "older ones neither lost nor repeated", arrivals),
    Case(49, "the message to resume at was deleted", "resumes by time, says that there may be a gap", deleted),
    Case(50, "one message of 1 MB", "cut on a grapheme, marked, the rest readable by cursor", one_megabyte),
    Case(59, "client disconnects or cancels in a walk", "no further page is fetched", cancelled),
)
