"""The use case: what is bought, what it costs, and what comes back when it cannot all be had."""

from collections.abc import Callable, Sequence

import anyio
import pytest

from mcp_server.conversation.models import Message, Page, Query, Reading, Target
from mcp_server.conversation.parse import parse
from mcp_server.conversation.transcript import End, Gap, Line, Transcript
from mcp_server.errors import InvalidArguments, InvalidCursor, OutOfCredits, UpstreamError, UpstreamTimeout
from mcp_server.service import DEADLINE_S, ConversationReader
from tests.support.conversations import (
    JANE,
    TARGET,
    MemorySource,
    chat,
    counter,
    message,
    query,
    reader,
    sizes,
)

pytestmark = pytest.mark.anyio
JANE_TARGET = Target("profile_url", "https://www.linkedin.com/in/jane-doe-42")


class FaultySource(MemorySource):
    """Fails at the requests that `faults` names by number, from 0, and notes every deadline it was given."""

    def __init__(self, messages: Sequence[Message], faults: dict[int, UpstreamError]) -> None:
        super().__init__(messages)
        self.deadlines: list[float] = []
        self._faults = faults

    async def page(self, target: Target, *, cursor: str | None, count: int, deadline: float) -> Page:
        self.deadlines.append(deadline)
        if error := self._faults.get(len(self.deadlines) - 1):
            raise error
        return await super().page(target, cursor=cursor, count=count, deadline=deadline)


def transcript(reading: Reading) -> Transcript:
    """The answer, read back."""
    return parse(reading.text)


def texts(*readings: Reading) -> list[str]:
    """What answers show, oldest first; an answer given later goes further back."""
    return [
        entry.text for reading in reversed(readings) for entry in transcript(reading).entries if isinstance(entry, Line)
    ]


def told(length: int) -> list[str]:
    """The texts of a chat, oldest first."""
    return [message(number).text for number in range(length)]


async def test_the_newest_messages_are_read_by_default() -> None:
    """Ten of them, from one page, with the figures of the conversation and a way to go on."""
    source = MemorySource(chat(33))
    reading = await reader(source).read(Query(TARGET))
    assert texts(reading) == told(33)[-10:]
    assert source.asked == [(None, 10)]
    header = transcript(reading).header
    assert (header.covered, header.total, header.unread, header.credits) == (10, 33, 0, 1)
    assert reading.next_cursor is not None
    assert reading.text.split("\n")[-1] == f"More: 23 older messages. next_cursor: {reading.next_cursor}"


async def test_only_what_is_missing_is_bought() -> None:
    """Page after page, the last one only as long as it takes; the credits of all are added up."""
    source = MemorySource(chat(100))
    reading = await reader(source, page_size=10).read(query(count=25))
    assert source.asked == [(None, 10), ("10", 10), ("20", 5)]
    assert texts(reading) == told(100)[-25:]
    assert reading.credits == reading.structured["credits"] == transcript(reading).header.credits == 3


async def test_reading_on_costs_no_page_twice() -> None:
    """But for the part of a page that was bought and not shown."""
    source = MemorySource(chat(30))
    conversation = reader(source)
    first = await conversation.read(query(count=12))
    second = await conversation.read(query(count=30, cursor=first.next_cursor))
    assert source.asked == [(None, 12), ("12", 30)]
    assert texts(first, second) == told(30)
    assert second.next_cursor is None
    assert transcript(second).footer == End()


async def test_further_back_the_figures_of_the_newest_message_are_not_repeated() -> None:
    """The total stays; who wrote last and what is unread is known already."""
    conversation = reader(MemorySource(chat(30)))
    first = await conversation.read(query())
    second = transcript(await conversation.read(query(cursor=first.next_cursor)))
    assert (second.header.latest, second.header.unread, second.header.total) == (None, None, 30)


@pytest.mark.parametrize("count", [0, -1, 21, 10**9])
async def test_a_count_out_of_bounds_is_refused_before_anything_is_bought(count: int) -> None:
    """The bound is said, and nothing was spent."""
    source = MemorySource(chat(3))
    with pytest.raises(InvalidArguments, match=r"count must be from 1 to 20\.") as caught:
        await reader(source, max_count=20).read(query(count=count))
    assert (source.asked, caught.value.credits_spent) == ([], 0)


