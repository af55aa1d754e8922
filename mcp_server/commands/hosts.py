"""Clients that start MCP servers: where each keeps its list of servers, and the form of an entry there.

Nothing here touches a file. Paths follow the rules of `platform` (a value of `sys.platform`), for the user whose
environment `environ` is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

SERVER_NAME = "linkedin-conversations"
SANDBOX_NAME = "linkedin-conversations-sandbox"
KEY = "CONVERSATION_API_KEY"
PROXY = "CONVERSATION_PROXY"
_KEY_INPUT = "conversation-mcp-key"


@dataclass(frozen=True, slots=True)
class Host:
    """`servers` is the key of the list. `typed` entries state their transport. `asks`: the client itself prompts for
    secrets and stores them safely. `tokenizer` is the vocabulary of its models; None if it runs several makers'.
    """

    title: str
    servers: str = "mcpServers"
    typed: bool = False
    asks: bool = False
    tokenizer: str | None = None


HOSTS = {
    "claude-desktop": Host("Claude Desktop", tokenizer="claude"),
    "claude-code": Host("Claude Code", typed=True, tokenizer="claude"),
    "cursor": Host("Cursor"),
    "vscode": Host("VS Code", servers="servers", typed=True, asks=True),
}


ListFolders = Callable[[PurePath], Iterable[str]]
"""Returns the names of the folders in a folder; none if it does not exist."""


def configuration_file(
    name: str, platform: str, environ: Mapping[str, str], *, list_folders: ListFolders = lambda _: ()
) -> PurePath:
    """The file in which a client keeps the servers of this user. Raises ValueError for an unknown client.

    Where a client was installed as a package of Windows, the file is in a folder of that package, which `list_folders`
    is used to find: Windows redirects the package's own access to the usual folder there.
    """
    folders = _Folders(platform, environ)
    match name:
        case "claude-desktop":
            applications = folders.packaged("Claude_", list_folders) or folders.applications()
            return applications / "Claude" / "claude_desktop_config.json"
        case "claude-code":
            return (folders.named("CLAUDE_CONFIG_DIR") or folders.home()) / ".claude.json"
        case "cursor":
            return folders.home() / ".cursor" / "mcp.json"
        case "vscode":
            return folders.applications() / "Code" / "User" / "mcp.json"
        case _:
            raise ValueError(f"{name} is none of {', '.join(HOSTS)}")


def addition(
    name: str, command: list[str], variables: Mapping[str, str], *, server: str = SERVER_NAME
) -> dict[str, Any]:
    """What a client's configuration needs: the entry of the server under its list, and the inputs it refers to."""
    host = HOSTS[name]
    entry: dict[str, Any] = {"type": "stdio"} if host.typed else {}
    entry |= {"command": command[0], "args": command[1:]}
    added: dict[str, Any] = {}
    written = dict(variables)
    if host.asks and KEY in variables:
        written[KEY] = f"${{input:{_KEY_INPUT}}}"
        added["inputs"] = [
            {"type": "promptString", "id": _KEY_INPUT, "description": "Messaging API key", "password": True}
        ]
    if written:
        entry["env"] = written
    added[host.servers] = {server: entry}
    return added


class _Folders:
    """The folders of a user. Variables that hold no absolute path are ignored, as the systems' own rules have it."""

    def __init__(self, platform: str, environ: Mapping[str, str]) -> None:
        self._platform = platform
        self._environ = environ
        self._path: type[PurePath] = PureWindowsPath if platform == "win32" else PurePosixPath

    def named(self, variable: str) -> PurePath | None:
        """The folder that a variable names."""
        folder = self._path(self._environ.get(variable, ""))
        return folder if folder.is_absolute() else None

    def home(self) -> PurePath:
        return self.named("USERPROFILE" if self._platform == "win32" else "HOME") or self._path(Path.home())

    def applications(self) -> PurePath:
        """The folder in which desktop applications keep their settings."""
        if self._platform == "darwin":
            return self.home() / "Library" / "Application Support"
        if self._platform == "win32":
            return self.named("APPDATA") or self.home() / "AppData" / "Roaming"
        return self.named("XDG_CONFIG_HOME") or self.home() / ".config"

    def packaged(self, prefix: str, list_folders: ListFolders) -> PurePath | None:
        """What `applications` is to a package of Windows whose name begins with `prefix`; None if there is none."""
        if self._platform != "win32":
            return None
        packages = (self.named("LOCALAPPDATA") or self.home() / "AppData" / "Local") / "Packages"
        found = sorted(name for name in list_folders(packages) if name.startswith(prefix))
        return packages / found[0] / "LocalCache" / "Roaming" if found else None
