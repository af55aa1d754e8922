"""Laws of cost: what a walk is charged, in whatever steps it is made, at each of the prices an API may have."""

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.models import Reading
from mcp_server.upstream.cache import CachedPages, TimelineCache
from tests.support.conversations import chat, query, reader
from tests.support.prices import Charging, Price, by_message, by_request, by_ten
from tests.support.reading import texts, told

lengths = st.integers(1, 237)
counts = st.lists(st.integers(1, 50), min_size=1, max_size=4)
details = st.sampled_from(["condensed", "verbatim"])


async def walked(source: Charging, counts: list[int], detail: str, *, max_credits: int | None = None) -> list[Reading]:
    """A walk to the end, its calls asking for these counts in turn."""
    answers: list[Reading] = []
    cursor: str | None = None
    async with anyio.create_task_group() as background:
        pages = CachedPages(source, TimelineCache(), background, account_id="account")
        conversation = reader(pages, max_credits=max_credits)
        while cursor is not None or not answers:
            count = counts[len(answers) % len(counts)]
            answers.append(await conversation.read(query(count=count, cursor=cursor, detail=detail, max_tokens=20_000)))
            cursor = answers[-1].next_cursor
    return answers


def walk(length: int, counts: list[int], detail: str, price: Price, **options: int) -> tuple[Charging, list[Reading]]:
    """The walk, having checked that it was exact and that the answers report what was charged."""
    source = Charging(chat(length), price)
    answers = anyio.run(lambda: walked(source, counts, detail, **options))
    assert texts(*answers) == told(length)
    assert sum(answer.credits for answer in answers) == source.bill
    return source, answers


@given(lengths, counts, details)
def test_a_walk_costs_no_more_than_the_price_of_its_messages(length: int, counts: list[int], detail: str) -> None:
    """At every point of it: a credit per ten messages covered so far, or part of ten."""
    _, answers = walk(length, counts, detail, by_ten)
    covered = credits = 0
    for answer in answers:
        covered += int(str(answer.structured["covered"]))
        credits += answer.credits
        assert credits <= by_ten(covered)


@given(lengths, counts, details)
def test_where_each_message_is_charged_at_most_nine_more_are_paid_for(
    length: int, counts: list[int], detail: str
) -> None:
    """The first answer shows the price, and nothing is filled up from then on."""
    source, _ = walk(length, counts, detail, by_message)
    assert source.bill <= length + 9


@given(lengths, counts, details)
def test_where_each_request_is_charged_there_are_no_more_than_calls(
    length: int, counts: list[int], detail: str
) -> None:
    """A call for at most 50 messages takes one request at most."""
    source, answers = walk(length, counts, detail, by_request)
    assert source.bill <= len(answers)


@given(lengths, counts, details, st.integers(1, 12), st.sampled_from([by_ten, by_request]))
def test_no_call_costs_more_than_its_limit(
    length: int, counts: list[int], detail: str, max_credits: int, price: Price
) -> None:
    """Whatever is filled up."""
    _, answers = walk(length, counts, detail, price, max_credits=max_credits)
    assert all(answer.credits <= max_credits for answer in answers)


@given(lengths, counts, details, st.integers(1, 12))
def test_filling_up_exceeds_no_limit_where_each_message_is_charged(
    length: int, counts: list[int], detail: str, max_credits: int
) -> None:
    """The first request, which shows the price, may be for more messages than the limit, but not than asked for."""
    _, answers = walk(length, counts, detail, by_message, max_credits=max_credits)
    first, *others = [answer.credits for answer in answers]
    assert first <= max(max_credits, min(counts[0], 10))
    assert all(credits <= max_credits for credits in others)
