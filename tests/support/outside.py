"""The server as seen from outside: a messaging API on a real socket, and a client that writes and reads lines.

Needs nothing of the package but its command, so that tests can be run against any version of it.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, cast

from tests.support.patience import PATIENCE_S

HOUR_MS = 3_600_000
NEWEST_MS = 1_777_147_000_000

Params = dict[str, Any]
Response = tuple[int, dict[str, Any]]


def sent(
    number: int, text: str = "", *, who: str = "Jane Doe", at: int | None = None, **fields: object
) -> dict[str, Any]:
    """A message as the API documents it, the `number`-th before the newest; `fields` replace or add."""
    first, _, last = who.partition(" ")
    return {
        "text": text,
        "timestamp": NEWEST_MS - number * HOUR_MS if at is None else at,
        "sender": who,
        "sender_info": {
            "first_name": first,
            "last_name": last,
            "profile_url": f"https://www.linkedin.com/in/{who.lower().replace(' ', '-')}/",
        },
        "message_type": "TEXT",
        "entity_urn": f"urn:li:msg_message:(urn:li:fsd_profile:ACoAAB,2-{number})",
        **fields,
    }


def dull(count: int, **special: str) -> list[dict[str, Any]]:
    """Messages of Jane and John in turn, newest first; `special` are texts by number, as in `m40`."""
    return [
        sent(
            number,
            special.get(f"m{number}", f"We talked about thing {number} again and agreed that it can wait."),
            who=("Jane Doe", "John Smith")[number % 2],
        )
        for number in range(count)
    ]


def page(messages: Sequence[object], following: object = None, **conversation: object) -> Response:
    """A successful answer of the API."""
    data = {"messages": list(messages), **({} if following is None else {"next_cursor": following}), **conversation}
    metadata = {"action": "get_conversation", "account_id": "acct", "credits_consumed": -(-len(messages) // 10)}
    return 200, {"success": True, "data": data, "metadata": metadata}


def refused(status: int, code: str, message: str) -> Response:
    """An error of the API."""
    metadata = {"action": "get_conversation", "credits_consumed": 0}
    return status, {"success": False, "error": {"code": code, "message": message}, "metadata": metadata}


def by_offset(
    messages: list[dict[str, Any]], *, most: int = 50, total: int | None = None
) -> Callable[[Params], Response]:
    """An API whose cursor is an offset. `messages` may change between pages."""

    def answer(params: Params) -> Response:
        start = int(params.get("cursor") or 0)
        end = start + min(int(params.get("count", 10)), most)
        following = str(end) if end < len(messages) else None
        return page(messages[start:end], following, total_message_count=len(messages) if total is None else total)

    return answer


class Api:
    """Answers each request with `answer(params)`; `requests` are the parameters it received."""

    def __init__(self, answer: Callable[[Params], Response]) -> None:
        api, self.requests = self, list[Params]()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
                pass

            def do_POST(self) -> None:
                params = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["params"]
                api.requests.append(params)
                status, document = answer(params)
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server that reads from here."""
        return {
            "CONVERSATION_API_BASE_URL": f"http://127.0.0.1:{self.server.server_address[1]}",
            "CONVERSATION_API_KEY": "a-key",
            "CONVERSATION_ACCOUNT_ID": "acct",
        }


@contextmanager
def api(answer: Callable[[Params], Response]) -> Iterator[Api]:
    """A running API."""
    running = Api(answer)
    try:
        yield running
    finally:
        running.server.shutdown()
        running.server.server_close()


class Answer(NamedTuple):
    """The result of a call: its text, its structured content, and whether it is an error."""

    text: str
    content: dict[str, Any]
    is_error: bool


OPENING = (
    {
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "outside", "version": "1"},
        },
    },
    {"method": "notifications/initialized"},
)


def line(message: Mapping[str, object]) -> bytes:
    """A message as a line."""
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


def call(number: int, arguments: Mapping[str, object]) -> dict[str, object]:
    """A call of the tool."""
    return {"id": number, "method": "tools/call", "params": {"name": "get_conversation", "arguments": arguments}}


class Server:
    """A server process on two pipes, initialized."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.process = process(environment, *arguments)
        self._number = 1
        self._write(*OPENING)
        self._result(1)

    def call(self, **arguments: object) -> Answer:
        """The answer to a call of the tool."""
        self._number += 1
        self._write(call(self._number, arguments))
        result = self._result(self._number)
        text = "".join(part.get("text", "") for part in result["content"])
        return Answer(text, result.get("structuredContent") or {}, bool(result.get("isError")))

    def listed(self) -> list[str]:
        """The names of the tools."""
        self._number += 1
        self._write({"id": self._number, "method": "tools/list", "params": {}})
        return [tool["name"] for tool in self._result(self._number)["tools"]]

    def close(self) -> None:
        """End its input and wait for its end."""
        self.process.communicate(timeout=PATIENCE_S)

    def _write(self, *messages: Mapping[str, object]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(map(line, messages)))
        self.process.stdin.flush()

    def _result(self, number: int) -> dict[str, Any]:
        assert self.process.stdout is not None
        for heard in self.process.stdout:
            message = json.loads(heard)
            if message.get("id") == number:
                assert "result" in message, message
                return cast(dict[str, Any], message["result"])
        raise AssertionError("The server ended without an answer.")


def process(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    """The command, with these settings and no others."""
    command = [sys.executable, "-m", "mcp_server", *arguments]
    return subprocess.Popen(
        command, env=bare(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def bare(environment: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings, and with these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONVERSATION_")}
    return {**kept, **environment}


@contextmanager
def served(environment: Mapping[str, str], *arguments: str) -> Iterator[Server]:
    """A running server, which lets a busy machine take its time over a call."""
    running = Server({"CONVERSATION_CALL_TIMEOUT": str(PATIENCE_S), **environment}, *arguments)
    try:
        yield running
    finally:
        running.close()


def command(environment: Mapping[str, str], *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command to its end, with `answers` as its input."""
    return subprocess.run(
        [sys.executable, "-m", "mcp_server", *arguments],
        env=bare(environment),
        input=answers,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
