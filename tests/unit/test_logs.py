"""The log has types and places, never what people wrote."""

import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from mcp_server.logs import DiscreetFormatter, JsonFormatter, configure_logging, outline

SECRET = "what Jane wrote"


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Puts the process's logging, and its hooks for uncaught errors, back to what they were."""
    hooks = (sys.excepthook, sys.unraisablehook, threading.excepthook)
    root, package = logging.getLogger(), logging.getLogger("mcp_server")
    before = (root.handlers[:], root.level, package.level)
    yield
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    package.setLevel(before[2])


def broken() -> None:
    """Raises an error whose message, cause and context all quote a conversation."""
    try:
        raise KeyError(SECRET)
    except KeyError as cause:
        raise ValueError(SECRET) from cause


def caught() -> ValueError:
    """The error of `broken`."""
    with pytest.raises(ValueError, match=SECRET) as error:
        broken()
    return error.value


def test_an_error_is_outlined_by_types_and_places() -> None:
    """Its own and its cause's."""
    text = outline(caught())
    assert text.startswith("ValueError\n")
    assert "\nKeyError\n" in text
    assert "in broken" in text
    assert SECRET not in text


def test_a_group_is_outlined_by_its_members() -> None:
    """Task groups raise many at once."""
    text = outline(ExceptionGroup(SECRET, [caught(), TypeError(SECRET)]))
    assert text.startswith("ExceptionGroup\nValueError\n")
    assert text.endswith("TypeError")
    assert SECRET not in text


def test_a_context_that_was_put_aside_is_not_outlined() -> None:
    """`raise ... from None` means that it does not matter."""
    error = ValueError()
    error.__context__ = KeyError()
    assert outline(error) == "ValueError\nKeyError"
    error.__suppress_context__ = True
    assert outline(error) == "ValueError"


def test_the_message_of_a_logged_exception_stays_out() -> None:
    """Libraries log their tracebacks too, and the last line of one quotes the values."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DiscreetFormatter("%(message)s"))
    logger = logging.Logger("mcp_server.protocol.get_conversation")
    logger.addHandler(handler)
    logger.error("it broke", exc_info=caught())
    logger.error("nothing broke", exc_info=(None, None, None))
    assert "it broke\nValueError\n" in stream.getvalue()
    assert SECRET not in stream.getvalue()


@pytest.mark.parametrize(
    "formatter", [DiscreetFormatter("%(name)s: %(message)s"), JsonFormatter()], ids=["text", "JSON"]
)
def test_of_a_librarys_message_only_the_place_is_told(formatter: logging.Formatter) -> None:
    """Libraries quote lines they could not read, headers and addresses; the record itself is left as it was."""
    for name in ("mcp.server.lowlevel", "asyncio", "mcp_server_not_quite"):
        record = logging.LogRecord(name, logging.WARNING, "lib.py", 7, "cannot read %s", (SECRET,), (None, None, None))
        record.exc_info = (ValueError, caught(), None)
        text = formatter.format(record)
        assert name in text
        assert "at lib.py:7" in text
        assert "ValueError" in text
        assert SECRET not in text
        assert record.getMessage() == f"cannot read {SECRET}"


@pytest.mark.usefixtures("logging_as_before")
def test_what_nobody_caught_is_outlined_too(capsys: pytest.CaptureFixture[str]) -> None:
    """In the main thread, in another one, where nothing can be raised, and in a record that cannot be formatted."""
    configure_logging("INFO")
    error = caught()
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()

    class Unraisable:
        exc_value = error

    sys.unraisablehook(Unraisable)  # type: ignore[arg-type]  # all of it that is looked at
    logging.getLogger("mcp_server.test").info("%d", SECRET)
    text = capsys.readouterr().err
    assert text.count("\nKeyError") == 3
    for what in (
        "uncaught: ValueError",
        "uncaught in a thread: ValueError",
        "unraisable: ValueError",
        "not be written: T",
    ):
        assert what in text
    assert SECRET not in text


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize(("level", "others"), [("DEBUG", logging.WARNING), ("ERROR", logging.ERROR)])
def test_the_level_is_this_packages_alone(level: str, others: int) -> None:
    """An HTTP client logs addresses and headers from INFO down; it is not asked to."""
    configure_logging(level)
    assert logging.getLogger("mcp_server.service").getEffectiveLevel() == logging.getLevelNamesMapping()[level]
    assert logging.getLogger("httpx").getEffectiveLevel() == others
    assert logging.getLogger("httpcore.http11").getEffectiveLevel() == others
    assert logging.getLogger("mcp.server").getEffectiveLevel() == others


@pytest.mark.usefixtures("logging_as_before")
def test_the_log_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is the wire."""
    configure_logging("INFO")
    logging.getLogger("mcp_server.test").info("here")
    logging.getLogger("httpx").info("https://not.here")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(" INFO mcp_server.test: here\n")
    assert "not.here" not in captured.err
