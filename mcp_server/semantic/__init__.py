"""How near in meaning messages are to a question: the extra `[semantic]`, a small sentence model that runs here.

Nothing is downloaded and nothing leaves the process. The model's weights come inside a package of the extra, its
vocabulary inside this one. Without the extra everything else works, and `focus` ranks by words alone.
"""

from mcp_server.semantic.extra import installed
from mcp_server.semantic.similarity import LocalSimilarity

__all__ = ["LocalSimilarity", "installed"]
