"""The prompt templates are found."""

from pathlib import Path

from mcp_server.protocol.prompt_files import prompt_files

PROMPTS = Path(__file__).resolve().parents[3] / "prompts"


def test_every_template_is_given_by_name() -> None:
    """Every file in prompts/ is served, sorted, under its name without the suffix."""
    files = prompt_files()
    assert [f"{name}.md" for name, _ in files] == sorted(path.name for path in PROMPTS.glob("*.md"))
    assert all(text.strip() for _, text in files)
    assert files
