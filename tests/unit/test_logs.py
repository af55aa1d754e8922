"""The log has types and places, never what people wrote."""

import io
import logging
from collections.abc import Iterator

import pytest

from mcp_server.logs import DiscreetFormatter, configure_logging, outline

SECRET = "what Jane wrote"


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Puts the process's logging back to what it was."""
    root, package = logging.getLogger(), logging.getLogger("mcp_server")
    before = (root.handlers[:], root.level, package.level)
    yield
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
    told = outline(caught())
    assert told.startswith("ValueError\n")
    assert "\nKeyError\n" in told
    assert "in broken" in told
    assert SECRET not in told


def test_a_group_is_outlined_by_its_members() -> None:
    """Task groups raise many at once."""
    told = outline(ExceptionGroup(SECRET, [caught(), TypeError(SECRET)]))
    assert told.startswith("ExceptionGroup\nValueError\n")
    assert told.endswith("TypeError")
    assert SECRET not in told


def test_a_context_that_was_put_aside_is_not_outlined() -> None:
    """`raise ... from None` means that it does not matter."""
    error = ValueError()
    error.__context__ = KeyError()
    assert outline(error) == "ValueError\nKeyError"
    error.__suppress_context__ = True
    assert outline(error) == "ValueError"


def test_whoever_logs_an_exception_its_message_stays_out() -> None:
    """Libraries log their tracebacks too, and the last line of one quotes the values."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(DiscreetFormatter("%(message)s"))
    logger = logging.Logger("somebody else's")
    logger.addHandler(handler)
    logger.error("it broke", exc_info=caught())
    logger.error("nothing broke", exc_info=(None, None, None))
    assert "it broke\nValueError\n" in stream.getvalue()
    assert SECRET not in stream.getvalue()


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize(("level", "others"), [("DEBUG", logging.WARNING), ("ERROR", logging.ERROR)])
def test_the_level_is_this_packages_alone(level: str, others: int) -> None:
    """An HTTP client logs addresses and headers from INFO down; it is not asked to."""
    configure_logging(level)
    assert logging.getLogger("mcp_server.tool").getEffectiveLevel() == logging.getLevelNamesMapping()[level]
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
