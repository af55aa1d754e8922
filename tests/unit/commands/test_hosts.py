"""Where hosts keep their servers, and what is put there."""

from pathlib import Path

import pytest

from mcp_server.commands.hosts import HOSTS, addition, configuration_file, merged

VARIABLES = {"CONVERSATION_API_KEY": "canary-key", "CONVERSATION_ACCOUNT_ID": "acct"}
HOME = {"HOME": "/home/nora", "USERPROFILE": "/home/nora"}


@pytest.mark.parametrize(
    ("host", "platform", "path"),
    [
        ("claude-desktop", "darwin", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", "win32", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("claude-desktop", "linux", ".config/Claude/claude_desktop_config.json"),
        ("claude-code", "linux", ".claude.json"),
        ("cursor", "win32", ".cursor/mcp.json"),
        ("vscode", "darwin", "Library/Application Support/Code/User/mcp.json"),
        ("vscode", "win32", "AppData/Roaming/Code/User/mcp.json"),
        ("vscode", "linux", ".config/Code/User/mcp.json"),
    ],
)
def test_each_host_has_its_file_on_each_system(host: str, platform: str, path: str) -> None:
    """The places that the hosts' documentation names."""
    assert configuration_file(host, platform, HOME) == Path("/home/nora") / path


@pytest.mark.parametrize(
    ("host", "platform", "variable", "path"),
    [
        ("claude-desktop", "win32", "APPDATA", "Claude/claude_desktop_config.json"),
        ("claude-desktop", "linux", "XDG_CONFIG_HOME", "Claude/claude_desktop_config.json"),
        ("claude-code", "darwin", "CLAUDE_CONFIG_DIR", ".claude.json"),
    ],
)
def test_a_folder_moved_elsewhere_is_found(host: str, platform: str, variable: str, path: str) -> None:
    """The variables by which people and systems move these folders."""
    assert configuration_file(host, platform, {**HOME, variable: "/moved"}) == Path("/moved") / path


def test_a_host_that_there_is_not_has_no_file() -> None:
    """A name from elsewhere is a mistake of the program's."""
    with pytest.raises(ValueError, match="emacs is none of claude-desktop"):
        configuration_file("emacs", "linux", HOME)


@pytest.mark.parametrize("host", sorted(set(HOSTS) - {"vscode"}))
def test_the_entry_starts_the_server_with_its_settings(host: str) -> None:
    """Command, arguments and environment, under the host's name for the list."""
    added = addition(host, ["/bin/it", "--flag"], VARIABLES)
    entry = added["mcpServers"]["linkedin-conversations"]
    assert (entry["command"], entry["args"], entry["env"]) == ("/bin/it", ["--flag"], VARIABLES)


def test_without_settings_there_is_no_environment() -> None:
    """The sandbox needs none."""
    assert "env" not in addition("cursor", ["/bin/it"], {})["mcpServers"]["linkedin-conversations"]


def test_a_host_that_keeps_secrets_gets_none_in_its_file() -> None:
    """VS Code asks for the key itself; the file says only that it is to ask."""
    added = addition("vscode", ["/bin/it"], VARIABLES)
    assert "canary-key" not in str(added)
    assert added["inputs"][0]["password"] is True
    reference = f"${{input:{added['inputs'][0]['id']}}}"
    assert added["servers"]["linkedin-conversations"]["env"]["CONVERSATION_API_KEY"] == reference


def test_what_was_there_stays_and_keeps_its_order() -> None:
    """Other servers, other inputs, other settings; only ours of before are replaced."""
    existing = {
        "theme": "dark",
        "inputs": [{"id": "other"}, {"id": "conversation-mcp-key", "old": True}],
        "servers": {"one": {"command": "a"}, "linkedin-conversations": {"command": "old"}, "two": {}},
        "last": None,
    }
    result = merged(existing, addition("vscode", ["/bin/it"], VARIABLES))
    assert list(result) == list(existing)
    assert list(result["servers"]) == ["one", "linkedin-conversations", "two"]
    assert result["servers"]["linkedin-conversations"]["command"] == "/bin/it"
    assert [item["id"] for item in result["inputs"]] == ["other", "conversation-mcp-key"]
    assert "old" not in result["inputs"][1]


@pytest.mark.parametrize(("existing", "said"), [({"servers": []}, "an object"), ({"inputs": "x"}, "a list")])
def test_a_shape_that_does_not_fit_is_left_alone(existing: dict[str, object], said: str) -> None:
    """Merging into it would throw something away."""
    with pytest.raises(ValueError, match=f"is not {said}"):
        merged(existing, addition("vscode", ["/bin/it"], VARIABLES))
