"""Laws of condensing: everything is accounted for, nothing is over the budget, nothing is made up."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_server.condensing.plan import condense
from mcp_server.condensing.sentences import CUT
from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Message, Reading
from mcp_server.transcript.budget import Allowance, Meter
from mcp_server.transcript.condensed import condensed
from mcp_server.transcript.grammar import Gap, Line
from mcp_server.transcript.line_costs import LineCosts
from mcp_server.transcript.parse import parse
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.verbatim import fits_whole
from tests.support.answers import builder
from tests.support.conversations import ANA, JANE, JOHN, counter, message, sizes
from tests.support.corpora import corpus_of

WORDS = [
    "rent",
    "the",
    "Zoe",
    "is",
    "late?",
    "40 €.",
    "会議です。",
    "なに？",
    "ok!",
    "متى؟",
    CUT,
    "\n",
    "~ 3 messages",
    "ราคา",
    "Dr.",
]
texts = st.lists(st.sampled_from(WORDS), max_size=60).map(lambda words: clean(" ".join(words)))
senders = st.sampled_from([JANE, JOHN, ANA, None])


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Oldest first; some messages undated, some far apart, some of no known sender."""
    messages = []
    for number in range(draw(st.integers(1, 25))):
        sent_at_ms = draw(st.none() | st.just(1_776_000_000_000 + number * draw(st.sampled_from([1, 90])) * 600_000))
        messages.append(message(number, draw(texts), sender=draw(senders), sent_at_ms=sent_at_ms))
    return messages


questions = st.none() | st.sampled_from(["rent", "会議", "Zoe late", "what did Jane say", "nothing like it", "ราคา"])


@given(conversations(), st.integers(250, 900), questions, st.booleans())
def test_every_message_is_accounted_for_within_the_budget(
    messages: list[Message], max_tokens: int, focus: str | None, numbered: bool
) -> None:
    """In both channels; and the answer can be read back, and is the same when it is asked for again."""

    def answer() -> Reading:
        cursor = "AgQ" if numbered else None
        return condensed(builder(messages, max_tokens=max_tokens, focus=focus, window_cursor=lambda pages: cursor))

    reading = answer()
    assert max(sizes(reading)) <= max_tokens
    header, entries = parse(reading.text).header, parse(reading.text).entries
    lines = [entry for entry in entries if isinstance(entry, Line)]
    left_out = sum(entry.count for entry in entries if isinstance(entry, Gap))
    assert header.shown + header.shortened == len(lines)
    assert header.omitted == left_out
    assert len(lines) + left_out == len(messages) == reading.structured["covered"]
    assert answer() == reading


@given(conversations(), st.integers(60, 2000), questions)
def test_a_selection_keeps_to_its_budget_and_makes_nothing_up(
    messages: list[Message], tokens: int, focus: str | None
) -> None:
    """What is left of a shortened message stood in it, in that order; the newest message comes before all others."""
    answers = builder(messages, max_tokens=2000)
    costs = LineCosts(answers.laid_out[::-1], TokenSizes(Meter(counter())), Allowance(2000), least_numbered_gap=None)
    plan = condense(corpus_of(messages), costs, max_tokens=2000, focus=focus)
    found = plan.select(tokens)
    assert found.cost <= tokens
    assert not found.whole & found.shortened.keys()
    for number, text in found.shortened.items():
        at = 0
        for piece in filter(None, (piece.strip() for piece in text.split(CUT))):
            at = messages[number].text.index(piece, at) + len(piece)
    assert plan.select(tokens) == found
    if found.whole:
        assert len(messages) - 1 in found.whole


@given(conversations())
def test_what_fits_is_shown_whole(messages: list[Message]) -> None:
    """As verbatim shows it, byte by byte."""
    whole = fits_whole(builder(messages, max_tokens=20_000))
    assert whole is not None
    assert condensed(builder(messages, max_tokens=20_000)) == whole
