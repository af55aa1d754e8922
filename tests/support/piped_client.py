"""A client on two pipes, as a process that serves over stdin and stdout has it."""

import json
import os
from types import TracebackType
from typing import Any, Self

from mcp_server.front.connection import Connection
from mcp_server.front.opening import Opening
from mcp_server.front.results import load
from mcp_server.setting_values import Listed


class PipedClient:
    """Writes lines and reads answers; `connection` is the server's side, not started."""

    def __init__(self) -> None:
        read_fd, write_fd = os.pipe(), os.pipe()
        self.connection = Connection(Opening(load(Listed())), read_fd[0], write_fd[1])
        self._to_server, self._answers = os.fdopen(read_fd[1], "wb", buffering=0), os.fdopen(write_fd[0], "rb")
        self._servers = (read_fd[0], write_fd[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hang_up()
        self.stop_listening()

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._to_server.write(data)

    def say(self, *lines: bytes) -> None:
        """Send each message as a line, all at once."""
        self.send(b"".join(line + b"\n" for line in lines))

    def heard(self) -> dict[str, Any]:
        """Wait for the next message of the server and return it."""
        message: dict[str, Any] = json.loads(self._answers.readline())
        return message

    def hang_up(self) -> None:
        """End the server's input."""
        self._to_server.close()

    def stop_listening(self) -> None:
        """Make every write of the server fail."""
        self._answers.close()
