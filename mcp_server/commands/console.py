"""The output of a command: results to one stream, everything else to another."""

from dataclasses import dataclass
from typing import TextIO

from mcp_server.errors import ConversationError, InvalidArguments, InvalidCursor, SettingsError

SUCCESS, FAILED, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130


def counted(number: int, thing: str) -> str:
    """`1 credit`, `2 credits`, `1,000 messages`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Console:
    """`out` receives only the result, so that it can be piped; `err` receives the rest."""

    out: TextIO
    err: TextIO

    def say(self, line: str = "") -> None:
        self.out.write(f"{line}\n")
        self.out.flush()

    def note(self, line: str) -> None:
        self.err.write(f"{line}\n")
        self.err.flush()

    def progress(self, line: str) -> None:
        """Show a line that the next one replaces. Does nothing unless `err` is a terminal."""
        if self.err.isatty():
            self.err.write(f"\r\x1b[K{line}")
            self.err.flush()

    def fail(self, error: ConversationError) -> int:
        """Print an error and its advice; returns the exit code."""
        spent = f" Credits spent: {error.credits_spent}." if error.credits_spent else ""
        self.progress("")
        self.note(f"{error.code}: {error.what} {error.advice}{spent}")
        return USAGE_ERROR if isinstance(error, SettingsError | InvalidArguments | InvalidCursor) else FAILED
