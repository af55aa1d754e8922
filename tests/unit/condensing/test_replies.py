"""What answers a match is kept with it, on the sandbox's longest conversation."""

import anyio
import pytest

from benchmarks.measured import TARGET, messages_of, reader_of
from benchmarks.sandbox_dialogues import dialogues
from mcp_server.conversation.models import Query
from tests.support.conversations import counter

QUESTION = "Which competitor made a cheaper offer, and what did we answer?"


@pytest.mark.parametrize("max_tokens", [680, 700, 1000, 1500])
def test_the_answer_to_an_offer_is_kept_though_no_word_of_the_question_is_in_either(max_tokens: int) -> None:
    """The reply repeats the price of the offer. No sentence model takes part."""
    (conversation,) = (one for one in dialogues(1000) if one["id"] == "harbour-lane")
    messages = messages_of(conversation["messages"])
    query = Query(TARGET, len(messages), max_tokens, focus=QUESTION)
    text = anyio.run(reader_of(messages, counter()).read, query).text
    assert "Being straight with you: FrostEye have quoted Margaret £38 a logger." in text
    assert "What I can do: the warranty goes from two years to five" in text
    assert "\nwindow_cursor: " in text
