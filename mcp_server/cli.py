"""The command `conversation-mcp`: parses the command line and runs one of `mcp_server.commands`.

Exit codes: 0 success, 1 failure, 2 invalid command line or setting, 130 interrupted. While serving, stdout belongs to
the protocol, so everything meant for people goes to stderr.
"""

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn, TextIO

from mcp_server import __version__
from mcp_server.commands.console import FAILED, INTERRUPTED, Console
from mcp_server.commands.hosts import HOSTS
from mcp_server.errors import ConversationError
from mcp_server.setting_values import plain_integer

_ARCHIVE_HELP = "read LinkedIn's copy of your data (ZIP, folder or messages.csv) in place of the API; spends nothing"
_SANDBOX_HELP = "use the built-in sandbox: fictional conversations; needs no key or account and spends nothing"

_HOSTS = ", ".join(HOSTS)
# In the messages of argparse: an option that does not exist, or a wrong choice.
_MISTAKEN = re.compile(r"unrecognized arguments: .*?(--?[A-Za-z][\w-]*)|invalid choice: '([^']*)'")


def main(
    argv: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Run a command and return its exit code. Defaults to sys.argv, os.environ, stdout and stderr."""
    parser = _parser()
    options = _parsed(parser, argv)
    if options.archive is not None and options.sandbox:
        parser.error("--archive and --sandbox exclude each other")
    console = Console(out or _utf8(sys.stdout), err or _utf8(sys.stderr))
    try:
        return _run(options, _with_archive(options, os.environ if environ is None else environ), console)
    except ConversationError as error:
        return console.fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reading end of a pipe (`| head`) was closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAILED


def _parsed(parser: argparse.ArgumentParser, argv: Sequence[str] | None) -> argparse.Namespace:
    """The options. What a command does not know is that command's error, so that only its own options are suggested."""
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        from mcp_server.commands.shell_completion import commands

        dict(commands(parser)).get(options.command, parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    return options


def _with_archive(options: argparse.Namespace, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with `--archive` as the setting that it is, by its full path: clients start elsewhere."""
    if options.archive is None:
        return environ
    return {**environ, "CONVERSATION_ARCHIVE": os.path.abspath(os.path.expanduser(options.archive))}


def _run(options: argparse.Namespace, environ: Mapping[str, str], console: Console) -> int:
    # Each command imports its own modules, so that serving does not wait for those of other commands.
    match options.command:
        case "read":
            from mcp_server.commands.read import read

            return read(options, environ, console)
        case "check":
            from mcp_server.commands.check import check

            return check(options, environ, console)
        case "conversations":
            from mcp_server.commands.conversations import conversations

            return conversations(options, environ, console)
        case "sandbox":
            from mcp_server.commands.sandbox import sandbox

            return sandbox(options, console)
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
            from mcp_server.commands.serve import serve

            return serve(environ, console, sandbox=options.sandbox)


class _Parser(argparse.ArgumentParser):
    """Suggests the option, command or client that was probably meant."""

    def error(self, message: str) -> NoReturn:
        import difflib

        from mcp_server.commands.shell_completion import commands, words

        if mistaken := _MISTAKEN.search(message):
            known = [word for each in (self, *(command for _, command in commands(self))) for word in words(each)]
            close = difflib.get_close_matches(mistaken[1] or mistaken[2], known, n=1)
            message += f" (did you mean {close[0]}?)" if close else ""
        super().error(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="conversation-mcp",
        description="An MCP server that lets an agent read a LinkedIn conversation within a token budget. "
        "Without a command it serves MCP over stdin and stdout, which is how clients start it.",
    )
    parser.add_argument("--version", action="version", version=f"conversation-mcp {__version__}")
    parser.add_argument("--sandbox", action="store_true", help=_SANDBOX_HELP)
    parser.add_argument("--archive", metavar="PATH", help=_ARCHIVE_HELP)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_serve(
        commands.add_parser("serve", parents=[_sourced()], help="serve over stdin and stdout (the default) or HTTP")
    )
    _add_read(commands.add_parser("read", parents=[_sourced()], help="print a conversation (spends credits)"))
    checked = commands.add_parser(
        "check", parents=[_sourced()], help="test settings, network, key and account; spends no credits"
    )
    checked.add_argument(
        "host", metavar="HOST", nargs="?", choices=HOSTS, help=f"test the settings in this client's file: {_HOSTS}"
    )
    _add_conversations(
        commands.add_parser("conversations", parents=[_sourced()], help="list your conversations (spends credits)")
    )
    commands.add_parser("demo", help="run a real client against the server, with fictional conversations")
    _add_install(
        commands.add_parser("install", parents=[_sourced()], help="add this server to a client's configuration")
    )
    shells = commands.add_parser("completion", help="print a completion script for your shell")
    shells.add_argument("shell", choices=("bash", "fish", "zsh"), help="which shell")
    _add_sandbox(
        commands.add_parser("sandbox", help="serve a local copy of the messaging API, with fictional conversations")
    )
    return parser


def _sourced() -> _Parser:
    """A parent parser for `--sandbox` and `--archive` after a command; the options before the command apply too."""
    parent = _Parser(add_help=False)
    parent.add_argument("--archive", metavar="PATH", default=argparse.SUPPRESS, help=_ARCHIVE_HELP)
    parent.add_argument("--sandbox", action="store_true", default=argparse.SUPPRESS, help=_SANDBOX_HELP)
    return parent


def _add_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: any free port)")
    parser.add_argument(
        "--price",
        choices=("unit", "message", "request"),
        default="unit",
        help="charge one credit per ten messages or part of ten (unit, the default), per message or per request",
    )
    parser.add_argument(
        "--page-limit", type=_page_limit, default=50, metavar="N", help="messages per page (default 50)"
    )
    parser.add_argument("--refuse-larger", action="store_true", help="refuse requests for more, instead of giving N")
    parser.add_argument(
        "--request-ms", type=_milliseconds, default=0, metavar="MS", help="time that every answer takes"
    )
    parser.add_argument(
        "--message-ms", type=_milliseconds, default=0, metavar="MS", help="time that every message adds"
    )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--http", action="store_true", help="serve any number of clients over Streamable HTTP, at /mcp")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default 127.0.0.1); any other address requires tokens",
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (default 8000); 0 means any free port"
    )
    parser.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="worker processes that share the port (default 1)"
    )


def _add_read(parser: argparse.ArgumentParser) -> None:
    """Add the options of `read`. None has a default here: the tool's own defaults apply."""
    parser.add_argument("target", metavar="TARGET", help="the other person's profile URL, or a conversation id")
    parser.add_argument("--count", type=_integer, metavar="N", help="messages to read, newest first (default 10)")
    parser.add_argument(
        "--max-tokens", type=_integer, metavar="N", help="size limit of the transcript, in tokens (default 4000)"
    )
    parser.add_argument("--detail", choices=("condensed", "verbatim"), help="default condensed")
    parser.add_argument("--focus", metavar="TEXT", help="a question or topic; related messages are kept first")
    parser.add_argument(
        "--since", metavar="DATE", help="only messages after this ISO date or time, or today, yesterday, 12h, 7d, 2w"
    )
    parser.add_argument("--cursor", metavar="CURSOR", help="next_cursor of an earlier answer, for older messages")
    parser.add_argument("--all", action="store_true", dest="everything", help="continue to the very first message")
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="print the structured content as JSON, one line per answer"
    )


def _add_conversations(parser: argparse.ArgumentParser) -> None:
    """Add the options of `conversations`. None has a default here: the tool's own defaults apply."""
    parser.add_argument(
        "--count", type=_integer, metavar="N", help="conversations to look at, newest first (default 20, at most 200)"
    )
    parser.add_argument("--show", choices=("all", "unread", "to_answer"), help="default all")
    parser.add_argument("--query", metavar="TEXT", help="a name or words; over an archive, in all texts")
    parser.add_argument(
        "--max-tokens", type=_integer, metavar="N", help="size limit of the list, in tokens (default 20000)"
    )
    parser.add_argument("--cursor", metavar="CURSOR", help="next_cursor of an earlier list, for older conversations")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print the structured content as JSON")


def _add_install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", metavar="HOST", choices=HOSTS, help=f"one of {_HOSTS}")
    parser.add_argument(
        "--print", action="store_true", dest="print_only", help="show the configuration without writing it"
    )
    parser.add_argument("--no-check", action="store_true", help="write the settings without testing them first")


def _integer(text: str) -> int:
    number = plain_integer(text)
    if number is None:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}")
    return number


def _port(text: str) -> int:
    port = _integer(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


def _page_limit(text: str) -> int:
    limit = _integer(text)
    if not 1 <= limit <= 10_000:
        raise argparse.ArgumentTypeError("must be from 1 to 10000")
    return limit


def _milliseconds(text: str) -> int:
    milliseconds = _integer(text)
    if not 0 <= milliseconds <= 60_000:
        raise argparse.ArgumentTypeError("must be from 0 to 60000")
    return milliseconds


def _workers(text: str) -> int:
    workers = _integer(text)
    if not 1 <= workers <= 64:
        raise argparse.ArgumentTypeError("must be from 1 to 64")
    return workers


def _utf8(stream: TextIO) -> TextIO:
    """The stream, switched to UTF-8: some consoles and pipes could not encode an emoji otherwise."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace")
    return stream
