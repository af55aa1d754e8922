"""`conversation-mcp serve --http` as a separate process, for the length of a context."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY
from tests.support.patience import PATIENCE_S

TOOL = "get_conversation"


@dataclass
class Running:
    """A server that answers at `url`."""

    url: str
    process: subprocess.Popen[str]
    log: str = ""

    @property
    def root(self) -> str:
        return self.url.removesuffix("/mcp")

    def stop(self) -> int:
        """Ask it to stop; returns its exit code. Its stderr is then in `log`."""
        self.process.send_signal(signal.SIGTERM)
        _, self.log = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


def environment_for(base_url: str, **others: str) -> dict[str, str]:
    """The environment of a server that reads from this API."""
    return {
        "CONVERSATION_API_BASE_URL": base_url,
        "CONVERSATION_API_KEY": SANDBOX_KEY,
        "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
        **{f"CONVERSATION_{name}": value for name, value in others.items()},
    }


@contextmanager
def http_server(environment: Mapping[str, str], *arguments: str) -> Iterator[Running]:
    """The server on any free port of loopback, ready to answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mcp_server", "serve", "--http", "--port", "0", *arguments],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith("Serving MCP on "), said
        running = Running(said.removeprefix("Serving MCP on ").strip(), process)
        # The port is open from here on: the first connection waits until the server is ready to take it.
        assert get(running.root + "/ready")[0] == 200
        yield running
    finally:
        with suppress(ProcessLookupError):  # with its workers, which would otherwise keep running
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def get(url: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body of a GET."""
    return _open(urllib.request.Request(url, headers=dict(headers or {})))


def post(url: str, body: object, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body of a POST, as a client of the protocol sends it unless `headers` say otherwise."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    return _open(urllib.request.Request(url, data, {**usual, **(headers or {})}))


def preflight(url: str, origin: str, *, host: str) -> Mapping[str, str]:
    """The headers of the answer to a browser that asks whether a page of this origin may POST here."""
    headers = {"Host": host, "Origin": origin, "Access-Control-Request-Method": "POST"}
    return _open(urllib.request.Request(url, headers=headers, method="OPTIONS"))[1]


def _open(request: urllib.request.Request) -> tuple[int, Mapping[str, str], bytes]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=PATIENCE_S) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, dict(refusal.headers), refusal.read()


def ask(method: str, **params: Any) -> dict[str, Any]:
    """A request of the 2025 era."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def call(**arguments: Any) -> dict[str, Any]:
    """A call of the tool, of the 2025 era."""
    return ask("tools/call", name=TOOL, arguments=arguments)


def answered(body: bytes) -> dict[str, Any]:
    """The message in an answer: plain, or the last event of a stream."""
    text = body.decode()
    events = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:") and line[5:].strip()]
    message: dict[str, Any] = json.loads(events[-1] if events else text)
    return message


def digest_line(token: str, subject: str) -> str:
    """A line of a token file."""
    return f"sha256:{hashlib.sha256(token.encode()).hexdigest()} {subject}"
