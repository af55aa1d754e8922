"""`conversation-mcp`: the MCP server over stdin and stdout."""

import signal
import sys
from collections.abc import Mapping

import anyio

from mcp_server.bootstrap import serve_stdio
from mcp_server.commands.console import SUCCESS, Console
from mcp_server.commands.source import settings_from

_WAITING = (
    "conversation-mcp is an MCP server and waits here for a client to speak on stdin (Ctrl-C ends it). "
    "To see it at work: conversation-mcp demo. To read a conversation yourself: conversation-mcp read TARGET."
)


def serve(environ: Mapping[str, str], console: Console, *, sandbox: bool) -> int:
    """Serve until the client hangs up. Raises SettingsError before the first word on the wire."""
    with settings_from(environ, sandbox=sandbox) as settings:
        if sys.stdin.isatty():
            console.note(_WAITING)
        # Python's own way is to finish what it does first: here, to read a line that nobody is going to type.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        anyio.run(serve_stdio, settings)
    return SUCCESS
