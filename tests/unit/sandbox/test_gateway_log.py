"""The long log: exactly as long as asked, one line of it worth finding."""

import pytest

from mcp_server.sandbox.gateway_log import gateway_log


@pytest.mark.parametrize("characters", [60, 1_000, 100_000])
def test_the_length_is_exact(characters: int) -> None:
    """In characters, which here are bytes."""
    log = gateway_log(characters)
    assert len(log) == len(log.encode()) == characters


def test_the_fault_is_in_it_once_and_lines_differ() -> None:
    """The conversation refers to that line."""
    lines = gateway_log(100_000).split("\n")
    (fault,) = (line for line in lines if "ERROR" in line)
    assert fault.startswith("02:15:00 ERROR radio: channel 11 jammed for 94 s")
    assert len(set(lines)) == len(lines)
