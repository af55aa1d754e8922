"""Logging to stderr without message content: types, source locations and codes, no values.

This package's own log messages contain no content. Of a library's log message only the source location is kept, because
the message may quote its input; of exceptions only types and locations are kept.
"""

import copy
import json
import logging
import sys
import threading
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

_PACKAGE = "mcp_server"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def outline(error: BaseException) -> str:
    """Types and source locations of an error and its causes, one per line. No messages: they may quote content."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    causes = [outline(each) for each in (*inner, cause) if each is not None]
    return "\n".join((type(error).__qualname__, *lines, *causes))


class DiscreetFormatter(logging.Formatter):
    """Formats tracebacks with `outline`, and a library's record as its source location."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_content(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name logging calls
        return "" if ei[1] is None else outline(ei[1])


def _without_content(record: logging.LogRecord) -> logging.LogRecord:
    """A record of this package unchanged; for any other, a copy that holds only the source location."""
    if record.name.partition(".")[0] == _PACKAGE:
        return record
    reduced = copy.copy(record)
    reduced.msg, reduced.args = "at %s:%d", (record.pathname, record.lineno)
    return reduced


class _DiscreetHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr. Unlike logging's own, it never prints the arguments of a record that fails to format."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - logging's signature
        _write_to_stderr("a log record could not be written", sys.exception())


class JsonFormatter(DiscreetFormatter):
    """Formats a record as one line of JSON, for log collectors; contains no more than DiscreetFormatter."""

    def format(self, record: logging.LogRecord) -> str:
        seen = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "time": seen,
            "level": record.levelname,
            "logger": record.name,
            "message": _without_content(record).getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logging(level: str, *, as_json: bool = False) -> None:
    """Log to stderr (stdout belongs to the protocol): this package at `level`, libraries from WARNING up.

    Libraries log addresses, headers and whole messages at lower levels, so `level` never applies to them. Uncaught
    exceptions, in any thread, are written as outlines too.
    """
    sys.excepthook = lambda _kind, error, _traceback: _write_to_stderr("uncaught", error)
    sys.unraisablehook = lambda unraisable: _write_to_stderr("unraisable", unraisable.exc_value)
    threading.excepthook = lambda caught: _write_to_stderr("uncaught in a thread", caught.exc_value)
    handler = _DiscreetHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else DiscreetFormatter(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.getLogger(_PACKAGE).setLevel(level)


def _write_to_stderr(what: str, error: BaseException | None) -> None:
    """Write to stderr directly, since logging itself may have failed or been shut down."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{what}: {'' if error is None else outline(error)}\n")
