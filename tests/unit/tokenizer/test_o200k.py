"""The counter counts as tiktoken's own o200k_base does, from the ranks in the package."""

import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import FunctionType
from typing import Any

import pytest
import tiktoken
from hypothesis import given
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from mcp_server.errors import ConversationError
from mcp_server.tokenizer import O200kCounter
from mcp_server.tokenizer.encoding import WHOLE_CHARACTERS
from mcp_server.tokenizer.first_counts import FirstCounts
from mcp_server.tokenizer.o200k import (
    PATTERN,
    SPECIAL_TOKENS,
    packed_ranks,
    unpack_ranks,
)
from scripts.make_ranks import RANKS_SHA256
from tests.support.honest_text import HONEST
from tests.support.ranks import published_ranks

WORDS = ("I'LL", "it's", "'ve", " don't", "\n\n", "  ", "12345", "www.example.com/", "--", "ß", "e\u0301")

COUNTER = O200kCounter()
COUNTER.warm()
RANKS = unpack_ranks(packed_ranks())


def tiktokens_own() -> dict[str, Any]:
    """What tiktoken's o200k_base constructor makes when its download hands it the packaged ranks.

    The constructor's code runs on a copy of its globals, so nothing is fetched and nothing is patched. The URL and
    hash it asked for are added to what it returns.
    """
    asked: dict[str, str] = {}

    def ranks(url: str, *, expected_hash: str) -> dict[bytes, int]:
        asked.update(url=url, sha256=expected_hash)
        return unpack_ranks(packed_ranks())

    constructor = FunctionType(openai_public.o200k_base.__code__, {**vars(openai_public), "load_tiktoken_bpe": ranks})
    return {**constructor(), **asked}


OWN = tiktokens_own()
REFERENCE = tiktoken.Encoding(
    "reference", pat_str=OWN["pat_str"], mergeable_ranks=OWN["mergeable_ranks"], special_tokens=OWN["special_tokens"]
)


def test_pattern_specials_and_hash_are_those_of_tiktoken() -> None:
    """Everything that defines the encoding is what the installed tiktoken says it is."""
    assert OWN["pat_str"] == PATTERN
    assert OWN["special_tokens"] == SPECIAL_TOKENS
    assert OWN["sha256"] == RANKS_SHA256
    assert OWN["url"].endswith("/o200k_base.tiktoken")


def test_the_ranks_in_the_package_are_the_published_ones() -> None:
    """Written as OpenAI publishes them, they have the hash that tiktoken asks for."""
    assert hashlib.sha256(published_ranks()).hexdigest() == RANKS_SHA256


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi Jane, thanks for the intro! Can we talk at 3pm on Thursday?",
        "Grüße aus Zürich — kostet 1 234 567,89 €",
        "お世話になっております。資料をお送りします。",
        "नमस्ते, मिलकर अच्छा लगा",
        "مرحبا، كيف حالك؟",
        "👩‍👩‍👧‍👦🏳️‍🌈 🇨🇭",
        "https://example.com/a/b?c=d#e\n\n\t  x\r\n//\n",
        " " * 50_000,
        "a" * 50_000,
        "e" + "\u0301" * 20_000,
    ],
)
def test_counts_known_text_as_tiktoken_does(text: str) -> None:
    """Many scripts, whitespace and runs: the same number of tokens, the first text or not."""
    assert [O200kCounter().count(text), COUNTER.count(text)] == [len(REFERENCE.encode_ordinary(text))] * 2


@given(st.text(max_size=400))
def test_counts_any_text_as_tiktoken_does(text: str) -> None:
    """No text at all is counted differently."""
    assert COUNTER.count(text) == len(REFERENCE.encode_ordinary(text))


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from([*WORDS, *map(chr, range(0x3000))])).map("".join)))
def test_the_first_texts_are_counted_as_tiktoken_does(text: str) -> None:
    """Or not at all: without the encoder, what the two pattern engines may see differently is left to it."""
    assert FirstCounts(RANKS, PATTERN).count(text) in (None, len(REFERENCE.encode_ordinary(text)))


@pytest.mark.parametrize("text", HONEST)
def test_texts_as_people_write_them_are_counted_without_the_encoder(text: str) -> None:
    """In every script, with marks, joiners and emoji."""
    assert FirstCounts(RANKS, PATTERN).count(text) == len(REFERENCE.encode_ordinary(text))


@pytest.mark.parametrize(
    "text", ["a" * 65, "\u017f", "\u212a", "\x1c", "\x85", "\ud83d", "\ue000", "\u0378", "hi" * 10_001]
)
def test_what_may_be_counted_differently_or_slowly_is_left_to_the_encoder(text: str) -> None:
    """Long words, letters that become ASCII in the other case, control characters, unassigned ones, and much text."""
    assert FirstCounts(RANKS, PATTERN).count(text) is None


def test_the_encoder_is_built_once_there_is_much_to_count() -> None:
    """The first few texts do without it."""
    counter = O200kCounter()
    assert counter.count("hello") == 1
    assert counter._encode is None
    for _ in range(3):
        assert counter.count("Hello there. " * 1_000) == len(REFERENCE.encode_ordinary("Hello there. " * 1_000))
    assert counter._encode is not None


def test_special_tokens_are_plain_text() -> None:
    """A special token written in a message costs what its letters cost, and raises nothing."""
    assert COUNTER.count("<|endoftext|>") == 7
    assert COUNTER.count("<|endofprompt|>") > 1


def test_a_lone_surrogate_is_counted() -> None:
    """Broken text has a count too; repairing it is not the counter's business."""
    assert COUNTER.count("a\ud800b") > 0


@pytest.mark.parametrize("unit", [" ", "\u3000", "a", "\n", "!", " \n", "\u0301"])
def test_a_run_of_millions_is_counted(unit: str) -> None:
    """Text on which tiktoken itself gives up is counted in pieces."""
    text = unit * (1_200_000 // len(unit))
    assert len(text) / 130 < COUNTER.count(text) <= len(text)


def test_long_text_is_counted_to_within_two_tokens_a_piece() -> None:
    """Pieces cost next to nothing in exactness."""
    text = "Could you send me the revised offer by Friday, please? " * 9_000
    pieces = -(-len(text) // WHOLE_CHARACTERS)
    assert 0 <= COUNTER.count(text) - len(REFERENCE.encode_ordinary(text)) <= 2 * (pieces - 1)


def test_the_encoder_is_built_once_for_all_threads() -> None:
    """Threads that need it at the same moment share one build and get one answer."""
    counter = O200kCounter()
    start = Barrier(8)

    def first_count(_: int) -> tuple[int, int]:
        start.wait()
        return counter.count("shared between threads"), id(counter._ready())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(first_count, range(8)))) == 1


def test_warm_builds_what_count_uses() -> None:
    """After warm() a count builds nothing more."""
    counter = O200kCounter()
    counter.warm()
    built = counter._encode
    counter.count("x")
    assert built is not None
    assert counter._encode is built


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"nothing packed",
        zlib.compress(b"h\xffi\xff\xffhi"),
        packed_ranks()[:-1],
        packed_ranks()[:1000] + b"\0" + packed_ranks()[1001:],
    ],
)
def test_damaged_ranks_are_refused(damaged: bytes) -> None:
    """Any other bytes than the published ranks are an error that says what to do."""
    with pytest.raises(ConversationError, match="damaged") as refusal:
        unpack_ranks(damaged)
    assert refusal.value.advice == "Install conversation-mcp again."
