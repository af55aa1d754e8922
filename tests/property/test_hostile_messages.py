"""The small form of `tests/fuzz/hostile_messages.py`, which does the same for a hundred thousand messages."""

import pytest

from tests.fuzz.hostile_messages import examine


@pytest.mark.parametrize("speakers", ["names", "marks"])
def test_no_line_is_forged_and_no_character_forbidden_in_a_thousand_hostile_messages(speakers: str) -> None:
    """Read through the whole reader, compared with what was sent."""
    messages, lines, forged, forbidden = examine(1000, seed=7, speakers=speakers)
    assert messages == 1000
    assert lines > 2000
    assert (forged, forbidden) == ([], [])
