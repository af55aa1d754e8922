"""Logging to stderr that never repeats what people wrote: types, places and codes, no values.

This package's own messages are written with that in mind. Of a library's message only its place is told, since a
message may quote what broke it; the same goes for tracebacks, whoever they are of and however they get out.
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
    """Types and places of an error and of what caused it, one a line. No message: it may quote a conversation."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    inner = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    causes = [outline(each) for each in (*inner, cause) if each is not None]
    return "\n".join((type(error).__qualname__, *lines, *causes))


class DiscreetFormatter(logging.Formatter):
    """Formats records with `outline` in place of tracebacks, and with the place in place of a library's words."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_content(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name logging calls
        return "" if ei[1] is None else outline(ei[1])


def _without_content(record: logging.LogRecord) -> logging.LogRecord:
    """The record as it may be told: one of a library says where it comes from, and no more."""
    if record.name.partition(".")[0] == _PACKAGE:
        return record
    told = copy.copy(record)
    told.msg, told.args = "at %s:%d", (record.pathname, record.lineno)
    return told


class _DiscreetHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr; a record that cannot be formatted is not shown with its arguments, as logging would."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 - as logging calls it
        _write_to_stderr("a log record could not be written", sys.exception())


class JsonFormatter(DiscreetFormatter):
    """A record as one line of JSON, as collectors of logs read it; as discreet as the other."""

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
    """Log to stderr (stdout is the wire): this package at `level`, everything else from warnings up.

    Others log addresses, headers and whole messages at lower levels, so `level` never applies to them. Errors that
    nobody caught, in whatever thread, are told by their outline too.
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
    """Straight to stderr, as logging may be what broke, or over already."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{what}: {'' if error is None else outline(error)}\n")
