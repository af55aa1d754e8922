"""The view of conversations: a page that a host shows next to an answer (MCP Apps, `io.modelcontextprotocol/ui`).

A single HTML file, assembled from the files in `_view/`. Its Content Security Policy lists its script and style by
hash and allows nothing else, whatever the host allows: no other script runs, no network request is made, and no text
can become markup.
"""

import hashlib
import importlib.resources
from base64 import b64encode
from typing import Any

from mcp_types import ClientCapabilities, Resource, TextResourceContents

from mcp_server import __version__

EXTENSION = "io.modelcontextprotocol/ui"
URI = "ui://conversation/view"
"""Short, because the definitions of both tools carry it."""
MIME_TYPE = "text/html;profile=mcp-app"
TOOL_META: dict[str, Any] = {"ui": {"resourceUri": URI}}
"""The `_meta` of the tools. Sent to all clients: not every host that shows pages declares it."""

SCRIPTS = (
    "transcript.js",
    "list.js",
    "conversation.js",
    "draw.js",
    "inbox.js",
    "timeline.js",
    "search.js",
    "bridge.js",
    "main.js",
)
"""In the order of the page, where they form one function."""

# Explicitly empty, because hosts differ in what a missing list means.
_META: dict[str, Any] = {
    "ui": {
        "csp": {"connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []},
        "prefersBorder": True,
    }
}


def is_shown_by(client: ClientCapabilities | None) -> bool:
    """Whether the client declares MCP Apps. None stands for a client of which nothing is known."""
    return client is not None and EXTENSION in (client.extensions or {})


def resource() -> Resource:
    """The entry of the page in `resources/list`."""
    return Resource(
        uri=URI,
        name="conversation-view",
        title="Conversation view",
        description="A page that hosts with MCP Apps show next to the answers of the tools.",
        mime_type=MIME_TYPE,
        _meta=_META,
    )


def contents() -> TextResourceContents:
    """The page as the result of `resources/read`."""
    return TextResourceContents(uri=URI, mime_type=MIME_TYPE, text=page(), _meta=_META)


def page() -> str:
    """The whole HTML file."""
    folder = importlib.resources.files("mcp_server").joinpath("_view")
    style = folder.joinpath("style.css").read_text(encoding="utf-8")
    scripts = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{scripts}}})();\n'
    page = folder.joinpath("page.html").read_text(encoding="utf-8")
    for name, value in (
        ("version", __version__),
        ("style_hash", _hash(style)),
        ("script_hash", _hash(script)),
        ("style", style),
        ("script", script),
    ):
        page = page.replace(f"{{{name}}}", value, 1)
    return page


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()
