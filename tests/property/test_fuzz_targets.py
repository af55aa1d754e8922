"""Every fuzz target, for a short while: the laws it names are those of the code as it is now."""

import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("target", ["archive", "cursor", "inbox", "links", "parser", "text", "wire"])
def test_a_fuzz_target_finds_nothing(target: str) -> None:
    """As `python -m tests.fuzz` does, with few examples."""
    check = importlib.import_module(f"tests.fuzz.{target}").check

    @settings(max_examples=200)
    @given(st.binary(max_size=300))
    def examples(data: bytes) -> None:
        check(data)

    examples()
