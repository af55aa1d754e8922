"""How near in meaning messages are to a question: the extra `[semantic]`, a small sentence model that runs here.

Nothing is downloaded and nothing leaves the process. The model's weights come inside a package of the extra, its
vocabulary inside this one. Without the extra everything else works, and `focus` ranks by words alone.
"""

import os

from mcp_server.semantic.extra import installed
from mcp_server.semantic.similarity import LocalSimilarity

__all__ = ["LocalSimilarity", "installed"]

# onnxruntime looks for this when it is imported, which `minilm` does later. Switched off by its function alone, it has
# by then written an identity of the device and its first events below the home directory.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 - said to a library, not read
