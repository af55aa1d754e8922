"""`conversation-mcp`: the MCP server over stdin and stdout."""

import signal
import sys
from collections.abc import Mapping

import anyio

from mcp_server.bootstrap import serve_stdio
from mcp_server.commands.console import SUCCESS, Console
from mcp_server.commands.source import settings_from

_WAITING = (
    "conversation-mcp is an MCP server and is waiting for a client on stdin (press Ctrl-C to stop). "
    "To see it in use, run `conversation-mcp demo`; to read a conversation, `conversation-mcp read TARGET`."
)


def serve(environ: Mapping[str, str], console: Console, *, sandbox: bool) -> int:
    """Serve until the client disconnects. Raises SettingsError before anything is written to stdout."""
    with settings_from(environ, sandbox=sandbox) as settings:
        if sys.stdin.isatty():
            console.note(_WAITING)
        # Python's own handler would wait until the pending read of stdin returns.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        anyio.run(serve_stdio, settings)
    return SUCCESS
