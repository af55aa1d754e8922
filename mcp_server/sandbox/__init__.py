"""The documented messaging API as a real HTTP server on loopback, with made-up conversations.

Nothing here is known to the rest of the program: only the base URL differs between the sandbox and the API.
"""

from mcp_server.sandbox.api import SANDBOX_ACCOUNT, SANDBOX_KEY
from mcp_server.sandbox.library import SANDBOX_SELF_PROFILE
from mcp_server.sandbox.server import Sandbox

__all__ = ["SANDBOX_ACCOUNT", "SANDBOX_KEY", "SANDBOX_SELF_PROFILE", "Sandbox"]
