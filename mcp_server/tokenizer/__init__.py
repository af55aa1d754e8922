"""Counts tokens: as o200k_base does, with everything it needs inside the package, or as the vocabulary of an extra."""

from mcp_server.tokenizer.o200k import O200kCounter
from mcp_server.tokenizer.vocabularies import Vocabularies

__all__ = ["O200kCounter", "Vocabularies"]
