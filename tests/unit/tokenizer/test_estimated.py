"""Claude's tokens where they cannot be counted: safe factors by script."""

import math

import pytest

from mcp_server.tokenizer import O200kCounter
from mcp_server.tokenizer.estimated import EstimatedCounter

O200K = O200kCounter()


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("Hello, how are you?", 2.25),
        ("Grüße aus Zürich, 9:30!", 2.25),
        ("9:30 👍🏽 — … 100 %", 2.25),
        ("Добрый день, 9:30", 1.85),
        ("Καλημέρα σας", 1.90),
        ("שלום, مرحبا", 2.50),
        ("नमस्ते, १० बजे", 2.75),
        ("您好，明天9:30可以吗？ありがとう", 1.50),
        ("안녕하세요", 1.85),
        ("สวัสดีครับ", 2.05),
        ("ನಮಸ್ಕಾರ", 5.0),
        ("您好, see you", 2.25),
        ("您好, ನಮಸ್ಕಾರ", 5.0),
    ],
)
def test_the_factor_is_the_highest_of_the_scripts_in_a_text(text: str, factor: float) -> None:
    """Rounded up, for a text and for a piece in either channel."""
    counter = EstimatedCounter("claude", O200K)
    expected = math.ceil(O200K.count(text) * factor)
    assert [counter.count(text), counter.count_piece(text), counter.count_json_piece(text)] == [expected] * 3


def test_claude_4_6_takes_fewer_tokens_for_latin_letters() -> None:
    """The two vocabularies differ there alone."""
    newer, older = EstimatedCounter("claude", O200K), EstimatedCounter("claude-4.6", O200K)
    assert newer.count("Hello, how are you?") == 14
    assert older.count("Hello, how are you?") == 12
    assert newer.count("Добрый день") == older.count("Добрый день")
