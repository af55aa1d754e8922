"""docs/tool.md speaks of everything there is, and of nothing else."""

import re
from pathlib import Path

from mcp_server import errors
from mcp_server.errors import ConversationError
from mcp_server.protocol import get_conversation
from mcp_server.protocol.arguments import Arguments
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import load_templates

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "tool.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """The names in the first column of the table under a heading."""
    section = TEXT.split(f" {heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_every_argument_is_documented() -> None:
    """In the order of the schema."""
    assert first_cells("`get_conversation`") == list(Arguments.model_fields)


def test_every_key_of_an_answer_is_documented() -> None:
    """In the order in which it comes, with the rare ones that the schema does not name."""
    documented = first_cells("The answer")
    named = [name for name in documented if name not in get_conversation.RARE_KEYS]
    assert named == list(get_conversation.output_schema()["properties"])
    assert set(get_conversation.RARE_KEYS) <= set(documented)


def test_every_error_code_is_documented() -> None:
    """Every code can be looked up."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ConversationError)]
    assert set(first_cells("Errors")) == {kind.code for kind in kinds}


def test_every_prompt_is_documented_with_its_arguments() -> None:
    """The arguments that all prompts share are listed above the table."""
    templates = load_templates(prompt_files())
    assert first_cells("Prompts") == list(templates)
    for template in templates.values():
        (row,) = (line for line in TEXT.splitlines() if line.startswith(f"| `{template.name}`"))
        shared = {"target", "since", "count", "max_tokens", "language"}
        own = [argument.name for argument in template.arguments if argument.name not in shared]
        assert re.findall(r"`(\w+)`", row.split("|")[3]) == own
