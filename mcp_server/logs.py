"""Logging to stderr that never repeats what people wrote: types, places and codes, no values."""

import logging
import sys
import traceback
from types import TracebackType

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
    """Formats records with `outline` in place of tracebacks, whose last lines quote the values that broke things."""

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name logging calls
        return "" if ei[1] is None else outline(ei[1])


def configure_logging(level: str) -> None:
    """Log to stderr (stdout is the wire): this package at `level`, everything else from warnings up.

    Others log addresses, headers and whole messages at lower levels, so `level` never applies to them.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(DiscreetFormatter(_FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    logging.getLogger(_PACKAGE).setLevel(level)
