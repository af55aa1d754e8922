"""The documented messaging API as a real HTTP server on loopback, with fictional conversations.

The rest of the program does not know it: between the sandbox and the API only the base URL differs.
"""

from mcp_server.sandbox.api import SANDBOX_ACCOUNT, SANDBOX_KEY
from mcp_server.sandbox.library import SANDBOX_SELF_PROFILE
from mcp_server.sandbox.server import Sandbox
from mcp_server.sandbox.terms import Terms

__all__ = ["SANDBOX_ACCOUNT", "SANDBOX_KEY", "SANDBOX_SELF_PROFILE", "Sandbox", "Terms"]
