"""Laws of continuing: the answers joined are the whole conversation, in order, each within its budget."""

import anyio
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.models import Message, Participant
from mcp_server.service import ConversationReader
from mcp_server.transcript.grammar import Line, More, Transcript
from mcp_server.transcript.parse import parse
from tests.support.conversations import MemorySource, TimeSource, message, query, reader, sizes

texts = st.one_of(
    st.text(max_size=80), st.text(min_size=300, max_size=900), st.just(""), st.sampled_from(["ok", "👩‍💻 yes"])
).map(clean)
senders = st.one_of(
    st.none(),
    st.builds(
        lambda name, slug: Participant(f"in/{slug}", clean_name(name) or "x", f"in/{slug}"),
        st.text(max_size=60),
        st.sampled_from(["ada", "ben", "cy", "%E4%B8%AD" * 12]),
    ),
)
kinds = st.sampled_from(["TEXT", "TEXT", "TEXT", "SHARED_POST", "INVITATION", "x" * 60])


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Newest first, with ties, undated messages, and now and then one out of order."""
    drawn = draw(
        st.lists(st.tuples(texts, senders, kinds, st.sampled_from([0, 0, 1, 40, 3000, -5, None])), max_size=14)
    )
    # One person per slug: a name belongs to a key.
    people: dict[str, Participant] = {}
    minute, result = 0, []
    for number, (text, sender, kind, step) in enumerate(drawn):
        minute += step or 0
        at = None if step is None else 1_776_000_000_000 + minute * 60_000
        someone = None if sender is None else people.setdefault(sender.key, sender)
        result.append(message(number, text, sender=someone, kind=kind, sent_at_ms=at))
    return result[::-1]


async def walk(
    conversation: ConversationReader, options: dict[str, object], structured: bool = True
) -> list[Transcript]:
    """The transcripts of a whole walk, checking each answer on the way."""
    answers: list[Transcript] = []
    cursor = None
    for _ in range(1000):
        reading = await conversation.read(query(cursor=cursor, **options))
        text, as_json = sizes(reading)
        assert max(text, as_json if structured else 0) <= int(str(options["max_tokens"]))
        assert reading.tokens == text
        transcript = parse(reading.text)
        answers.append(transcript)
        assert reading.next_cursor == reading.structured.get("next_cursor")
        cursor = reading.next_cursor
        if cursor is None:
            return answers
        assert isinstance(transcript.footer, More)
        assert transcript.footer.next_cursor == cursor
    raise AssertionError("the walk does not end")


def joined(answers: list[Transcript]) -> list[str]:
    """The texts of a walk, oldest first, parts of one message put together again."""
    result: list[str] = []
    partial = ""
    for transcript in answers:
        for line in [entry for entry in transcript.entries if isinstance(entry, Line)][::-1]:
            if line.part is not None:
                assert line.part.start == len(partial) + 1
                partial += line.text
                assert line.part.end == len(partial)
                if line.part.end < line.part.total:
                    continue
                line, partial = Line(line.mark, partial), ""
            result.append(line.text)
    return result[::-1]


@given(
    conversations(),
    st.integers(200, 900),
    st.integers(1, 20),
    st.integers(1, 9),
    st.sampled_from([MemorySource, TimeSource]),
    st.booleans(),
)
def test_answers_joined_are_the_whole_conversation(
    messages: list[Message],
    max_tokens: int,
    count: int,
    page_size: int,
    source_type: type[MemorySource],
    structured: bool,
) -> None:
    """Any messages, any budget from 200, any count, any page size: every message once, in order, whole."""
    if source_type is TimeSource:
        # Such cursors only make sense for a conversation in order, without ties.
        messages = [message(n, m.text, sender=m.sender, kind=m.kind) for n, m in enumerate(messages[::-1])][::-1]
    conversation = reader(source_type(messages), page_size=page_size, structured_output=structured)
    options: dict[str, object] = {"max_tokens": max_tokens, "count": count, "detail": "verbatim"}
    answers = anyio.run(lambda: walk(conversation, options, structured))
    assert joined(answers) == [m.text for m in messages[::-1]]


@given(conversations(), st.integers(200, 900), st.integers(1, 6), st.integers(1, 5), st.integers(1, 3))
def test_new_messages_disturb_no_walk(
    messages: list[Message], max_tokens: int, count: int, page_size: int, arriving: int
) -> None:
    """While new messages shift the API's pages, the messages of the beginning are shown once, in order."""
    dated = [message(n, m.text, sender=m.sender) for n, m in enumerate(messages[::-1])][::-1]
    arrived = iter(range(10_000, 20_000))

    def arrive(source: MemorySource) -> None:
        if source.asked and len(source.messages) < len(dated) + 2:
            source.messages[:0] = [message(next(arrived), "new") for _ in range(arriving)]

    conversation = reader(MemorySource(dated, on_page=arrive), page_size=page_size)
    options: dict[str, object] = {"max_tokens": max_tokens, "count": count, "detail": "verbatim"}
    answers = anyio.run(lambda: walk(conversation, options))
    assert [text for text in joined(answers) if text != "new"] == [m.text for m in dated[::-1]]


@given(conversations(), st.integers(200, 900), st.integers(1, 20))
def test_condensed_answers_cover_all_requested_messages(messages: list[Message], max_tokens: int, count: int) -> None:
    """Whole, shortened and omitted messages add up to the conversation."""
    conversation = reader(MemorySource(messages))
    options: dict[str, object] = {"max_tokens": max_tokens, "count": count, "detail": "condensed"}
    answers = anyio.run(lambda: walk(conversation, options))
    assert sum(answer.header.covered for answer in answers) >= len(messages)


@given(conversations(), st.integers(200, 3000), st.integers(1, 20))
def test_the_same_question_gets_the_same_answer(messages: list[Message], max_tokens: int, count: int) -> None:
    """An answer depends only on the question, the conversation and the clock."""
    options: dict[str, object] = {"max_tokens": max_tokens, "count": count}
    first = anyio.run(lambda: reader(MemorySource(messages)).read(query(**options)))
    again = anyio.run(lambda: reader(MemorySource(messages)).read(query(**options)))
    assert first == again
