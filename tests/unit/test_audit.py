"""A line in the log for each call: figures, an outcome, and nothing that anybody wrote."""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress

import anyio
import pytest

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Query, Target
from mcp_server.errors import ConversationError, InvalidCursor, OutOfCredits, UpstreamTimeout
from tests.support.conversations import TARGET, MemorySource, chat, query, reader
from tests.support.giving_up import give_up

pytestmark = pytest.mark.anyio

LINE = re.compile(
    r"call target=([0-9a-f]{12}) pages=(\d+) kept=(\d+) credits=(\d+) maybe_extra=(\d+) outcome=(\w+) ms=\d+"
)


class Script:
    """Returns these pages, one per request, and raises the exceptions among them; after the last it never answers."""

    def __init__(self, *steps: Page | Exception) -> None:
        self._steps = list(steps)

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if not self._steps:
            await anyio.sleep_forever()
        step = self._steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


def costing(error: ConversationError, *, credits: int, maybe_extra: int) -> ConversationError:
    """The error, with what had been paid when it came."""
    error.credits_spent, error.maybe_extra = credits, maybe_extra
    return error


def lines(log: pytest.LogCaptureFixture) -> Sequence[tuple[str, ...]]:
    """What the lines say, their times left out."""
    texts = [record.getMessage() for record in log.records if record.name == "mcp_server.audit"]
    found = [LINE.fullmatch(line) for line in texts]
    return [match.groups() for match in found if match is not None]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The audit lines."""
    caplog.set_level(logging.INFO, "mcp_server.audit")
    return caplog


FIRST = Page(tuple(chat(2)), "next", credits=2)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((FIRST, Page((), None, from_cache=True)), ("2", "1", "2", "0", "read")),
        ((FIRST, costing(UpstreamTimeout("."), credits=1, maybe_extra=2)), ("1", "0", "3", "2", "partial")),
        ((costing(OutOfCredits("."), credits=1, maybe_extra=1),), ("0", "0", "1", "1", "out_of_credits")),
        ((ZeroDivisionError(),), ("0", "0", "0", "0", "internal_error")),
    ],
    ids=["read", "partial", "refused", "unforeseen"],
)
async def test_a_call_is_told_of_in_one_line(
    steps: tuple[Page | Exception, ...], expected: tuple[str, ...], log: pytest.LogCaptureFixture
) -> None:
    """Pages, cached pages, credits, requests that may have been charged in addition, and the outcome."""
    with suppress(ConversationError, ZeroDivisionError):
        await reader(Script(*steps)).read(query(count=50))
    ((_, *fields),) = lines(log)
    assert tuple(fields) == expected


async def test_a_call_that_was_given_up_is_told_of(log: pytest.LogCaptureFixture) -> None:
    """The answer that was on its way may have cost something."""
    await give_up(lambda: reader(Script(FIRST)).read(query(count=50)))
    ((_, *fields),) = lines(log)
    assert fields == ["1", "0", "2", "1", "cancelled"]


async def test_a_refused_cursor_is_told_of(log: pytest.LogCaptureFixture) -> None:
    """It is not repeated, though."""
    with pytest.raises(InvalidCursor):
        await reader(MemorySource(chat(2))).read(query(cursor="forged"))
    ((_, *fields),) = lines(log)
    assert fields == ["0", "0", "0", "0", "invalid_cursor"]
    assert "forged" not in log.text


async def test_a_conversation_has_one_pseudonym(log: pytest.LogCaptureFixture) -> None:
    """The same in every call; another conversation has another, and none is its id."""
    other = Target("conversation_id", "2-other")
    for target in (TARGET, other, TARGET):
        await reader(MemorySource(chat(2))).read(Query(target))
    one, another, again = (line[0] for line in lines(log))
    assert one == again != another
    assert other.value not in log.text
