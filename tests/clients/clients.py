"""The clients of the matrix, and how each is run."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".tools" / "clients"


@dataclass(frozen=True, slots=True)
class Client:
    """`folder` is its example's; `package` the one whose version counts. `environment` is the folder's unless named.

    `sees` is what its model is sent: "text", "structured", "text, figures" where the transcript is in the text only,
    "text twice", or "both" where the program gets all and chooses. Other examples than those of an `Agent` print what
    they get.
    """

    title: str
    folder: str
    package: str
    sees: str
    variables: tuple[tuple[str, str], ...] = ()
    transports: tuple[str, ...] = ("stdio", "HTTP")
    environment: str | None = None

    @property
    def name(self) -> str:
        return "-".join((self.environment or self.folder, *(value for _, value in self.variables)))

    @property
    def home(self) -> Path:
        """Where it is installed."""
        return ENVIRONMENTS / (self.environment or self.folder)

    @property
    def example(self) -> Path:
        return next((ROOT / "examples" / self.folder).glob("read.*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent(Client):
    """Asks a model. `limit` is its own limit of a call.

    "(source)" after a limit means that it was read, not run into. `downloads_vocabulary`: to count tokens, it would
    download o200k_base.
    """

    limit: str
    downloads_vocabulary: bool = False


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
    Client("mcporter", "mcporter", "mcporter", "text"),
    Agent("LangChain", "langchain", "langchain-mcp-adapters", "text", limit="none (source)"),
    Agent("OpenAI Agents", "openai-agents", "openai-agents", "text", limit="5 s (source)"),
    Agent(
        "OpenAI Agents, structured",
        "openai-agents",
        "openai-agents",
        "structured",
        (("STRUCTURED", "1"),),
        limit="5 s (source)",
    ),
    Agent("Pydantic AI", "pydantic-ai", "pydantic-ai-slim", "structured", limit="300 s (source)"),
    Agent("smolagents, ToolCallingAgent", "smolagents", "smolagents", "text", limit="none"),
    Agent("smolagents, CodeAgent", "smolagents", "smolagents", "text", (("AGENT", "code"),), limit="none"),
    Agent("Agno", "agno", "agno", "text", limit="10 s"),
    Agent("Haystack", "haystack", "mcp-haystack", "text, figures", limit="30 s"),
    Agent("LlamaIndex", "llama-index", "llama-index-tools-mcp", "text, figures", limit="30 s"),
    Agent("mcp-use", "mcp-use", "mcp-use", "text", limit="none"),
    Agent("Strands Agents", "strands-agents", "strands-agents", "text", limit="none"),
    Agent("Google ADK", "google-adk", "google-adk", "text, figures", limit="5 s"),
    Agent("AutoGen, McpWorkbench", "autogen", "autogen-ext", "text", limit="5 s"),
    Agent("AutoGen, mcp_server_tools", "autogen", "autogen-ext", "text", (("TOOLS", "each"),), limit="5 s (source)"),
    Agent("Semantic Kernel", "semantic-kernel", "semantic-kernel", "text twice", limit="none"),
    Agent("DSPy", "dspy", "dspy", "text", limit="none"),
    Agent("CAMEL", "camel-ai", "camel-ai", "text", limit="10 s", downloads_vocabulary=True),
    Agent("CrewAI, MCPServerAdapter", "crewai", "crewai", "text", limit="none"),
    # Over HTTP it loses every answer: findings/crewai-loses-answers-over-http.sh.
    Agent("CrewAI, mcps=", "crewai", "crewai", "text", (("TOOLS", "mcps"),), ("stdio",), limit="30 s, then twice more"),
    Agent("AI SDK", "ai-sdk", "@ai-sdk/mcp", "text", limit="none (source)"),
    Agent("AI SDK 6", "ai-sdk", "@ai-sdk/mcp", "text", limit="none (source)", environment="ai-sdk-6"),
    Agent("Mastra", "mastra", "@mastra/mcp", "text", limit="60 s (source)"),
    Agent("Mastra 0", "mastra", "@mastra/mcp", "structured", limit="60 s (source)", environment="mastra-0"),
    Agent("LangChain.js", "langchain-js", "@langchain/mcp-adapters", "text, figures", limit="60 s (source)"),
)
