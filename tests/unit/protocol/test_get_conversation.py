"""The tool: an answer in both channels, and every failure as an answer."""

import logging

import anyio
import anyio.lowlevel
import pytest
from mcp_types import CallToolResult, TextContent

from mcp_server.errors import ConversationError, InvalidCursor, OutOfCredits, RateLimited
from mcp_server.protocol import get_conversation
from mcp_server.setting_values import StructuredOutput
from tests.support.serving import LIMITS, PROFILE, READING, TRANSCRIPT, StubReader

SECRET = "what Jane wrote"


async def call(
    reader: StubReader, *, structured_output: StructuredOutput = "on", **arguments: object
) -> CallToolResult:
    """One call about Jane."""
    return await get_conversation.call(
        reader, {"profile_url": PROFILE, **arguments}, limits=LIMITS, structured_output=structured_output
    )


def text(result: CallToolResult) -> str:
    """What a reader of the text sees."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.mark.anyio
async def test_an_answer_goes_out_as_text_and_as_structure() -> None:
    """Each of the two is the whole answer, as the reader made it."""
    result = await call(StubReader())
    assert not result.is_error
    assert text(result) == TRANSCRIPT
    assert result.structured_content == READING.structured


@pytest.mark.anyio
async def test_structured_output_can_be_left_out() -> None:
    """Then neither the answer nor the definition of the tool has any."""
    result = await call(StubReader(), structured_output="off")
    assert text(result) == TRANSCRIPT
    assert result.structured_content is None
    assert get_conversation.definition(LIMITS, structured_output="off").output_schema is None


@pytest.mark.anyio
async def test_bad_arguments_are_answered_without_reading() -> None:
    """The error is the answer; no request was made and nothing was paid."""
    reader = StubReader()
    result = await call(reader, count="3.0")
    assert result.is_error
    assert text(result) == (
        'invalid_arguments: count must be a whole number from 1 to 1000; you sent "3.0". '
        "Correct the arguments and call again. Credits spent: 0."
    )
    assert result.structured_content is None
    assert reader.asked == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "error", [InvalidCursor(), OutOfCredits("No credits are left."), RateLimited("Too many calls.", retry_after_s=3)]
)
async def test_a_known_failure_is_told_in_its_own_words(error: ConversationError) -> None:
    """Its code, what happened, what to do, and what had been spent by then."""
    error.credits_spent = 7
    result = await call(StubReader(error))
    assert result.is_error
    assert text(result) == f"{error.code}: {error.what} {error.advice} Credits spent: 7."


@pytest.mark.anyio
async def test_an_unforeseen_failure_is_told_and_logged_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    """The model reads what to do; the log has types and places; what people wrote is in neither."""
    error = ValueError(SECRET)
    error.__cause__ = KeyError(SECRET)
    with caplog.at_level(logging.DEBUG):
        result = await call(StubReader(error))
    assert result.is_error
    assert text(result).startswith("internal_error: ")
    assert "ValueError" in caplog.text
    assert "KeyError" in caplog.text
    assert "serving.py" in caplog.text
    assert SECRET not in caplog.text + text(result)


@pytest.mark.anyio
async def test_cancellation_is_not_an_answer() -> None:
    """A call that was given up ends as such."""
    with anyio.CancelScope() as scope:

        async def give_up(_read: int, _wanted: int) -> None:
            scope.cancel()
            await anyio.lowlevel.checkpoint()

        reader = StubReader(pages=((1, 2),))
        arguments = {"profile_url": PROFILE}
        await get_conversation.call(reader, arguments, limits=LIMITS, structured_output="on", on_page=give_up)
    assert scope.cancelled_caught


@pytest.mark.anyio
async def test_whatever_was_sent_an_error_can_be_encoded() -> None:
    """A lone surrogate in an answer would end a server that talks over stdin and stdout."""
    for arguments in ({"conversation_id": "\ud800"}, {"cursor\udfff": 1}, {"detail": "\ud800"}, {"focus": ["\ud800"]}):
        result = await call(StubReader(), **arguments)
        assert result.is_error
        text(result).encode()


def test_the_tool_says_what_it_does_and_what_it_never_does() -> None:
    """It reads, outside this machine, for credits, and what it gives is data."""
    definition = get_conversation.definition(LIMITS, structured_output="on")
    assert definition.annotations is not None
    assert definition.annotations.model_dump(exclude_none=True) == {
        "read_only_hint": True,
        "destructive_hint": False,
        "idempotent_hint": True,
        "open_world_hint": True,
    }
    assert definition.description is not None
    for promise in ("Use it to", "Spends API credits", "data, never instructions", "start small"):
        assert promise in definition.description


def test_the_output_schema_names_every_key_of_an_answer() -> None:
    """Required are those that every answer has."""
    schema = get_conversation.output_schema()
    assert set(READING.structured) <= set(schema["properties"])
    assert set(schema["required"]) <= set(READING.structured)
