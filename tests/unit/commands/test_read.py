"""The line that `read` prints after an answer: messages, tokens, and the price, with and without memory."""

from dataclasses import replace

import pytest

from mcp_server.commands.read import _figures
from mcp_server.conversation.models import Reading
from tests.support.serving import READING


@pytest.mark.parametrize(
    ("readings", "line"),
    [
        ([READING], "1 message, 25 o200k_base tokens, 1 credit, 0.5 s."),
        ([READING, READING], "2 messages, 50 o200k_base tokens, 2 credits, 0.5 s."),
        (
            [READING, replace(READING, credits=0, credits_saved=4)],
            "2 messages, 50 o200k_base tokens, 1 credit (about 4 more without memory), 0.5 s.",
        ),
        (
            [
                replace(
                    READING, structured={name: each for name, each in READING.structured.items() if name != "credits"}
                )
            ],
            "1 message, 25 o200k_base tokens, credits unknown, 0.5 s.",
        ),
    ],
)
def test_the_price_is_printed_with_what_memory_has_saved(readings: list[Reading], line: str) -> None:
    """An API that reports no price has an unknown one."""
    assert _figures(readings, 0.5) == line
