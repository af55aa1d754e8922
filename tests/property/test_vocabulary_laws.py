"""The laws of counting, in the vocabularies that are counted in every Python. For Claude's, see tests/claude."""

import pytest

from mcp_server.setting_values import TOKENIZERS
from mcp_server.tokenizer import Vocabularies
from tests.support.vocabulary_laws import answers, channels, misses

COUNTED = [name for name in TOKENIZERS if not name.startswith("claude")]
VOCABULARIES = Vocabularies()


@pytest.mark.parametrize("name", [name for name in COUNTED if name != "gemini"])
def test_pieces_add_up_to_the_whole(name: str) -> None:
    """Over 20,000 lines in all scripts, as text exactly, and never less in JSON.

    There, names in scripts without capitals may join the letter of the escaped newline before them.
    """
    counter = VOCABULARIES.of(name).counter
    found = misses(counter, counter.count, counter.count)
    assert [text for text, _ in found if text] == []
    assert min((in_json for _, in_json in found), default=0) >= 0


def test_geminis_pieces_are_never_less_than_the_whole() -> None:
    """It joins some texts to the `>` before them, and the letter of an escaped newline to letters after it."""
    counter = VOCABULARIES.of("gemini").counter
    found = misses(counter, counter.count, counter.count)
    assert min(min(miss) for miss in found) >= 0
    assert max(max(miss) for miss in found) <= 8
    assert sum(text for text, _ in found) <= 30


@pytest.mark.parametrize("name", COUNTED)
def test_no_answer_is_over_its_budget(name: str) -> None:
    """In either channel, counted as a whole; and the text has as many tokens as the answer says."""
    vocabulary = VOCABULARIES.of(name)
    for query, reading in answers(vocabulary, 40):
        text, structured = map(vocabulary.counter.count, channels(reading))
        assert max(text, structured) <= query.max_tokens
        assert reading.tokens - 2 <= text <= reading.tokens
