"""An MCP server that lets an agent read a LinkedIn conversation within a token budget."""

__version__ = "0.1.0"
