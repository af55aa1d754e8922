"""`conversation-mcp`: the MCP server over stdin and stdout.

The first answers go out before anything else is imported: this module uses the standard library and `front` alone.
"""

import gc
import signal
import sys
from collections.abc import Mapping

from mcp_server.commands.console import SUCCESS, Console
from mcp_server.front.connection import Connection, take_standard_streams
from mcp_server.front.opening import Opening
from mcp_server.front.results import load
from mcp_server.garbage_collection import collector_paused
from mcp_server.setting_values import Listed, MappingReader

_WAITING = (
    "conversation-mcp is an MCP server and is waiting for a client on stdin (press Ctrl-C to stop). "
    "To see it in use, run `conversation-mcp demo`; to read a conversation, `conversation-mcp read TARGET`."
)


def serve(environ: Mapping[str, str], console: Console, *, sandbox: bool) -> int:
    """Serve until the client disconnects.

    Without usable settings the client is served too, and every answer reports what is missing. At a terminal there is
    no client: raises SettingsError.
    """
    # Python's own handler would wait until the pending read of stdin returns.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdin.isatty():
        if not sandbox:
            from mcp_server.settings import Settings

            Settings.from_mapping(environ)
        console.note(_WAITING)
    connection = Connection(Opening(load(Listed.read(MappingReader(environ)))), *take_standard_streams())
    connection.start()
    if not connection.needs_server():
        return SUCCESS
    # Imported objects are permanent: collecting them would take 40 of 400 ms, and freezing spares later rounds.
    with collector_paused():
        from mcp_server.commands.serve_loaded import serve_loaded

        gc.freeze()
    return serve_loaded(connection, environ, console, sandbox=sandbox)
