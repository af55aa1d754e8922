"""Claude's counts. They need ctok, which asks for Python 3.12, so `make test-all` runs them in one of that version."""

import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from ctok import token_count

from mcp_server.tokenizer import Vocabularies
from mcp_server.tokenizer.claude import VERSIONS
from mcp_server.tokenizer.estimated import EstimatedCounter
from mcp_server.tokenizer.extras import installed
from mcp_server.tokenizer.o200k import O200kCounter
from tests.support.mixed_lines import mixed_texts
from tests.support.vocabulary_laws import IDEOGRAPHS, answers, channels, misses

CONTRACT = Path(__file__).resolve().parents[1] / "contract"
RECORDED = json.loads((CONTRACT / "token_counts.json").read_text(encoding="utf-8"))["declarations"]
DECLARATIONS: dict[str, str] = json.loads(lzma.decompress((CONTRACT / "declarations.json.xz").read_bytes()))
FRAMES = {"claude": 6, "claude-4.6": 7}
"""Tokens that the API counts around a message."""
NO_WORD = ("cmn_hans", "jpn")
"""These begin with an ideograph. In Claude 3 to 4.6 the frame ends with the beginning of a word, apart in this case."""

NAMES = list(VERSIONS)
VOCABULARIES = Vocabularies()
O200K = O200kCounter()


def between(before: str, after: str, name: str) -> Callable[[str], int]:
    """Counts text in a message, between other text, with ctok itself."""
    around = token_count(before + after, VERSIONS[name])
    return lambda text: token_count(before + text + after, VERSIONS[name]) - around


@pytest.mark.parametrize("name", NAMES)
def test_the_extra_counts_and_plans_with_o200k(name: str) -> None:
    """These tests mean nothing without it."""
    vocabulary = VOCABULARIES.of(name)
    assert installed(name)
    assert not vocabulary.estimated
    assert isinstance(vocabulary.planner, O200kCounter)


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_those_recorded_from_anthropics_api(name: str) -> None:
    """The declaration of human rights in eight scripts; see the source in token_counts.json."""
    counted = {language: VOCABULARIES.of(name).counter.count(text) for language, text in DECLARATIONS.items()}
    frames = {language: FRAMES[name] + (name == "claude-4.6" and language in NO_WORD) for language in counted}
    assert counted == {language: count - frames[language] for language, count in RECORDED[name].items()}


@pytest.mark.parametrize(
    ("name", "text", "tokens"),
    [("claude-4.6", "Hello, world", 10 - 7), ("claude-4.6", "hel", 2), ("claude-4.6", "hell", 1)],
)
def test_counts_are_those_that_others_published(name: str, text: str, tokens: int) -> None:
    """Of claude-token-count (with a frame of 7) and of ctoc, two packages that ask the API."""
    assert VOCABULARIES.of(name).counter.count(text) == tokens


@pytest.mark.parametrize("name", NAMES)
def test_pieces_add_up_to_the_whole(name: str) -> None:
    """Over 20,000 lines in all scripts, as text and in JSON: exactly."""
    whole, whole_in_json = between("a\n", "a", name), between("a\\n", "0", name)
    assert misses(VOCABULARIES.of(name).counter, whole, whole_in_json, without=IDEOGRAPHS) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_ideographs_is_never_counted_short(name: str) -> None:
    """Before a text that begins with a digit it is counted a token too many."""
    found = misses(VOCABULARIES.of(name).counter, between("a\n", "a", name), between("a\\n", "0", name))
    assert set(found) == {(1, 1), (2, 2)}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["A line\n", "More: 3 older. next_cursor: AQx9-_", '{"transcript":"Head\\n', "x"])
def test_a_text_that_is_no_piece_is_counted_at_the_end_of_a_message(name: str, text: str) -> None:
    """Or before a line, when it ends in a newline."""
    counter = VOCABULARIES.of(name).counter
    lines = "> Jane Doe\n"
    after = "a" if text.endswith("\n") else ""
    whole = token_count(lines + text + after, VERSIONS[name]) - token_count(lines + "a", VERSIONS[name])
    assert counter.count(text) == whole + (not after)
    assert counter.count("") == 0


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_is_over_its_budget(name: str) -> None:
    """In either channel, counted as a whole; and almost all of the budget is used where messages were left out."""
    vocabulary = VOCABULARIES.of(name)
    used = []
    for query, reading in answers(vocabulary, 60):
        text, structured = map(vocabulary.counter.count, channels(reading))
        assert max(text, structured) <= query.max_tokens
        assert text == reading.tokens
        assert reading.structured["tokenizer"] == name
        if reading.structured["omitted"] and query.max_tokens >= 1000:
            used.append(max(text, structured) / query.max_tokens)
    assert sum(used) / len(used) >= 0.97


@pytest.mark.parametrize("name", NAMES)
def test_estimates_are_not_under_the_counts(name: str) -> None:
    """For no declaration, and for no thousand tokens of mixed lines."""
    counter, estimate = VOCABULARIES.of(name).counter, EstimatedCounter(name, O200K)
    texts = list(mixed_texts(3_000, seed=2))
    stretches = ["\n".join(texts[at : at + 30]) for at in range(0, len(texts), 30)]
    for text in [*DECLARATIONS.values(), *stretches]:
        assert estimate.count(text) >= counter.count(text)
