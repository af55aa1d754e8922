"""`conversation-mcp demo`: a real MCP client calls the real server over stdio, which reads from the sandbox.

Every figure is counted here, from what the client received and from what the API would have sent for the same
messages; none is copied from the server's own figures.
"""

import json
import shutil
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent, Tool

from mcp_server import __version__, sandbox
from mcp_server.archive.archive import Archive
from mcp_server.archive.files import read_files
from mcp_server.commands.console import FAILED, SUCCESS, Console, counted
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY
from mcp_server.sandbox.api import Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library
from mcp_server.tokenizer import O200kCounter

TOOL = "get_conversation"
SALES = "https://www.linkedin.com/in/priya-raman-norbury"
TWO_YEARS = "https://www.linkedin.com/in/callum-reyes-harbour-lane"
QUESTION = "Which competitor made a cheaper offer, and what did we answer?"
EXPORTS = Path(sandbox.__file__).with_name("exports")
ZIP = "Basic_LinkedInDataExport_11-20-2026.zip"
ARCHIVED = "https://www.linkedin.com/in/iris-falk-moreau-madeup"
_PAGE = 50


def demo(console: Console) -> int:
    """Show the tool list, a page, the next page by its cursor, and a focused reading of a long conversation."""
    return anyio.run(_demo, console)


async def _demo(console: Console) -> int:
    show = _Show(console)
    command = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server", "--sandbox"])
    console.say(f"conversation-mcp {__version__}: a real MCP client, the server over stdio, fictional conversations.")
    console.say(
        "Tokens are o200k_base tokens. The API's JSON is its response for the same messages, counted the same way."
    )
    # No time limit of its own: a busy machine may need a minute for the last call, and the server has a deadline.
    async with Client(command) as client:
        show.tools((await client.list_tools()).tools)
        first = await show.call(client, "The ten newest messages with a person", profile_url=SALES, count=10)
        older = first.get("next_cursor")
        await show.call(
            client, "The ten before them, with next_cursor", skip=10, profile_url=SALES, count=10, cursor=older
        )
        await show.call(
            client,
            "A question about two years with a customer, in 700 tokens",
            profile_url=TWO_YEARS,
            count=1000,
            max_tokens=700,
            focus=QUESTION,
        )
    # No API and no key: a server of its own on an archive.
    archive = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server", "--archive", str(EXPORTS / ZIP)])
    async with Client(archive) as client:
        await show.archive(client, ARCHIVED)
    show.summary()
    return FAILED if show.failed else SUCCESS


class _Show:
    """Prints each step with its figures and collects them for the summary."""

    def __init__(self, console: Console) -> None:
        self.failed = False
        self._console = console
        self._counter = O200kCounter()
        self._api = Api(load_library(), Ledger())
        self._rows: list[tuple[int, int, int, int]] = []
        self._step = 0
        self._width = min(shutil.get_terminal_size().columns, 120)

    def tools(self, tools: list[Tool]) -> None:
        self._title("What a model sees before any call: tools/list")
        for tool in tools:
            as_json = tool.model_dump_json(by_alias=True, exclude_none=True)
            self._quote(f"{tool.name}({', '.join(tool.input_schema['properties'])})\n{tool.description}")
            self._console.say(f"   {self._counter.count(as_json):,} tokens, schemas included")

    async def call(self, client: Client, title: str, *, skip: int = 0, **arguments: str | int | None) -> dict[str, Any]:
        """Call the tool and print the transcript; returns the structured content. The call omits the `skip` newest."""
        self._title(title)
        self._quote(f"{TOOL} {json.dumps(arguments, ensure_ascii=False)}")
        began_s = time.monotonic()
        result = await client.call_tool(TOOL, arguments)
        elapsed_s = time.monotonic() - began_s
        text = _text(result)
        self._quote(text, mark="|")
        if result.is_error:
            self.failed = True
            return {}
        content = result.structured_content or {}
        covered, omitted, credits = (int(content[name]) for name in ("covered", "omitted", "credits"))
        tokens = self._counter.count(text)
        raw = sum(self._counter.count(page) for page in self._raw(str(arguments["profile_url"]), skip, covered))
        self._rows.append((covered, covered - omitted, tokens, raw))
        left_out = f", {omitted:,} of them omitted and marked" if omitted else ""
        self._console.say(
            f"   {counted(covered, 'message')} in {tokens:,} tokens{left_out}; as the API's JSON {raw:,}. "
            f"{counted(credits, 'credit')}, {elapsed_s:.2f} s."
        )
        return content

    async def archive(self, client: Client, profile_url: str) -> None:
        """Read a conversation from LinkedIn's own export, and name the exports of other years that can be read."""
        self._title("Your own messages, from the copy of your data that LinkedIn gives you (fictional)")
        self._quote(f"{TOOL} {json.dumps({'profile_url': profile_url})}")
        result = await client.call_tool(TOOL, {"profile_url": profile_url})
        self._quote(_text(result), mark="|")
        self.failed = self.failed or bool(result.is_error)
        for path in sorted(EXPORTS.iterdir()):
            counts = Archive(read_files(path)).counts
            read = f"{counted(counts.conversations, 'conversation')}, {counted(counts.messages, 'message')}"
            self._console.say(f"   {path.name:<40} {read}")

    def summary(self) -> None:
        self._title("Tokens")
        self._console.say(f"   {'messages':>8}{'shown':>8}{'transcript':>12}{'API JSON':>12}{'times fewer':>13}")
        for covered, shown, tokens, raw in self._rows:
            self._console.say(f"   {covered:8,}{shown:8,}{tokens:12,}{raw:12,}{raw / tokens:13.1f}")

    def _raw(self, profile_url: str, skip: int, covered: int) -> list[str]:
        """The bodies of the API's responses for `covered` messages after the `skip` newest."""
        bodies: list[str] = []
        cursor = None
        for count in (*_pages(skip), *_pages(covered)):
            params = {"profile_url": profile_url, "count": count} | ({"cursor": cursor} if cursor else {})
            request = {"account_id": SANDBOX_ACCOUNT, "action": TOOL, "params": params}
            bodies.append(self._api.answer(key=SANDBOX_KEY, body=json.dumps(request).encode()).body.decode())
            cursor = json.loads(bodies[-1])["data"].get("next_cursor")
        return bodies[len(_pages(skip)) :]

    def _title(self, title: str) -> None:
        self._step += 1
        self._console.say(f"\n{self._step}. {title}")

    def _quote(self, text: str, mark: str = " ") -> None:
        for line in text.splitlines():
            for part in textwrap.wrap(line, self._width - 5, subsequent_indent="  ", break_on_hyphens=False) or [""]:
                self._console.say(f"   {mark} {part}".rstrip())


def _pages(messages: int) -> list[int]:
    whole, rest = divmod(messages, _PAGE)
    return [_PAGE] * whole + ([rest] if rest else [])


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
