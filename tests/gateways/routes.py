"""The routes through bridges and gateways: how each gateway is started, and the client's way to it.

`make test-gateways` installs the gateways in environments of their own.
"""

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from mcp.client import Transport
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.support.replicas import free_port, process

HANDSHAKE, BOTH = ("legacy",), ("legacy", "2026-07-28")
"""The ways in which a client may open a connection, one by one: a client that tries the newest first waits ten seconds
for its answer, and a gateway may take longer to start on a busy machine."""
TOKEN = "gateway-token"
TOKEN_NEEDED = "The header Authorization must be Bearer and the token that this server's operator gave you"
_TOOLS = Path(__file__).resolve().parents[2] / ".tools" / "gateways"
_NODE = _TOOLS / "npm" / "node_modules" / ".bin"
_FASTMCP_PROXY = """
import json, sys
from fastmcp.server import create_proxy
create_proxy(json.loads(sys.argv[1]), name="proxy").run(show_banner=False, **json.loads(sys.argv[2]))
"""
SERVER = [str(Path(sys.executable).with_name("conversation-mcp")), "--sandbox"]


def _python_program(name: str) -> str:
    """A program of that name in its own environment."""
    return str(_TOOLS / name / "bin" / name)


@dataclass(frozen=True)
class ToHttp:
    """A gateway that a client starts over stdio, in front of the server's HTTP.

    `command` is of URL and token. With a wrong token it writes `refusal` to its log. `eras` are those that it
    speaks with a client. `logs_messages`: it also writes the answers to its log.
    """

    name: str
    command: Callable[[str, str], Sequence[str]]
    refusal: str
    eras: tuple[str, ...] = HANDSHAKE
    logs_messages: bool = False

    def __str__(self) -> str:
        return self.name

    def transport(self, url: str, errlog: TextIO, *, token: str = TOKEN) -> Transport:
        program, *arguments = self.command(url, token)
        env = {"PATH": f"{_TOOLS.parent / 'node_modules' / '.bin'}:/usr/bin:/bin", "HOME": str(_TOOLS)}
        return stdio_client(StdioServerParameters(command=program, args=arguments, env=env), errlog=errlog)


@dataclass(frozen=True)
class ToStdio:
    """A gateway over HTTP that starts the server over stdio. `command` is of the port it listens on.

    `eras` and `logs_messages` are as for ToHttp.
    """

    name: str
    command: Callable[[int], Sequence[str]]
    eras: tuple[str, ...] = HANDSHAKE
    logs_messages: bool = False

    @contextmanager
    def running(self, log: TextIO) -> Iterator[str]:
        """Its URL, as long as the context lasts."""
        port = free_port()
        with process(list(self.command(port)), port, log):
            yield f"http://127.0.0.1:{port}/mcp"


def mcpo(*arguments: str) -> list[str]:
    """mcpo with these arguments, on loopback."""
    return [_python_program("mcpo"), "--host", "127.0.0.1", *arguments]


def litellm(settings: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """LiteLLM's proxy on loopback with these settings, and its environment. It downloads nothing."""
    command = [_python_program("litellm"), "--config", str(settings), "--host", "127.0.0.1", "--port", str(port)]
    return command, {"PATH": "/usr/bin:/bin", "HOME": str(settings.parent), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def authorization(token: str) -> str:
    """The value of that header."""
    return f"Bearer {token}"


def _fastmcp(server: dict[str, object], **serving: object) -> list[str]:
    python = str(_TOOLS / "fastmcp" / "bin" / "python")
    return [python, "-c", _FASTMCP_PROXY, json.dumps({"mcpServers": {"li": server}}), json.dumps(serving)]


TO_HTTP = (
    ToHttp(
        "mcp-proxy",
        lambda url, token: (
            *(_python_program("mcp-proxy"), "--transport", "streamablehttp"),
            *("--headers", "Authorization", authorization(token), url),
        ),
        refusal="Client error '401 Unauthorized'",
    ),
    ToHttp(
        "supergateway",
        lambda url, token: (
            *(str(_NODE / "supergateway"), "--streamableHttp", url, "--outputTransport", "stdio"),
            *("--oauth2Bearer", token),
        ),
        refusal=TOKEN_NEEDED,
        logs_messages=True,
    ),
    ToHttp(
        "mcp-remote",
        lambda url, token: (str(_NODE / "mcp-remote"), url, "--header", f"Authorization: {authorization(token)}"),
        refusal=TOKEN_NEEDED,
        eras=BOTH,
    ),
    ToHttp(
        "fastmcp",
        lambda url, token: _fastmcp({"url": url, "headers": {"Authorization": authorization(token)}}),
        refusal="Server returned an error response",
        eras=BOTH,
    ),
)

TO_STDIO = (
    ToStdio("mcp-proxy", lambda port: (_python_program("mcp-proxy"), "--port", str(port), "--", *SERVER)),
    ToStdio(
        "supergateway",
        lambda port: (
            *(str(_NODE / "supergateway"), "--stdio", shlex.join(SERVER), "--outputTransport", "streamableHttp"),
            *("--stateful", "--logLevel", "none", "--port", str(port)),
        ),
        eras=BOTH,
    ),
    ToStdio(
        "fastmcp",
        lambda port: _fastmcp(
            {"command": SERVER[0], "args": SERVER[1:]}, transport="http", host="127.0.0.1", port=port
        ),
        eras=BOTH,
    ),
)
