"""The command `conversation-mcp`: parses the command line and hands over to `mcp_server.commands`.

Exit codes: 0 fine, 1 something failed, 2 the command line or a setting is wrong, 130 interrupted. While serving,
stdout belongs to the protocol; everything meant for people goes to stderr.
"""

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from mcp_server import __version__
from mcp_server.commands.console import FAILED, INTERRUPTED, Console
from mcp_server.commands.hosts import HOSTS
from mcp_server.errors import ConversationError
from mcp_server.garbage_collection import collector_paused

_SANDBOX_HELP = "use the built-in sandbox: made-up conversations, no key, no account, nothing spent"


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Run a command and give its exit code. What is not given is the process's own."""
    options = _parser().parse_args(argv)
    console = Console(out or _utf8(sys.stdout), err or _utf8(sys.stderr))
    try:
        return _run(options, os.environ if environ is None else environ, console)
    except ConversationError as error:
        return console.fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read along (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED


def _run(options: argparse.Namespace, environ: Mapping[str, str], console: Console) -> int:
    # Each command imports what it needs: serving must not wait for what only a demonstration uses.
    match options.command:
        case "read":
            from mcp_server.commands.read import read

            return read(options, environ, console)
        case "check":
            from mcp_server.commands.check import check

            return check(environ, console, sandbox=options.sandbox)
        case "sandbox":
            from mcp_server.commands.sandbox import sandbox

            return sandbox(options.port, console)
        case "demo":
            from mcp_server.commands.demo import demo

            return demo(console)
        case "install":
            from mcp_server.commands.install import install

            return install(options, environ, console)
        case "completion":
            from mcp_server.commands.shell_completion import shell_completion

            return shell_completion(options.shell, _parser(), console)
        case "serve" if options.http:
            from mcp_server.commands.serve_http import serve_http

            return serve_http(
                environ,
                console,
                sandbox=options.sandbox,
                host=options.host,
                port=options.port,
                workers=options.workers,
            )
        case _:
            # What is loaded stays: the collector's rounds over it are 40 of 400 ms, and are spared later calls too.
            with collector_paused():
                from mcp_server.commands.serve import serve

                gc.freeze()

            return serve(environ, console, sandbox=options.sandbox)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="conversation-mcp",
        description="An MCP server that lets an agent read a LinkedIn conversation within a token budget. "
        "Without a command it serves over stdin and stdout; a client starts it so.",
    )
    parser.add_argument("--version", action="version", version=f"conversation-mcp {__version__}")
    parser.add_argument("--sandbox", action="store_true", help=_SANDBOX_HELP)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_serve(
        commands.add_parser("serve", parents=[_sandboxed()], help="serve over stdin and stdout (the default) or HTTP")
    )
    _add_read(commands.add_parser("read", parents=[_sandboxed()], help="print a conversation; spends credits"))
    commands.add_parser("check", parents=[_sandboxed()], help="try settings, network, key and account; costs nothing")
    commands.add_parser("demo", help="watch a real client use the server on made-up conversations")
    _add_install(
        commands.add_parser("install", parents=[_sandboxed()], help="put this server into a host's configuration")
    )
    shells = commands.add_parser("completion", help="print a script that completes commands in your shell")
    shells.add_argument("shell", choices=("bash", "fish", "zsh"), help="which shell")
    served = commands.add_parser("sandbox", help="serve the messaging API itself, with made-up conversations")
    served.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: any free one)")
    return parser


def _sandboxed() -> argparse.ArgumentParser:
    """`--sandbox` again behind a command, where people write it; not given there, the one before it holds."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--sandbox", action="store_true", default=argparse.SUPPRESS, help=_SANDBOX_HELP)
    return parent


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--http", action="store_true", help="serve many clients over Streamable HTTP, at /mcp")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; any but this machine's needs tokens")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on; 0 takes any free one")
    parser.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes that share the port")


def _add_read(parser: argparse.ArgumentParser) -> None:
    """Nothing has a default here: what is not given, the tool's own rules fill in."""
    parser.add_argument("target", metavar="TARGET", help="the other person's profile URL, or a conversation id")
    parser.add_argument("--count", type=int, metavar="N", help="messages to cover, newest first (default 10)")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="budget of the transcript (default 4000)")
    parser.add_argument("--detail", choices=("condensed", "verbatim"), help="default condensed")
    parser.add_argument("--focus", metavar="TEXT", help="a question or topic: what bears on it is kept first")
    parser.add_argument("--since", metavar="DATE", help="ISO date or time: only messages after it")
    parser.add_argument("--cursor", metavar="CURSOR", help="go on with older messages, from an earlier answer")
    parser.add_argument("--all", action="store_true", dest="everything", help="go on to the very first message")
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="print what a program gets, a line an answer"
    )


def _add_install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="HOST", choices=HOSTS, help=f"one of {', '.join(HOSTS)}")
    parser.add_argument("--print", action="store_true", dest="print_only", help="only show what would be written")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


def _workers(text: str) -> int:
    workers = int(text)
    if not 1 <= workers <= 64:
        raise argparse.ArgumentTypeError("must be from 1 to 64")
    return workers


def _utf8(stream: TextIO) -> TextIO:
    """The stream, able to print any script. Some consoles and pipes would fail at the first emoji."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace")
    return stream
