"""manifest.json says to hosts that install bundles what the server really is."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from mcp_server.protocol import get_conversation, list_conversations
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.settings import REQUIRED, Settings
from scripts import make_bundle

MANIFEST: dict[str, Any] = json.loads(make_bundle.MANIFEST.read_text(encoding="utf-8"))
ENV: dict[str, str] = MANIFEST["server"]["mcp_config"]["env"]
CLAUDE = {"CONVERSATION_TOKENIZER": "claude"}
"""What nobody is asked for: the hosts that install bundles run Claude."""


def test_it_is_what_the_server_says_of_itself() -> None:
    """Made by `make bundle` out of tool, prompts, settings and project; a change there shows here."""
    assert make_bundle.manifest() == MANIFEST
    assert [entry["name"] for entry in MANIFEST["tools"]] == [get_conversation.NAME, list_conversations.NAME]
    assert [entry["name"] for entry in MANIFEST["prompts"]] == [name for name, _ in prompt_files()]


def test_only_the_key_is_sensitive() -> None:
    """Hosts keep what is sensitive in the system's keychain, and hide it while it is typed."""
    assert [name for name, field in MANIFEST["user_config"].items() if field.get("sensitive")] == ["api_key"]


def test_nothing_is_required_as_an_archive_is_picked_in_place_of_the_api() -> None:
    """With a file picker."""
    assert not any(field["required"] for field in MANIFEST["user_config"].values())
    assert MANIFEST["user_config"]["archive"]["type"] == "file"


@pytest.mark.parametrize("left", ["defaults", "placeholders"])
def test_what_nobody_filled_in_counts_as_not_set(left: str) -> None:
    """A host puts the defaults in, or leaves `${user_config...}` standing: both give the server's own defaults."""
    required = dict(zip(REQUIRED, ("https://api.example.com", "key", "account"), strict=True))
    fields = {f"${{user_config.{name}}}": field for name, field in MANIFEST["user_config"].items()}
    asked = {name: value for name, value in ENV.items() if name not in CLAUDE}
    filled = {name: str(fields[value].get("default")) if left == "defaults" else value for name, value in asked.items()}
    assert Settings.from_mapping(filled | required | CLAUDE) == Settings.from_mapping(required | CLAUDE)


def test_the_icon_is_a_png_of_the_size_that_hosts_show_best() -> None:
    """Its header says so, and drawing it again gives the same."""
    data = make_bundle.ICON.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (512, 512)
    assert make_bundle.icon(9)[:8] == data[:8]


def test_the_folder_holds_the_server_its_pins_and_no_more(tmp_path: Path) -> None:
    """What is laid out is what the manifest's command needs, and what a licence wants."""
    folder = tmp_path / "bundle"
    make_bundle.lay_out(folder)
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "pyproject.toml", "README.md", "LICENSE", "icon.png", "serve.py", "requirements.txt",
        "mcp_server", "prompts",
    }  # fmt: skip
    assert CLAUDE.items() <= ENV.items()
    assert "ctok==" in (folder / "requirements.txt").read_text(encoding="utf-8")
    assert "--hash=sha256:" in (folder / "requirements.txt").read_text(encoding="utf-8")
    assert not list(folder.rglob("*.pyc"))
