"""Counts tokens the way o200k_base does, with everything it needs inside the package."""

from mcp_server.tokenizer.o200k import O200kCounter

__all__ = ["O200kCounter"]
