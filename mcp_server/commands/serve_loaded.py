"""Serving over stdin and stdout, once everything that it takes is loaded."""

from collections.abc import Mapping

import anyio

from mcp_server.bootstrap import serve_stdio
from mcp_server.commands.console import SUCCESS, Console
from mcp_server.commands.source import settings_or_error
from mcp_server.front.connection import Connection


def serve_loaded(connection: Connection, environ: Mapping[str, str], console: Console, *, sandbox: bool) -> int:
    """Serve until the client hangs up. What is wrong with the settings goes to stderr and into every answer."""
    with settings_or_error(environ, sandbox=sandbox) as (settings, error):
        if error is not None:
            console.fail(error)
        anyio.run(serve_stdio, connection, settings, error)
    return SUCCESS
