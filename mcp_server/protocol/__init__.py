"""What an MCP client sees: the server, its tool, prompts, resources, completion and the view."""
