"""Unknown arguments: misspelt ones are refused, fields that clients add are ignored."""

from dataclasses import replace

import pytest

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import Query, Target
from mcp_server.conversation.positions import START, WindowPage, WindowPages, anchor_of
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.arguments import parse_arguments
from mcp_server.protocol.unknown_arguments import MAX_UNKNOWN
from tests.support.conversations import MemorySource, chat, reader
from tests.support.serving import LIMITS, PROFILE

CODEC = CursorCodec("a key", scope=("get_conversation", "", "account"))
TARGET = Target("conversation_id", "2-abc")
CURSOR = CODEC.encode(START, TARGET)
WINDOW_CURSOR = CODEC.encode_window(WindowPages(anchor_of("urn:9"), 40, (WindowPage(None, 0, 2),), 300), TARGET)


def parse(**arguments: object) -> Query:
    return parse_arguments({"profile_url": PROFILE, **arguments}, LIMITS)


def refusal(**arguments: object) -> str:
    """The sentence these arguments are refused with."""
    with pytest.raises(InvalidArguments) as caught:
        parse(**arguments)
    return caught.value.what


@pytest.mark.parametrize(
    "name",
    [
        "toolCallId",
        "sessionId",
        "action",
        "chatInput",
        "_sessionID",
        "explanation",
        "account",
        "country",
        "customer_id",
        "token",
        "token_count",
        "thread_id",
        "requires_approval",
        "status_code",
    ],
)
def test_a_field_that_a_client_added_is_ignored_with_a_note(name: str) -> None:
    """No model can remove it, so every call would be refused."""
    query = parse(**{name: "x"})
    assert query.notes == (f'Ignored unknown argument "{name}".',)
    assert query.target == parse().target


def test_a_note_names_three_fields_and_counts_the_others() -> None:
    """It takes few tokens of the answer, however many the fields and however long their names."""
    (note,) = parse(toolCallId="x", sessionId="y", zz1=1, zz2=2).notes
    assert note == 'Ignored unknown arguments "toolCallId", "sessionId", "zz1" and 1 more.'
    assert len(parse(**{"z" * 500 + str(number): 1 for number in range(9)}).notes[0]) < 150


@pytest.mark.parametrize("wrapper", ["input", "args", "kwargs", "get_conversation"])
def test_arguments_that_a_client_put_into_one_object_are_taken_out_of_it(wrapper: str) -> None:
    """No model can take them out. Fields beside the object stay fields, and a misspelt cursor stays one."""
    wrapped = {"profile_url": PROFILE, "count": "3", "focus": None}
    query = parse_arguments({wrapper: wrapped, "toolCallId": "x"}, LIMITS)
    assert query == replace(parse(count=3), notes=('Ignored unknown argument "toolCallId".',))
    with pytest.raises(InvalidArguments, match="did you mean cursor"):
        parse_arguments({wrapper: wrapped | {"curser": "x"}}, LIMITS)


def test_an_object_beside_arguments_is_a_field_of_the_client() -> None:
    """It may describe the call before. Of two objects it is not known which one is meant."""
    assert parse(previous={"count": 3}).count == 10
    with pytest.raises(InvalidArguments, match="Give exactly one"):
        parse_arguments({"input": {"profile_url": PROFILE}, "state": {"profile_url": PROFILE}}, LIMITS)


def test_null_and_empty_fields_are_not_mentioned() -> None:
    """They are absent."""
    assert parse(toolCallId=None, sessionId="").notes == ()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("curser", "cursor"),
        ("crusor", "cursor"),
        ("kursor", "cursor"),
        ("cursr", "cursor"),
        ("Cursor", "cursor"),
        ("next_cursor", "cursor"),
        ("nextCurser", "cursor"),
        ("page_token", "cursor"),
        ("offset", "cursor"),
        ("maxTokens", "max_tokens"),
        ("max_token", "max_tokens"),
        ("profileUrl", "profile_url"),
        ("conversationId", "conversation_id"),
        ("cuont", "count"),
        ("LIMIT", "count"),
        ("details", "detail"),
        ("foucs", "focus"),
        ("url", "profile_url"),
        ("query", "focus"),
        ("after", "since"),
        ("page_number", "cursor"),
        ("messages_count", "count"),
        ("numberOfMessages", "count"),
        ("maximum_tokens", "max_tokens"),
        ("tokens_max", "max_tokens"),
        ("focus_on", "focus"),
        ("start_time", "since"),
    ],
)
def test_a_misspelt_argument_or_a_synonym_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    """A misspelt cursor must not fetch the first page again."""
    assert refusal(**{name: "AQx9"}) == f'Unknown argument "{name}": did you mean {meant}?'


@pytest.mark.parametrize("cursor", [CURSOR, WINDOW_CURSOR, f"{WINDOW_CURSOR}:12"])
def test_a_cursor_under_any_other_name_is_refused(cursor: str) -> None:
    """Its layout gives it away, whatever the argument is called."""
    assert refusal(bookmark=cursor) == 'Unknown argument "bookmark": did you mean cursor?'


@pytest.mark.parametrize(
    "value", [CURSOR[:-1], CURSOR + "AAAA", "Bg", "BQ", "BQUI", "BQP__wAAAAAAAAAA", "call_9hQ", "\u00e9", 7, [CURSOR]]
)
def test_other_values_are_not_taken_for_cursors(value: object) -> None:
    """Identifiers of calls and sessions are random letters too."""
    assert parse(bookmark=value).notes


def test_a_refusal_names_the_ignored_fields_as_well() -> None:
    """One of them may hold the conversation."""
    with pytest.raises(InvalidArguments) as caught:
        parse_arguments({"link": PROFILE}, LIMITS)
    assert caught.value.what == (
        'Give exactly one of conversation_id and profile_url. Ignored unknown argument "link".'
    )


def test_names_beyond_the_compared_ones_count_as_misspelt_if_they_might_be() -> None:
    """A misspelt cursor is not missed because other names come before it, nor are more than a few compared."""
    fillers = dict.fromkeys(["cruise", "corset", "succor", "courts"], 1)
    assert parse(cruise=1, source=1).notes
    assert '"source"' in refusal(**fillers, source=1, curzor="x")
    assert '"curzor"' in refusal(**fillers, curzor="x")


def test_too_many_unknown_names_are_refused_without_a_look() -> None:
    """65 kB of them would keep the server busy."""
    assert refusal(**{f"zz{number}": 1 for number in range(MAX_UNKNOWN + 1)}).startswith("51 unknown arguments. The ")
    assert parse(**{f"zz{number}": 1 for number in range(MAX_UNKNOWN)}).notes


@pytest.mark.anyio
async def test_the_note_is_in_both_channels_of_the_answer() -> None:
    """Clients show their model one or the other."""
    reading = await reader(MemorySource(chat(3))).read(parse(toolCallId="x"))
    for text in (reading.text, str(reading.structured["transcript"])):
        assert '\n! Ignored unknown argument "toolCallId".\n' in text
