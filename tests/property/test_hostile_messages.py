"""The small form of `tests/fuzz/hostile_messages.py`, which does the same for a hundred thousand messages."""

from tests.fuzz.hostile_messages import examine


def test_no_line_is_forged_and_no_character_forbidden_in_a_thousand_hostile_messages() -> None:
    """Read through the whole reader, compared with what was sent."""
    messages, lines, forged, forbidden = examine(1000, seed=7)
    assert messages == 1000
    assert lines > 2000
    assert (forged, forbidden) == ([], [])
