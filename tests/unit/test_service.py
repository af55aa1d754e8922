"""The use case: which pages are fetched, what they cost, and what the answer holds."""

from collections.abc import Callable

import pytest
from anyio.abc import TaskGroup

from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, Page, Query, Target
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.service import ConversationReader
from mcp_server.transcript.budget import Vocabulary
from mcp_server.transcript.grammar import End, Gap
from mcp_server.upstream.cache import CachedPages, TimelineCache
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
from tests.support.reading import texts, told, transcript

pytestmark = pytest.mark.anyio

JANE_TARGET = Target("profile_url", "https://www.linkedin.com/in/jane-doe-42")


async def test_the_newest_messages_are_read_by_default() -> None:
    """Ten of them, from one page, with the counts of the conversation and a cursor."""
    source = MemorySource(chat(33))
    reading = await reader(source).read(Query(TARGET))
    assert texts(reading) == told(33)[-10:]
    assert source.asked == [(None, 10)]
    header = transcript(reading).header
    assert (header.covered, header.total, header.unread, header.credits) == (10, 33, None, 1)
    assert reading.next_cursor is not None
    assert reading.text.split("\n")[-1] == f"More: 23 older. next_cursor: {reading.next_cursor}"


async def test_only_missing_messages_are_requested() -> None:
    """The last page is only as long as a credit pays for; the credits of all pages are added up."""
    source = MemorySource(chat(100))
    reading = await reader(source, page_size=10).read(query(count=25))
    assert source.asked == [(None, 10), ("10", 10), ("20", 10)]
    assert texts(reading) == told(100)[-25:]
    assert reading.credits == reading.structured["credits"] == transcript(reading).header.credits == 3


async def test_continuing_fetches_no_page_twice(background: TaskGroup) -> None:
    """A page that was only partly shown is still cached."""
    source = MemorySource(chat(30))
    conversation = reader(CachedPages(source, TimelineCache(), background, account_id="account"))
    first = await conversation.read(query(count=12))
    second = await conversation.read(query(count=30, cursor=first.next_cursor))
    assert source.asked == [(None, 20), ("20", 30)]
    assert texts(first, second) == told(30)
    assert second.next_cursor is None
    assert transcript(second).footer == End()


async def test_facts_about_the_newest_message_are_not_repeated_on_older_pages() -> None:
    """The total stays; the last sender and the unread count are left out."""
    conversation = reader(MemorySource(chat(30)))
    first = await conversation.read(query())
    second = transcript(await conversation.read(query(cursor=first.next_cursor)))
    assert (second.header.latest, second.header.unread, second.header.total) == (None, None, 30)


@pytest.mark.parametrize("count", [0, -1, 21, 10**9])
async def test_a_count_out_of_bounds_is_refused_before_any_request(count: int) -> None:
    """The error states the bounds, and nothing was spent."""
    source = MemorySource(chat(3))
    with pytest.raises(InvalidArguments, match=r"count must be from 1 to 20\.") as caught:
        await reader(source, max_count=20).read(query(count=count))
    assert (source.asked, caught.value.credits_spent) == ([], 0)


@pytest.mark.parametrize("target", [TARGET, JANE_TARGET])
@pytest.mark.parametrize("cursor", ["", "10", "1776000000000", "AQx9", "x" * 10_000, None])
async def test_a_foreign_cursor_is_refused_before_any_request(cursor: str | None, target: Target) -> None:
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


async def test_progress_is_reported_after_each_page() -> None:
    """Messages read and requested; never more read than requested, whatever a page holds."""
    told_of: list[tuple[int, int]] = []

    async def on_page(read: int, wanted: int) -> None:
        told_of.append((read, wanted))

    await reader(MemorySource(chat(100)), page_size=10).read(query(count=25), on_page=on_page)
    assert told_of == [(10, 25), (20, 25), (25, 25)]

    class Generous(MemorySource):
        async def page(
            self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
        ) -> Page:
            return await super().page(target, cursor=cursor, count=50, deadline=deadline, policy=policy)

    told_of.clear()
    await reader(Generous(chat(100))).read(query(count=25), on_page=on_page)
    assert told_of == [(25, 25)]


