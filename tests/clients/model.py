"""Plays the model of an agent: speaks OpenAI's chat API on 127.0.0.1 and calls tools by what it has seen.

What an agent sends to its model is what the model sees, so it is kept: the tools of the first request, and the result
of each call of the scenario.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clients.dialects import dialect_of
from tests.clients.scenario import Call, Scenario


@dataclass(frozen=True, slots=True)
class Seen:
    """A call, its result as it was sent to the model, and the numbers of the calls that reached the server for it."""

    call: Call
    text: str
    calls: range

    @property
    def last(self) -> int:
        return self.calls[-1]


@dataclass(slots=True)
class Model:
    """The state of one conversation with an agent. `calls` returns how many calls have reached the server so far.

    `failures` are requests that it could not answer.
    """

    scenario: Scenario
    calls: Callable[[], int]
    tools: list[dict[str, Any]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _waiting: Call | None = None
    _before: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The message with which the model answers a request."""
        with self._lock:
            dialect = dialect_of(body)
            if self._waiting is None and not self.seen:
                self.tools = [tool["function"] for tool in body.get("tools", ())]
                self._waiting = next(self.scenario)
            results = dialect.results(body)
            if self._waiting and len(results) > len(self.seen):
                self._waiting = self._see(self._waiting, results[-1])
            if self._waiting is None:
                return dialect.done(body)
            return dialect.call(body, self._waiting, len(self.seen))

    def _see(self, call: Call, text: str) -> Call | None:
        before, self._before = self._before, self.calls()
        self.seen.append(Seen(call, text, range(before, self._before)))
        try:
            return self.scenario.send(text)
        except StopIteration:
            return None
        except LookupError as missing:
            self.failures.append(f"{call.step}: {missing} in {text}")
            return None


@contextmanager
def playing(model: Model) -> Iterator[int]:
    """The port at which this model answers as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.endswith("/chat/completions"):
                model.failures.append(f"asked for {self.path}")
                return self.send_error(404)
            message = model.answer(body)
            reason = "tool_calls" if "tool_calls" in message else "stop"
            if body.get("stream"):
                self._send("text/event-stream", _events(body, message, reason))
            else:
                choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
                self._send("application/json", json.dumps(_whole(body, "chat.completion", [choice], _USAGE)))

        def _send(self, kind: str, text: str) -> None:
            content = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        accepting = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        accepting.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            accepting.join()


_USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def _whole(body: dict[str, Any], kind: str, choices: list[Any], usage: dict[str, int] | None) -> dict[str, Any]:
    # Of its own: LangChain.js takes an answer with a known id for a new version of that answer.
    same = {"id": f"chatcmpl-{len(body['messages'])}", "created": 1_764_000_000, "model": body["model"], "object": kind}
    return {**same, "choices": choices, "usage": usage}


def _events(body: dict[str, Any], message: dict[str, Any], reason: str) -> str:
    """The same answer in two chunks and a third with the usage."""
    delta = dict(message)
    if "tool_calls" in delta:
        delta["tool_calls"] = [{"index": at, **call} for at, call in enumerate(delta["tool_calls"])]
    chunks = [
        ([{"index": 0, "delta": delta, "finish_reason": None}], None),
        ([{"index": 0, "delta": {}, "finish_reason": reason}], None),
        ([], _USAGE),
    ]
    sent = [json.dumps(_whole(body, "chat.completion.chunk", choices, usage)) for choices, usage in chunks]
    return "".join(f"data: {line}\n\n" for line in (*sent, "[DONE]"))