@pytest.mark.parametrize("target", [TARGET, JANE_TARGET])
@pytest.mark.parametrize("cursor", ["", "10", "1776000000000", "AQx9", "x" * 10_000, None])
async def test_a_cursor_that_is_not_ours_is_refused_before_anything_is_bought(
    cursor: str | None, target: Target
) -> None:
    """The API's own, a made-up one, and (None here) a real one of another conversation."""
    source = MemorySource(chat(30))
    conversation = reader(source)
    if cursor is None:
        other = JANE_TARGET if target == TARGET else TARGET
        cursor = (await conversation.read(Query(other))).next_cursor
        source.asked.clear()
    with pytest.raises(InvalidCursor) as caught:
        await conversation.read(Query(target, cursor=cursor))
    assert (source.asked, caught.value.credits_spent) == ([], 0)


async def test_nothing_read_is_an_error() -> None:
    """The one that happened, with what had been spent by then: here nothing."""
    with pytest.raises(OutOfCredits) as caught:
        await reader(FaultySource(chat(30), {0: OutOfCredits("No credits are left.")})).read(query())
    assert caught.value.credits_spent == 0


async def test_an_error_tells_what_pages_without_messages_had_cost() -> None:
    """Everything that was paid counts, whatever it brought."""

    class EmptyFirst(FaultySource):
        async def page(self, target: Target, *, cursor: str | None, count: int, deadline: float) -> Page:
            if cursor is None:
                return Page((), "0", credits=2)
            return await super().page(target, cursor=cursor, count=count, deadline=deadline)

    failing = EmptyFirst(chat(30), {0: UpstreamTimeout("It took too long.")})
    with pytest.raises(UpstreamTimeout) as caught:
        await reader(failing).read(query())
    assert caught.value.credits_spent == 2


@pytest.mark.parametrize("detail", ["condensed", "verbatim"])
async def test_what_was_read_before_a_fault_comes_back(detail: str) -> None:
    """With a note of what happened, the credits of what came, and a cursor that tries the same page again."""
    source = FaultySource(chat(30), {2: OutOfCredits("No credits are left.")})
    conversation = reader(source, page_size=10)
    partial = await conversation.read(query(count=30, detail=detail))
    assert texts(partial) == told(30)[-20:]
    assert partial.credits == 2
    assert partial.notes == (
        "Older messages could not be read now: out_of_credits: No credits are left. next_cursor tries again.",
    )
    assert f"! {partial.notes[0]}\n" in str(partial.structured["transcript"])
    source.asked.clear()
    rest = await conversation.read(query(count=30, cursor=partial.next_cursor, detail=detail))
    assert source.asked == [("20", 10)]
    assert texts(partial, rest) == told(30)
    assert rest.notes == ()


async def test_a_budget_that_holds_nothing_tells_what_was_spent_to_see_it() -> None:
    """It cannot be known before there is a message to show."""
    with pytest.raises(InvalidArguments, match="max_tokens is too small") as caught:
        await reader(MemorySource(chat(30)), banner="SANDBOX " * 300).read(query(max_tokens=200))
    assert caught.value.credits_spent == 1


async def test_progress_is_told_page_by_page() -> None:
    """How many messages of how many wanted, never more than that, whatever a page holds."""
    told_of: list[tuple[int, int]] = []

    async def on_page(read: int, wanted: int) -> None:
        told_of.append((read, wanted))

    await reader(MemorySource(chat(100)), page_size=10).read(query(count=25), on_page=on_page)
    assert told_of == [(10, 25), (20, 25), (25, 25)]

    class Generous(MemorySource):
        async def page(self, target: Target, *, cursor: str | None, count: int, deadline: float) -> Page:
            return await super().page(target, cursor=cursor, count=50, deadline=deadline)

    told_of.clear()
    await reader(Generous(chat(100))).read(query(count=25), on_page=on_page)
    assert told_of == [(25, 25)]


