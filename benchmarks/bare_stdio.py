"""What `start.py` and `memory.py` compare with: the SDK's server over stdio as its own examples have it, one tool."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")


@server.tool()
def get_conversation() -> str:
    """Says hello."""
    return "hello"


if __name__ == "__main__":
    server.run("stdio")
