"""A client over stdio that does nothing but write lines and read them: what is measured with it is the server."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

OURS = (sys.executable, "-m", "mcp_server")
BARE = (sys.executable, "-m", "benchmarks.bare_stdio")
PRIYA = {"profile_url": "https://www.linkedin.com/in/priya-raman-norbury"}


class StdioServer:
    """A server process with a client attached, for as long as the context lasts."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.began_s = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(environment)
        )
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def ask(self, method: str, **params: object) -> Any:
        """The result of a request."""
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer.get("id") == self._number:
                return answer["result"]
        raise EOFError(f"the server ended before it answered {method}")

    def greet(self) -> None:
        """Say hello, as every client begins."""
        client = {"name": "benchmark", "version": "1"}
        self.ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self._write({"method": "notifications/initialized"})

    def call(self, **arguments: object) -> Any:
        """The result of the tool, which must not be an error."""
        result = self.ask("tools/call", name="get_conversation", arguments=arguments)
        assert not result.get("isError"), result
        return result

    def since_start_s(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self.began_s

    def rss_mb(self) -> float:
        """Its resident size, in millions of bytes. Linux."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6

    def _write(self, message: Mapping[str, object]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()


class FarApi:
    """The sandbox in a process of its own; `delay_s` is how long it thinks over each page."""

    def __init__(self, *, delay_s: float = 0.0) -> None:
        command = [sys.executable, "-m", "benchmarks.far_api", str(delay_s)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.environment: dict[str, str] = json.loads(self._process.stdout.readline())
        # Nothing else is said; a full pipe would block it.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