@pytest.mark.parametrize("max_tokens", [200, 800, 2000])
async def test_verbatim_stops_buying_when_the_budget_is_full(max_tokens: int) -> None:
    """No page is bought after the first message that does not fit; the same question condensed reads them all."""
    source = MemorySource(chat(300))
    conversation = reader(source, page_size=10)
    reading = await conversation.read(query(count=300, max_tokens=max_tokens, detail="verbatim"))
    shown = len(texts(reading))
    assert len(source.asked) == shown // 10 + 1
    source.asked.clear()
    covered = await conversation.read(query(count=300, max_tokens=max_tokens))
    assert len(source.asked) == 30
    assert covered.structured["covered"] == 300


async def test_since_ends_reading_and_paying() -> None:
    """At the first message that is not later; what it says is that no more was asked for."""
    source = MemorySource(chat(100))
    since_ms = message(84).sent_at_ms
    reading = await reader(source, page_size=10).read(query(count=100, since_ms=since_ms))
    assert texts(reading) == told(100)[85:]
    assert source.asked == [(None, 10), ("10", 10)]
    assert reading.next_cursor is None
    assert transcript(reading).footer == End("asked")


async def test_since_now_shows_nothing_and_says_so() -> None:
    """One page has to be bought to know."""
    reading = await reader(MemorySource(chat(3))).read(query(since_ms=message(3).sent_at_ms))
    assert texts(reading) == []
    assert reading.structured["covered"] == 0
    assert transcript(reading).footer == End("asked")


async def test_an_empty_conversation_is_an_answer() -> None:
    """Not an error: it is known to be empty."""
    reading = await reader(MemorySource([])).read(query())
    assert reading.text == "0 of 0 messages, UTC, oldest first. Unread: 0. 0 credits.\nNo older messages."


async def test_all_pages_of_a_call_share_one_deadline() -> None:
    """45 seconds from the start of the call on the clock of the event loop."""
    source = FaultySource(chat(30), {})
    before = anyio.current_time()
    await reader(source, page_size=10).read(query(count=30))
    assert len(source.deadlines) == 3
    assert len(set(source.deadlines)) == 1
    assert before + DEADLINE_S <= source.deadlines[0] <= anyio.current_time() + DEADLINE_S
    assert DEADLINE_S == 45


async def test_a_call_that_is_given_up_buys_no_further_page() -> None:
    """Cancelled after the first page, that is all that is paid."""
    source = MemorySource(chat(100))
    with anyio.CancelScope() as scope:

        async def give_up(_read: int, _wanted: int) -> None:
            scope.cancel()
            await anyio.lowlevel.checkpoint()

        await reader(source, page_size=10).read(query(count=100), on_page=give_up)
    assert scope.cancelled_caught
    assert source.asked == [(None, 10)]


@pytest.mark.parametrize(
    ("target", "self_profile", "mine"),
    [
        (TARGET, None, None),
        (JANE_TARGET, None, "John Smith"),
        (TARGET, "https://www.linkedin.com/in/jane-doe-42", "Jane Doe"),
        (TARGET, "https://www.linkedin.com/in/somebody", None),
    ],
)
async def test_who_i_am_is_known_from_the_setting_or_the_target(
    target: Target, self_profile: str | None, mine: str | None
) -> None:
    """An address of a profile, as the setting and the target have it."""
    reading = await reader(MemorySource(chat(4)), self_profile=self_profile).read(Query(target))
    assert [speaker.name for speaker in transcript(reading).speakers if speaker.me] == ([mine] if mine else [])


async def test_a_focus_is_only_named_where_it_matters() -> None:
    """`verbatim` does not choose, so it names none."""
    conversation = reader(MemorySource(chat(4)))
    assert transcript(await conversation.read(query(focus="number 3"))).header.focus == '"number 3"'
    assert transcript(await conversation.read(query(focus="number 3", detail="verbatim"))).header.focus is None


async def test_a_scale_leaves_room_for_models_that_see_more_tokens() -> None:
    """With a scale of two, half as many tokens are used; what is said of them stays the count."""
    conversation = reader(MemorySource(chat(300)), token_scale=2.0)
    reading = await conversation.read(query(count=300, max_tokens=1000, detail="verbatim"))
    assert 450 <= max(sizes(reading)) <= 500
    assert reading.tokens == sizes(reading)[0]


