"""A budget is used: an answer that leaves messages out is not much smaller than it may be."""

import random

import anyio

from benchmarks.measured import TARGET
from benchmarks.vocabularies import channels, conversation, reader, texts
from mcp_server.conversation.models import Query
from mcp_server.transcript.budget import Vocabulary
from tests.support.conversations import counter


def test_a_budget_just_too_small_for_all_shows_almost_all() -> None:
    """Each message left out there adds a gap, so that an answer stays over its budget for several tries."""
    messages = conversation(texts()["Hebrew"], 120, random.Random(3))
    vocabulary = Vocabulary("o200k_base", counter())

    def tokens(budget: int) -> int:
        reading = anyio.run(reader(messages, vocabulary).read, Query(TARGET, len(messages), budget))
        return max(map(counter().count, channels(reading, structured=True)))

    whole = tokens(20_000)
    for budget in range(whole - 200, whole, 10):
        assert 0.97 * budget <= tokens(budget) <= budget
