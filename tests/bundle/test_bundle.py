"""The bundle, validated and packed by the official tool, and started as its host would start it.

Needs mcpb (npm) and uv on the PATH: `make test-all` brings both. uv fetches what requirements/claude.txt pins.
"""

import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from scripts import make_bundle
from tests.support.patience import PATIENCE_S

PRIYA = "https://www.linkedin.com/in/priya-raman-norbury"


def mcpb(*arguments: object) -> str:
    """What the official tool prints, when it is content."""
    done = subprocess.run(
        ["mcpb", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle's folder as a host has it after installing."""
    folder = tmp_path_factory.mktemp("bundle")
    make_bundle.lay_out(folder / "made")
    assert "validation passes" in mcpb("validate", folder / "made" / "manifest.json")
    mcpb("pack", folder / "made", folder / "conversation-mcp.mcpb")
    assert (folder / "conversation-mcp.mcpb").stat().st_size < 3_000_000
    with zipfile.ZipFile(folder / "conversation-mcp.mcpb") as bundle:
        bundle.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def command(unpacked: Path, tmp_path: Path) -> Iterator[StdioServerParameters]:
    """The manifest's command, its placeholders filled in with a folder and with a sandbox's settings."""
    configuration: dict[str, Any] = json.loads((unpacked / "manifest.json").read_text(encoding="utf-8"))
    config = configuration["server"]["mcp_config"]
    with Sandbox() as sandbox:
        filled = {name: str(field.get("default")) for name, field in configuration["user_config"].items()}
        filled |= {"api_base_url": sandbox.base_url, "api_key": SANDBOX_KEY, "account_id": SANDBOX_ACCOUNT}
        env = {
            name: filled[value[len("${user_config.") : -1]] if value.startswith("$") else value
            for name, value in config["env"].items()
        }
        yield StdioServerParameters(
            command=config["command"],
            args=[argument.replace("${__dirname}", str(unpacked)) for argument in config["args"]],
            env={**os.environ, **env},
            cwd=tmp_path,
        )


@pytest.mark.anyio
async def test_the_packed_bundle_is_a_server_that_reads(command: StdioServerParameters) -> None:
    """Two pages of a conversation, by a Python environment that uv made for it and nothing of this checkout."""
    async with Client(command, read_timeout_seconds=PATIENCE_S) as client:
        first = await client.call_tool("get_conversation", {"profile_url": PRIYA, "count": 5})
        assert first.structured_content is not None
        cursor = first.structured_content["next_cursor"]
        older = await client.call_tool("get_conversation", {"profile_url": PRIYA, "count": 5, "cursor": cursor})
        assert older.structured_content is not None
        assert older.structured_content["covered"] == 5
        assert older.structured_content["tokenizer"] == "claude"
        assert {prompt.name for prompt in (await client.list_prompts()).prompts} >= {"catch_up"}
