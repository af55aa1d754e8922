"""The clients, how each is run, and the page of the documentation that shows them and what came of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "clients.md"
ENVIRONMENTS = ROOT / ".tools" / "clients"
_HEAD = ("| client | version | protocol | transport | the model sees | finds and reads | result |", "|---" * 7 + "|")


@dataclass(frozen=True, slots=True)
class Client:
    """`folder` is its example's, and its environment's; `package` the one whose version counts.

    `sees` is what its model is handed: "text", "structured", "text, figures" where the example asks for the transcript
    in the text only, or "both" where the program gets all and chooses.
    """

    title: str
    folder: str
    package: str
    sees: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return "-".join((self.folder, *(value for _, value in self.variables)))

    @property
    def example(self) -> Path:
        return next((ROOT / "examples" / self.folder).glob("read.*"))


_LEGACY = (("ERA", "legacy"),)

CLIENTS = (
    Client("MCP SDK for Python 2", "python-sdk", "mcp", "both"),
    Client("MCP SDK for Python 2, legacy", "python-sdk", "mcp", "both", _LEGACY),
    Client("MCP SDK for Python 1", "python-sdk-1", "mcp", "both"),
    Client("MCP SDK for TypeScript", "typescript", "@modelcontextprotocol/client", "both"),
    Client("MCP SDK for TypeScript, legacy", "typescript", "@modelcontextprotocol/client", "both", _LEGACY),
    Client("MCP Inspector", "inspector", "@modelcontextprotocol/inspector", "both"),
    Client("MCP Inspector, legacy", "inspector", "@modelcontextprotocol/inspector", "both", _LEGACY),
    Client("FastMCP", "fastmcp", "fastmcp", "both"),
    Client("LangChain", "langchain", "langchain-mcp-adapters", "text"),
    Client("OpenAI Agents", "openai-agents", "openai-agents", "text"),
    Client("OpenAI Agents, structured", "openai-agents", "openai-agents", "structured", (("STRUCTURED", "1"),)),
    Client("Pydantic AI", "pydantic-ai", "pydantic-ai-slim", "structured"),
    Client("smolagents", "smolagents", "smolagents", "text"),
    Client("Agno", "agno", "agno", "text"),
    Client("Haystack", "haystack", "mcp-haystack", "text, figures"),
    Client("LlamaIndex", "llama-index", "llama-index-tools-mcp", "text, figures"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one client on one transport. A row exists only where everything held."""

    client: Client
    version: str
    protocol: str
    transport: str
    pages: int

    def line(self) -> str:
        title = f"[{self.client.title}](../{self.client.example.relative_to(ROOT).as_posix()})"
        package = f"`{self.client.package}` {self.version}"
        cells = (
            title,
            package,
            self.protocol,
            self.transport,
            self.client.sees,
            f"the list, {self.pages} pages",
            "passed",
        )
        return f"| {' | '.join(cells)} |"


def page(text: str, rows: Iterable[Row]) -> str:
    """The text of the page with its matrix made again from these rows. Each client links to its example."""
    order = [client.name for client in CLIENTS]
    ordered = sorted(rows, key=lambda row: (order.index(row.client.name), row.transport != "stdio"))
    return _put(text, "matrix", "\n".join((*_HEAD, *(row.line() for row in ordered))))


def _put(text: str, name: str, what: str) -> str:
    """`what` between the two marks of that name, in place of what is there."""
    made, count = re.subn(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda match: f"{match[1]}{what}\n{match[2]}", text, flags=re.S
    )
    assert count == 1, f"{PAGE.name} has no place for {name}"
    return made