async def test_structure_that_is_not_sent_takes_no_room() -> None:
    """Quotes cost more in JSON, so without it more of them fit."""
    quoting = MemorySource([message(number, '"' * 20) for number in range(200)][::-1])
    options: dict[str, object] = {"count": 200, "max_tokens": 400, "detail": "verbatim"}
    both = await reader(quoting).read(query(**options))
    alone = await reader(quoting, structured_output=False).read(query(**options))
    assert len(texts(both)) < len(texts(alone))


async def test_a_message_that_arrives_between_two_calls_changes_neither() -> None:
    """The second goes on where the first ended, asks for no more than it would have, and a new call sees it."""
    source = MemorySource(chat(30))
    conversation = reader(source)
    first = await conversation.read(query(count=10))
    source.messages.insert(0, message(30, "new"))
    second = await conversation.read(query(count=10, cursor=first.next_cursor))
    assert texts(first, second) == told(30)[-20:]
    assert texts(await conversation.read(query(count=1))) == ["new"]


@pytest.mark.parametrize("make", [lambda: chat(40), lambda: chat(40, (JANE, None))])
async def test_the_same_question_gets_the_same_answer(make: Callable[[], list[Message]]) -> None:
    """Byte for byte, of the same reader or another."""
    conversation: ConversationReader = reader(MemorySource(make()))
    options: dict[str, object] = {"count": 40, "max_tokens": 300}
    readings = [await conversation.read(query(**options)) for _ in range(2)]
    readings.append(await reader(MemorySource(make())).read(query(**options)))
    assert readings[0] == readings[1] == readings[2]
    assert readings[0].tokens == counter().count(readings[0].text)


async def test_no_call_costs_more_than_the_ceiling_lets_it() -> None:
    """What was read comes back with a note, and the cursor goes on from there."""
    source = MemorySource(chat(100))
    conversation = reader(source, page_size=10, max_credits=3)
    first = await conversation.read(query(count=100))
    assert source.asked == [(None, 10), ("10", 10), ("20", 10)]
    assert first.credits == 3
    assert first.notes == ("Reading stopped at 3 credits, the most for one call. next_cursor goes on.",)
    second = await conversation.read(query(count=15, cursor=first.next_cursor))
    assert texts(first, second) == told(100)[-45:]
    assert second.notes == ()


async def test_a_ceiling_reached_before_anything_was_found_loses_no_place() -> None:
    """Where messages arrive faster than a call may pass over them, the next call goes on passing over."""
    source = MemorySource(chat(30))
    conversation = reader(source, page_size=10, max_credits=1)
    first = await conversation.read(query(count=10))
    source.messages[:0] = [message(number, "new") for number in range(60, 30, -1)]
    readings = [first]
    while len(texts(*readings)) < 20:
        readings.append(await conversation.read(query(count=10, cursor=readings[-1].next_cursor)))
        assert len(readings) < 8
    assert texts(*readings) == told(30)[-20:]
    assert readings[1].structured["covered"] == 0


async def test_what_faults_may_have_cost_is_told() -> None:
    """In the note of a partial answer, and in the error where there is none."""

    def timeout() -> UpstreamTimeout:
        error = UpstreamTimeout("It took too long.")
        error.credits_spent, error.maybe_extra = 1, 2
        return error

    partial = await reader(FaultySource(chat(30), {1: timeout()}), page_size=10).read(query(count=30))
    assert partial.credits == 2
    assert partial.notes[-1] == "2 requests brought no answer and may have been charged beside these credits."
    with pytest.raises(UpstreamTimeout) as caught:
        await reader(FaultySource(chat(30), {0: timeout()})).read(query())
    assert caught.value.explain().endswith("Credits spent: 1, perhaps more.")


async def test_a_stretch_left_out_can_be_read_by_its_number() -> None:
    """The cursor of the window with the number of the mark shows what was left out there, from its newest message."""
    conversation = reader(MemorySource(chat(200)), page_size=50)
    reading = await conversation.read(query(count=200, max_tokens=1000))
    gaps = [entry for entry in transcript(reading).entries if isinstance(entry, Gap) and entry.at is not None]
    assert gaps
    for gap in gaps:
        cursor = f"{reading.structured['window_cursor']}:{gap.at}"
        stretch = await conversation.read(query(cursor=cursor, count=gap.count, max_tokens=20_000, detail="verbatim"))
        assert gap.at is not None
        assert texts(stretch) == told(200)[200 - gap.at - gap.count : 200 - gap.at]
