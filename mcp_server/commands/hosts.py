"""Hosts that start MCP servers: where each keeps its list of them, and how it wants an entry written.

Pure: nothing here touches a file. Paths are for the person whose `environ` it is, on `platform` (`sys.platform`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVER_NAME = "linkedin-conversations"
KEY = "CONVERSATION_API_KEY"
_KEY_INPUT = "conversation-mcp-key"
_MAC_SUPPORT = Path("Library", "Application Support")


@dataclass(frozen=True, slots=True)
class Host:
    """`servers` is the key of the list; `asks` says that the host itself asks for secrets and keeps them safe."""

    title: str
    servers: str = "mcpServers"
    typed: bool = False
    asks: bool = False


HOSTS = {
    "claude-desktop": Host("Claude Desktop"),
    "claude-code": Host("Claude Code", typed=True),
    "cursor": Host("Cursor"),
    "vscode": Host("VS Code", servers="servers", typed=True, asks=True),
}


def configuration_file(name: str, platform: str, environ: Mapping[str, str]) -> Path:
    """The file in which a host keeps its servers for the whole of a person's account."""
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    match name:
        case "claude-desktop":
            return _applications(home, platform, environ) / "Claude" / "claude_desktop_config.json"
        case "claude-code":
            return Path(environ.get("CLAUDE_CONFIG_DIR") or home) / ".claude.json"
        case "cursor":
            return home / ".cursor" / "mcp.json"
        case "vscode":
            return _applications(home, platform, environ) / "Code" / "User" / "mcp.json"
        case _:
            raise ValueError(f"{name} is none of {', '.join(HOSTS)}")


def addition(name: str, command: list[str], variables: Mapping[str, str]) -> dict[str, Any]:
    """What the host's configuration must contain: the server under its list, and what that refers to."""
    host = HOSTS[name]
    entry: dict[str, Any] = {"type": "stdio"} if host.typed else {}
    entry |= {"command": command[0], "args": command[1:]}
    if variables:
        entry["env"] = dict(variables)
    added: dict[str, Any] = {}
    if host.asks and KEY in variables:
        entry["env"][KEY] = f"${{input:{_KEY_INPUT}}}"
        added["inputs"] = [
            {"type": "promptString", "id": _KEY_INPUT, "description": "Messaging API key", "password": True}
        ]
    added[host.servers] = {SERVER_NAME: entry}
    return added


def merged(existing: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    """`existing` with what is added; all else stays, in its order. Raises ValueError where the shapes do not fit.

    A server of this name and an input of this id are replaced; there is at most one of each.
    """
    result = dict(existing)
    for key, value in added.items():
        before = result.get(key)
        if before is None:
            result[key] = value
        elif isinstance(value, dict) and isinstance(before, dict):
            result[key] = before | value
        elif isinstance(value, list) and isinstance(before, list):
            ids = {item["id"] for item in value}
            result[key] = [old for old in before if not (isinstance(old, dict) and old.get("id") in ids)] + value
        else:
            raise ValueError(f'its "{key}" is not {"an object" if isinstance(value, dict) else "a list"}')
    return result


def _applications(home: Path, platform: str, environ: Mapping[str, str]) -> Path:
    """Where desktop applications keep their settings."""
    if platform == "darwin":
        return home / _MAC_SUPPORT
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