@pytest.mark.parametrize("max_tokens", [200, 800, 2000])
async def test_verbatim_stops_reading_when_the_budget_is_full(max_tokens: int) -> None:
    """No page is fetched after the first message that does not fit; condensed reads them all."""
    source = MemorySource(chat(300))
    conversation = reader(source, page_size=10)
    reading = await conversation.read(query(count=300, max_tokens=max_tokens, detail="verbatim"))
    shown = len(texts(reading))
    assert len(source.asked) <= shown // 10 + 2
    source.asked.clear()
    covered = await conversation.read(query(count=300, max_tokens=max_tokens))
    assert len(source.asked) == 30
    assert covered.structured["covered"] == 300


async def test_since_ends_reading_and_paying() -> None:
    """At the first message that is not later; the answer says that nothing older was asked for."""
    source = MemorySource(chat(100))
    since_ms = message(84).sent_at_ms
    reading = await reader(source, page_size=10).read(query(count=100, since_ms=since_ms))
    assert texts(reading) == told(100)[85:]
    assert source.asked == [(None, 10), ("10", 10)]
    assert reading.next_cursor is None
    assert transcript(reading).footer == End("asked")


async def test_since_now_shows_nothing_and_says_so() -> None:
    """One page has to be fetched to know."""
    reading = await reader(MemorySource(chat(3))).read(query(since_ms=message(3).sent_at_ms))
    assert texts(reading) == []
    assert reading.structured["covered"] == 0
    assert transcript(reading).footer == End("asked")


async def test_an_empty_conversation_is_an_answer() -> None:
    """Not an error."""
    reading = await reader(MemorySource([])).read(query())
    assert reading.text == "0 of 0 messages, UTC. 0 credits.\nNo older messages."


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
    """Both are addresses of profiles."""
    reading = await reader(MemorySource(chat(4)), self_profile=self_profile).read(Query(target))
    assert [speaker.name for speaker in transcript(reading).speakers if speaker.me] == ([mine] if mine else [])


async def test_a_focus_is_only_named_where_it_matters() -> None:
    """`verbatim` selects nothing, so its header has no focus."""
    conversation = reader(MemorySource(chat(4)))
    assert transcript(await conversation.read(query(focus="number 3"))).header.focus == '"number 3"'
    assert transcript(await conversation.read(query(focus="number 3", detail="verbatim"))).header.focus is None


async def test_a_token_scale_leaves_room_for_other_tokenizers() -> None:
    """With a scale of two the answer has half as many tokens; `tokens` stays the true count."""
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
    """The second resumes where the first ended, requests no more than usual, and a new call shows the message."""
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


async def test_omitted_messages_can_be_read_by_their_number(background: TaskGroup) -> None:
    """`window_cursor` with the number of a gap shows the messages of that gap, newest first."""
    pages = CachedPages(MemorySource(chat(200)), TimelineCache(), background, account_id="account")
    conversation = reader(pages, page_size=50)
    reading = await conversation.read(query(count=200, max_tokens=1000))
    gaps = [entry for entry in transcript(reading).entries if isinstance(entry, Gap) and entry.at is not None]
    assert gaps
    for gap in gaps:
        cursor = f"{reading.structured['window_cursor']}:{gap.at}"
        stretch = await conversation.read(query(cursor=cursor, count=gap.count, max_tokens=20_000, detail="verbatim"))
        assert gap.at is not None
        assert texts(stretch) == told(200)[200 - gap.at - gap.count : 200 - gap.at]


async def test_estimated_tokens_are_named_in_both_channels() -> None:
    """A note in the text, and whose tokens they are in the structured content."""
    vocabulary = Vocabulary("claude", counter(), estimated=True)
    reading = await reader(MemorySource(chat(3)), vocabulary=vocabulary, tokenizer="claude (estimated)").read(query())
    assert "! Tokens are estimated." in reading.text.split("\n")
    assert reading.structured["tokenizer"] == "claude (estimated)"


async def test_counted_tokens_have_no_note() -> None:
    """And those of the default no name, which the tool's definition has."""
    reading = await reader(MemorySource(chat(3))).read(query())
    assert "estimated" not in reading.text
    assert "tokenizer" not in reading.structured
