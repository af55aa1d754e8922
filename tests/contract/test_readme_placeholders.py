"""Examples that were not filled in are not taken for settings."""

import json
import re
from pathlib import Path

import pytest

from mcp_server.setting_values import MappingReader

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
GIVEN = re.compile(
    r"(CONVERSATION_(?:API_KEY|ACCOUNT_ID|SELF_PROFILE_URL))(?:\\?\"?: |=)(\"(?:[^\"\\]|\\.)*\"|[^\s`,|]+)"
)


def examples() -> list[tuple[str, str]]:
    """Every value that a page gives to one of these settings."""
    found = [each for file in DOCUMENTS for each in GIVEN.findall(file.read_text(encoding="utf-8"))]
    return [(name, json.loads(value) if value.startswith('"') else value) for name, value in found]


def test_the_pages_have_examples() -> None:
    """Otherwise the next test would show nothing."""
    assert {"CONVERSATION_API_KEY", "CONVERSATION_ACCOUNT_ID"} <= {name for name, _ in examples()}


@pytest.mark.parametrize(("name", "value"), examples())
def test_an_example_counts_as_not_set(name: str, value: str) -> None:
    """A configuration that was pasted unchanged leads to the name of the setting, not to an error of the API."""
    assert MappingReader({name: value}).optional(name, str, "not set") == "not set"
