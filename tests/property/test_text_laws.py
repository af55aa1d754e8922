"""Laws of the cleaner: what holds for any text, hostile or honest."""

import unicodedata
from itertools import pairwise

import emoji
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.conversation.cleaning import NAME_GRAPHEMES, Cleaned, clean, clean_counted, clean_name
from tests.support.honest_text import HONEST
from tests.support.hostile_text import ALWAYS_DROPPED, FRAGMENTS, SUBDIVISION_FLAGS, faults

any_character = st.characters(codec=None)
hostile_texts = st.lists(st.sampled_from(FRAGMENTS) | any_character, max_size=40).map("".join)
dense_texts = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)
invisibles = st.sampled_from(sorted(ALWAYS_DROPPED)).map(chr) | st.sampled_from("\0\x01\x07\x08\x1f\x7f")
EMOJI = sorted(emoji.EMOJI_DATA)


@given(hostile_texts | dense_texts)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """The second time finds nothing to change, and counts nothing."""
    once = clean(text)
    assert clean_counted(once) == Cleaned(once, 0)


@given(hostile_texts | dense_texts)
def test_no_forbidden_character_survives(text: str) -> None:
    """An independent reading of the specification finds no fault, and the text encodes."""
    cleaned = clean(text)
    assert faults(cleaned) == []
    assert cleaned.encode().decode() == cleaned


@given(hostile_texts | dense_texts)
def test_cleaning_adds_one_character_at_most_for_each_picture(text: str) -> None:
    """Text grows by the spaces that disarm pictures and by nothing else, so cleaning cannot be made to swell."""
    cleaned = clean_counted(text)
    assert len(cleaned.text) <= len(text) + cleaned.text.count("! [") + cleaned.text.lower().count("< ")
    assert 0 <= cleaned.removed <= len(text)


@given(hostile_texts | dense_texts | st.lists(st.sampled_from(FRAGMENTS), min_size=60, max_size=300).map("".join))
def test_a_name_is_one_clean_line_of_bounded_length(text: str) -> None:
    """Names obey everything that text does, on one line, in 80 graphemes, and cleaning one again changes nothing."""
    name = clean_name(text)
    assert faults(name) == []
    assert "\n" not in name
    assert "\t" not in name
    assert len(regex.findall(r"\X", name)) <= NAME_GRAPHEMES
    assert clean_name(name) == name


_WITHOUT_SUBDIVISION_FLAGS = [text for text in HONEST if not any(flag in text for flag in SUBDIVISION_FLAGS)]
"""A hidden character within such a flag breaks it: what is left is a black flag."""


@given(st.sampled_from(_WITHOUT_SUBDIVISION_FLAGS), st.data())
def test_invisible_characters_leave_no_trace_and_are_counted(honest: str, data: st.DataObject) -> None:
    """Hidden anywhere in honest text, all of them go, the text comes back, and the count is exact."""
    places = data.draw(st.lists(st.integers(0, len(honest)), max_size=8).map(sorted))
    cuts = [0, *places, len(honest)]
    pieces = [honest[start:end] for start, end in pairwise(cuts)]
    hidden = [data.draw(invisibles) for _ in places]
    spoilt = "".join(piece + invisible for piece, invisible in zip(pieces, [*hidden, ""], strict=True))
    assert clean_counted(spoilt) == Cleaned(honest, len(hidden))


@pytest.mark.parametrize("honest", HONEST)
def test_honest_text_comes_out_unchanged(honest: str) -> None:
    """What people really write loses nothing."""
    assert clean_counted(honest) == Cleaned(honest, 0)


def test_honest_samples_span_the_scripts_of_the_world() -> None:
    """At least a hundred samples, in at least forty scripts: the first word of a letter's name tells its script."""
    letters = {character for text in HONEST for character in text if unicodedata.category(character) == "Lo"}
    assert len(set(HONEST)) >= 100
    assert len({unicodedata.name(letter, "?").split()[0] for letter in letters}) >= 40


@pytest.mark.parametrize("around", ["{}", "{0}{0}", "so {} nice", "你{}好", "a\u0301{}\n{}!"])
def test_every_emoji_sequence_of_unicode_is_left_alone(around: str) -> None:
    """All of emoji-test.txt: fully, minimally and not qualified ones, and the parts they are made of."""
    assert len(EMOJI) > 5000
    assert [name for name in EMOJI if clean(around.format(name, name)) != around.format(name, name)] == []
