"""Makes the bundle (.mcpb) for desktop clients: its manifest and its folder.

    make_bundle.py manifest     writes manifest.json and bundle/icon.png
    make_bundle.py FOLDER       writes the contents of the bundle there, to be packed (`make bundle` does it all)

The manifest is generated from the server's own definitions, so that the two cannot differ. The bundle contains no
Python packages: the client installs those pinned in requirements/claude.txt, by their hashes. Its models are
Claude's, so it counts their tokens.
"""

import json
import shutil
import struct
import sys
import tomllib
import zlib
from pathlib import Path
from typing import Any

import mcp_server
from mcp_server.protocol import get_conversation, list_conversations
from mcp_server.protocol.prompt_files import prompt_files
from mcp_server.protocol.prompts import Template, fill, load_templates
from mcp_server.tokenizer.extras import CLAUDE_PYTHON

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "manifest.json"
ICON = ROOT / "bundle" / "icon.png"
ICON_SIDE = 512
_TEAL = b"\x00\x80\x80\xff"

# The settings that a desktop client asks for. The others have good defaults.
_ASKED = {
    "CONVERSATION_API_BASE_URL": "API base URL",
    "CONVERSATION_API_KEY": "API key",
    "CONVERSATION_ACCOUNT_ID": "Account id",
    "CONVERSATION_ARCHIVE": "LinkedIn archive, in place of the API",
    "CONVERSATION_SELF_PROFILE_URL": "Your own profile",
    "CONVERSATION_TIMEZONE": "Time zone",
    "CONVERSATION_MAX_CREDITS_PER_CALL": "Maximum credits per call",
}
_PYTHON = f">={CLAUDE_PYTHON[0]}.{CLAUDE_PYTHON[1]}"
_NOT_IN_A_BUNDLE = shutil.ignore_patterns("__pycache__", "*.pyc")


def manifest() -> dict[str, Any]:
    """The content of `manifest.json`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    registry = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))
    variables = {variable["name"]: variable for variable in registry["packages"][0]["environmentVariables"]}
    return {
        "manifest_version": "0.4",
        "name": project["name"],
        "display_name": registry["title"],
        "version": mcp_server.__version__,
        "description": registry["description"],
        "long_description": f"{project['description']}. It reads messages from the copy of your data that "
        "LinkedIn gives you, which needs no account, or through a paid messaging API, which needs its base URL, a key "
        "and an account id. It is read-only: it never sends, and never marks anything as read.",
        "author": {"name": project["authors"][0]["name"]},
        "icon": "icon.png",
        "icons": [{"src": "icon.png", "size": f"{ICON_SIDE}x{ICON_SIDE}"}],
        "server": {
            "type": "uv",
            "entry_point": "serve.py",
            "mcp_config": {
                "command": "uv",
                "args": [
                    *("run", "--no-project", "--python", _PYTHON),
                    *("--with-requirements", "${__dirname}/requirements.txt", "${__dirname}/serve.py"),
                ],
                "env": {
                    **{name: f"${{user_config.{_field(name)}}}" for name in _ASKED},
                    "CONVERSATION_TOKENIZER": "claude",
                },
            },
        },
        "tools": [
            {"name": tool.NAME, "description": tool.SUMMARY.partition("\n")[0]}
            for tool in (get_conversation, list_conversations)
        ],
        "prompts": [_prompt(template) for template in load_templates(prompt_files()).values()],
        "keywords": project["keywords"],
        "license": project["license"],
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": project["requires-python"]},
        },
        "user_config": {_field(name): _question(title, variables[name]) for name, title in _ASKED.items()},
    }


def icon(side: int = ICON_SIDE) -> bytes:
    """The server's icon as a PNG of `side` by `side` pixels: the shape of `ICON`, which is drawn on 9 by 9."""
    rows = []
    for row in range(side):
        y = (row + 0.5) * 9 / side
        pixels = (_TEAL if _inked((column + 0.5) * 9 / side, y) else bytes(4) for column in range(side))
        rows.append(b"\x00" + b"".join(pixels))
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    chunks = (("IHDR", header), ("IDAT", zlib.compress(b"".join(rows), 9)), ("IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), data) for name, data in chunks)


def lay_out(folder: Path) -> None:
    """Replace `folder` by the contents of the bundle."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("manifest.json", "pyproject.toml", "README.md", "LICENSE", "bundle/icon.png", "bundle/serve.py"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "requirements" / "claude.txt", folder / "requirements.txt")
    for name in ("mcp_server", "prompts"):
        shutil.copytree(ROOT / name, folder / name, ignore=_NOT_IN_A_BUNDLE)


def _field(variable: str) -> str:
    return variable.removeprefix("CONVERSATION_").lower()


def _question(title: str, variable: dict[str, Any]) -> dict[str, Any]:
    # None is required: messages come from the API or from an archive. A client shows a file picker for a file.
    kind = "file" if variable.get("format") == "filepath" else "string"
    question = {"type": kind, "title": title, "description": variable["description"], "required": False}
    if variable.get("isSecret"):
        question["sensitive"] = True
    # Without a default, a client passes its own placeholder on when the field is left empty.
    return question | {"default": variable.get("default", "")}


def _prompt(template: Template) -> dict[str, Any]:
    """A prompt as the manifest lists it. The running server puts the transcript before the task."""
    names = [argument.name for argument in template.arguments]
    task = fill(template.body, {name: f"${{arguments.{name}}}" for name in names})
    reading = f"Read my LinkedIn conversation with ${{arguments.target}} ({get_conversation.NAME})."
    if template.show is not None:
        reading = f"List my LinkedIn conversations ({list_conversations.NAME}, show: {template.show})."
    return {
        "name": template.name,
        "description": template.description,
        "arguments": names,
        "text": f"{reading}\n\n{task}",
    }


def _inked(x: float, y: float) -> bool:
    bubble = 1 <= y < 7
    tail = 7 <= y < 9 and 2 <= x < 5 - (y - 7) * 1.5
    line = 2 <= x < 7 and 3 <= y < 4
    return (bubble or tail) and not line


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def main() -> None:
    """Write the manifest, or fill the folder named on the command line."""
    if sys.argv[1:] == ["manifest"]:
        MANIFEST.write_text(json.dumps(manifest(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        ICON.write_bytes(icon())
    elif len(sys.argv) == 2:
        lay_out(Path(sys.argv[1]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
