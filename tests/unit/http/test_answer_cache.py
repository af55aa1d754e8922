"""The same question within a few seconds is answered from memory; nothing else is."""

from dataclasses import replace

import pytest

from mcp_server.conversation.models import Query, Target
from mcp_server.http.answer_cache import KEPT_S, MAX_KEPT, AnswerCache, CachingReader
from tests.support.serving import READING, StubReader

pytestmark = pytest.mark.anyio
FREE = replace(READING, credits=0)
QUERY = Query(Target("conversation_id", "2-abc"))


class Clock:
    """Stands still until it is moved."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


async def asked(reader: StubReader, *questions: tuple[str, Query]) -> int:
    """How many of these questions of these tenants reached the reader."""
    recent = AnswerCache()
    for tenant, query in questions:
        assert await CachingReader(reader, recent, tenant=tenant).read(query) is not None
    return len(reader.asked)


async def test_a_question_asked_twice_is_read_once() -> None:
    """Whatever differs in it makes it another one; and so does another tenant."""
    others = [replace(QUERY, count=11), replace(QUERY, cursor="x"), replace(QUERY, focus="when?")]
    assert await asked(StubReader(FREE), ("a", QUERY), ("a", QUERY), ("a", replace(QUERY))) == 1
    assert await asked(StubReader(FREE), ("a", QUERY), ("b", QUERY), *(("a", other) for other in others)) == 5


async def test_an_answer_that_cost_something_or_remarks_on_something_is_not_repeated() -> None:
    """The next one costs nothing, and its remark may not hold."""
    assert await asked(StubReader(READING), ("a", QUERY), ("a", QUERY)) == 2
    remarking = replace(FREE, notes=("older ones could not be read",))
    assert await asked(StubReader(remarking), ("a", QUERY), ("a", QUERY)) == 2


def test_answers_are_kept_for_seconds_and_not_without_end() -> None:
    """Time and number are bounded."""
    clock = Clock()
    recent = AnswerCache(clock_s=clock)
    recent.put("a", QUERY, FREE)
    for number in range(MAX_KEPT):
        assert recent.get("a", QUERY) is FREE
        recent.put("b", replace(QUERY, count=number + 1), FREE)
    assert recent.get("b", replace(QUERY, count=1)) is None
    clock.now_s += KEPT_S
    assert recent.get("a", QUERY) is None
