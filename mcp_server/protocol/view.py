"""The conversation view: a page that a host shows beside an answer (MCP Apps, `io.modelcontextprotocol/ui`).

It is one HTML file with everything in it, put together from the pieces in `_view/`. The page's own security policy
names its script and its style by their hashes and allows nothing else, whatever the host allows: no other script runs,
no address is reached, no text can become markup.
"""

import hashlib
import importlib.resources
from base64 import b64encode
from typing import Any

from mcp_types import Resource, TextResourceContents

from mcp_server import __version__

EXTENSION = "io.modelcontextprotocol/ui"
URI = "ui://conversation-mcp/conversation.html"
MIME_TYPE = "text/html;profile=mcp-app"
TOOL_META: dict[str, Any] = {"ui": {"resourceUri": URI}}
"""What a tool carries as `_meta` to be shown by this page. For all clients: not every host that shows pages says so."""

SCRIPTS = ("transcript.js", "conversation.js", "draw.js", "timeline.js", "search.js", "bridge.js", "main.js")
"""In the order in which they stand in the page; together they are one function."""

# No origin for anything: said outright, because the meaning of a missing list is the host's.
_META: dict[str, Any] = {
    "ui": {
        "csp": {"connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": []},
        "prefersBorder": True,
    }
}


def resource() -> Resource:
    """The page as `resources/list` shows it."""
    return Resource(
        uri=URI,
        name="conversation-view",
        title="Conversation view",
        description="A page that hosts with MCP Apps show beside an answer of get_conversation.",
        mime_type=MIME_TYPE,
        _meta=_META,
    )


def contents() -> TextResourceContents:
    """The page as `resources/read` gives it."""
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
