"""The table of eras and quirks in docs/archive.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_quirk_names_tests_that_exist() -> None:
    """A test that is renamed is renamed there."""
    table = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
    named = re.findall(r"`(test_\w+)`", table)
    sources = [*(ROOT / "tests/unit/archive").glob("*.py"), ROOT / "tests/property/test_archive_laws.py"]
    there = set(re.findall(r"def (test_\w+)\(", "\n".join(path.read_text(encoding="utf-8") for path in sources)))
    assert len(named) > 40
    assert set(named) <= there
    rows = table.partition("## Eras")[2].partition("## Speed")[0].splitlines()
    assert all("`test_" in row for row in rows if row.startswith("| ") and not row.startswith("| what exports"))
