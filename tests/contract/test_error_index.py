"""docs/errors.md has every code, with a cause and a fix."""

import re
from pathlib import Path

from mcp_server import errors
from mcp_server.errors import ConversationError

ROOT = Path(__file__).resolve().parents[2]
INDEX = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^## (.+)\n\n((?:.+\n)+)", INDEX, flags=re.M)
LISTED = [code for heading, _ in ENTRIES for code in re.findall(r"`(\w+)`", heading)]


def codes() -> set[str]:
    """The codes of the exception tree."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ConversationError)]
    return {kind.code for kind in kinds}


def codes_of_commands() -> set[str]:
    """The codes that commands print themselves, as found in their source."""
    sources = (ROOT / "mcp_server" / "commands").glob("*.py")
    return {code for file in sources for code in re.findall(r'note\(f?"(\w+): ', file.read_text(encoding="utf-8"))}


def test_every_code_is_listed_once_and_nothing_else() -> None:
    """Every code is listed, and no code that no longer exists."""
    assert sorted(LISTED) == sorted(codes() | codes_of_commands())


def test_every_entry_has_cause_and_fix() -> None:
    """In that order, each at the start of a line, for the eye."""
    for heading, body in ENTRIES:
        assert re.match(r"\*\*Cause\*\* .+\n(?:.+\n)*?\*\*Fix\*\* ", body), heading
