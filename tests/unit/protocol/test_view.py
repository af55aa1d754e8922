"""The conversation view as a host gets it: listed, read, bound to the tool, closed to everything outside."""

import base64
import hashlib
import importlib.resources
import re
from typing import Literal

import pytest
from mcp.client import Client
from mcp.client.extension import advertise
from mcp_types import TextResourceContents

from mcp_server import __version__
from mcp_server.protocol import view
from tests.support.serving import StubReader, serving

Era = Literal["legacy", "auto"]
APPS = advertise(view.EXTENSION, {"mimeTypes": [view.MIME_TYPE]})


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_a_host_finds_the_page_by_the_tools_and_reads_it(era: Era) -> None:
    """Both tools name the page, the page is listed and read with no origin allowed."""
    reader = StubReader()
    async with Client(serving(reader), mode=era, extensions=[APPS]) as client:
        # Servers of the earlier era have no way to say it; there the tool's own word is all a host goes by.
        if era == "auto":
            assert (client.server_capabilities.extensions or {})[view.EXTENSION] == {}
        uri, other = ((tool.meta or {})["ui"]["resourceUri"] for tool in (await client.list_tools()).tools)
        assert uri == other
        (listed,) = (await client.list_resources()).resources
        (contents,) = (await client.read_resource(uri)).contents
    assert isinstance(contents, TextResourceContents)
    assert listed.uri == contents.uri == uri
    assert listed.mime_type == contents.mime_type == "text/html;profile=mcp-app"
    assert listed.meta == contents.meta
    assert set((contents.meta or {})["ui"]["csp"]) == {
        "connectDomains",
        "resourceDomains",
        "frameDomains",
        "baseUriDomains",
    }
    assert not any((contents.meta or {})["ui"]["csp"].values())
    assert contents.text == view.page()
    assert reader.asked == []


@pytest.mark.anyio
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_the_page_is_listed_only_to_clients_that_show_pages(era: Era) -> None:
    """Agents make a tool of each resource listed; the page can be read by its address all the same."""
    async with Client(serving(StubReader()), mode=era) as client:
        assert (await client.list_resources()).resources == []
        (contents,) = (await client.read_resource(view.URI)).contents
    assert contents == view.contents()


def test_the_page_allows_its_own_script_and_style_and_nothing_else() -> None:
    """By their hashes, as a browser computes them from the text between the tags."""
    page = view.page()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    directives = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    for tag, name in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives.pop(name) == f"'sha256-{digest}'"
    assert directives == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_the_page_names_no_address_and_makes_no_markup_out_of_text() -> None:
    """Not one outside address, and none of the ways by which a text becomes markup or code."""
    page = view.page()
    assert not re.search(r"https?:|//[a-z]+\.|@import|src=|href=", page)
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser"):
        assert way not in page
    assert f'data-version="{__version__}"' in page


def test_the_page_has_every_script_of_its_folder() -> None:
    """A piece that is forgotten would be missed by a host only."""
    folder = importlib.resources.files("mcp_server").joinpath("_view")
    assert sorted(view.SCRIPTS) == sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".js"))
    assert "{" not in re.sub(r"<(script|style)>.*?</\1>", "", view.page(), flags=re.DOTALL)
