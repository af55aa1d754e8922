"""Finds the prompt templates: inside an installed package, or at the top of a checkout."""

import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path


def prompt_files() -> list[tuple[str, str]]:
    """(name, text) of every template, sorted by name: `prompts/catch_up.md` is `catch_up`.

    Raises FileNotFoundError when the folder is missing, which means a broken installation.
    """
    templates = [entry for entry in _folder().iterdir() if entry.name.endswith(".md")]
    return sorted((entry.name.removesuffix(".md"), entry.read_text(encoding="utf-8")) for entry in templates)


def _folder() -> Traversable:
    """The folder of templates. A wheel contains `prompts/` as `mcp_server/_prompts`."""
    packaged = importlib.resources.files("mcp_server").joinpath("_prompts")
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "prompts"
