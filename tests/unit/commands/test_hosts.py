"""Where hosts keep their servers, and what is put there."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from mcp_server.commands.hosts import HOSTS, SANDBOX_NAME, addition, configuration_file

VARIABLES = {"CONVERSATION_API_KEY": "canary-key", "CONVERSATION_ACCOUNT_ID": "acct"}
HOME = {"HOME": "/home/nora", "USERPROFILE": r"C:\Users\nora"}


@pytest.mark.parametrize(
    ("host", "platform", "path"),
    [
        ("claude-desktop", "darwin", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", "win32", r"AppData\Roaming\Claude\claude_desktop_config.json"),
        ("claude-desktop", "linux", ".config/Claude/claude_desktop_config.json"),
        ("claude-code", "linux", ".claude.json"),
        ("cursor", "win32", r".cursor\mcp.json"),
        ("vscode", "darwin", "Library/Application Support/Code/User/mcp.json"),
        ("vscode", "win32", r"AppData\Roaming\Code\User\mcp.json"),
        ("vscode", "linux", ".config/Code/User/mcp.json"),
    ],
)
def test_each_host_has_its_file_on_each_system(host: str, platform: str, path: str) -> None:
    """The places that the hosts' documentation names, by that system's own rules for paths."""
    home = PureWindowsPath(HOME["USERPROFILE"]) if platform == "win32" else PurePosixPath(HOME["HOME"])
    assert configuration_file(host, platform, HOME) == home / path


@pytest.mark.parametrize(
    ("host", "platform", "variable", "folder", "path"),
    [
        ("claude-desktop", "win32", "APPDATA", r"D:\moved", r"D:\moved\Claude\claude_desktop_config.json"),
        ("claude-desktop", "win32", "APPDATA", r"\\server\share", r"\\server\share\Claude\claude_desktop_config.json"),
        ("claude-desktop", "linux", "XDG_CONFIG_HOME", "/moved", "/moved/Claude/claude_desktop_config.json"),
        ("claude-code", "darwin", "CLAUDE_CONFIG_DIR", "/moved", "/moved/.claude.json"),
    ],
)
def test_a_folder_moved_elsewhere_is_found(host: str, platform: str, variable: str, folder: str, path: str) -> None:
    """The variables by which people and systems move these folders."""
    assert str(configuration_file(host, platform, {**HOME, variable: folder})) == path


@pytest.mark.parametrize(
    ("host", "platform", "variable", "folder"),
    [
        ("vscode", "linux", "XDG_CONFIG_HOME", "config"),
        ("vscode", "linux", "XDG_CONFIG_HOME", "~/config"),
        ("vscode", "linux", "XDG_CONFIG_HOME", r"C:\config"),
        ("claude-code", "linux", "CLAUDE_CONFIG_DIR", "."),
        ("vscode", "win32", "APPDATA", "config"),
        ("vscode", "win32", "APPDATA", r"\config"),
        ("vscode", "win32", "APPDATA", "C:config"),
        ("vscode", "win32", "APPDATA", "/home/nora/config"),
    ],
)
def test_a_variable_without_an_absolute_path_is_ignored(host: str, platform: str, variable: str, folder: str) -> None:
    """Otherwise the file would be wherever the command happened to be run."""
    assert configuration_file(host, platform, {**HOME, variable: folder}) == configuration_file(host, platform, HOME)


@pytest.mark.parametrize(
    ("variables", "packages"),
    [
        ({}, r"C:\Users\nora\AppData\Local\Packages"),
        ({"LOCALAPPDATA": r"D:\local"}, r"D:\local\Packages"),
    ],
)
def test_claude_desktop_as_a_package_of_windows_has_its_file_there(variables: dict[str, str], packages: str) -> None:
    """Since February 2026 its installer makes one, and it never reads the usual file."""
    folders = {packages: ["Other_1", "Claude_pzs8sxrjxfjjc"]}
    found = configuration_file(
        "claude-desktop", "win32", HOME | variables, list_folders=lambda folder: folders.get(str(folder), [])
    )
    cache = PureWindowsPath(packages) / "Claude_pzs8sxrjxfjjc" / "LocalCache"
    assert found == cache / "Roaming" / "Claude" / "claude_desktop_config.json"


@pytest.mark.parametrize(
    ("host", "platform"), [("claude-desktop", "linux"), ("claude-desktop", "darwin"), ("cursor", "win32")]
)
def test_folders_of_packages_matter_to_claude_desktop_on_windows_alone(host: str, platform: str) -> None:
    """Elsewhere there are none."""
    found = configuration_file(host, platform, HOME, list_folders=lambda _: ["Claude_pzs8sxrjxfjjc"])
    assert found == configuration_file(host, platform, HOME)


def test_a_home_that_is_not_set_is_the_users() -> None:
    """An empty one is none."""
    unset = configuration_file("cursor", "linux", {})
    assert unset.is_absolute()
    assert configuration_file("cursor", "linux", {"HOME": ""}) == unset


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


def test_the_sandbox_has_an_entry_of_its_own_name() -> None:
    """It does not replace the real one."""
    added = addition("cursor", ["/bin/it", "--sandbox"], {}, server=SANDBOX_NAME)
    assert list(added["mcpServers"]) == ["linkedin-conversations-sandbox"]
