"""The tool's arguments: their schema, and the check that turns them into a `Query`.

The tool, the prompts, the resource and the command line share it. One flat pydantic model provides both the published
schema and the checks. An error names everything that is wrong at once; no request has been made by then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Detail, Query, Target
from mcp_server.conversation.profile import canonical_profile_url, is_name, profile_label, thread_id, unwrapped
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.checking import Integer, Nullable, cursor_text, present, quoted, schema_of, validated
from mcp_server.setting_values import DEFAULT_SPEAKERS, DEFAULT_TOKENIZER, Speakers

MIN_TOKENS, MAX_TOKENS = 200, 20_000
MAX_ID_CHARS = 512
MAX_FOCUS_CHARS = 500

NO_NAMES = "To find a person by name, call list_conversations with query."
_EXAMPLE_URL = "https://www.linkedin.com/in/jane-doe-42"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_START = "urn:li:msg_conversation:("
_FOCUS_NOTE = "focus has no effect with detail verbatim; leave detail out to keep what is related to it."
_PROFILE_URL, _ALIAS = "profile_url", "linkedin_url"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits from the settings: the largest `count`, and the time zone of a `since` that names none.

    `speakers` decides how descriptions explain an answer.
    """

    max_count: int
    zone: ZoneInfo
    speakers: Speakers = DEFAULT_SPEAKERS


def _within_limit(count: int, info: ValidationInfo) -> int:
    if isinstance(info.context, Limits) and count > info.context.max_count:
        raise ValueError
    return count


def _id(value: str) -> str:
    found = thread_id(value) or unwrapped(value)
    # No spaces or control characters, because an id is put into a request.
    if not found or len(found) > MAX_ID_CHARS or not found.isprintable() or " " in found:
        raise ValueError
    # A profile belongs in the other argument, and any other address is none of a conversation.
    if "://" in found or profile_label(found):
        raise ValueError
    return found


def _is_id(address: str) -> bool:
    return bool(thread_id(address)) or unwrapped(address).startswith(_ID_START)


def _is_person(identity: str) -> bool:
    return (profile_label(identity) or "").startswith("in/")


def _focus(value: str) -> str | None:
    if len(value) > MAX_FOCUS_CHARS:
        raise ValueError
    return clean(value) or None


def _date_or_time(value: str) -> datetime:
    """The parsed ISO date or time, without a zone where it names none. Raises ValueError."""
    return datetime.fromisoformat(value.strip().upper())


def _iso_text(value: str) -> str:
    _date_or_time(value)
    return value


class Arguments(BaseModel):
    """The published arguments. The schema requires none of them; the descriptions state the defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    conversation_id: Annotated[str, AfterValidator(_id)] | Nullable = Field(
        None, description="Conversation id. Give this or profile_url."
    )
    profile_url: Annotated[str, AfterValidator(canonical_profile_url)] | Nullable = Field(
        None, description="The other person's profile, e.g. linkedin.com/in/jane-doe-42"
    )
    count: Annotated[Integer, AfterValidator(_within_limit)] = Field(
        10, ge=1, description="Messages to read, newest first. Default 10."
    )
    cursor: Annotated[str, AfterValidator(cursor_text)] | Nullable = Field(
        None, description="next_cursor of the previous answer, for older messages. Repeat the target."
    )
    max_tokens: Integer = Field(4000, ge=MIN_TOKENS, le=MAX_TOKENS, description="Size limit in tokens. Default 4000.")
    detail: Detail = Field(
        "condensed",
        description="condensed (default): cover all count messages, shortening or omitting what doesn't fit. "
        "verbatim: whole messages until the budget is full.",
    )
    focus: Annotated[str, AfterValidator(_focus)] | Nullable = Field(
        None, description="Question or topic; related messages are kept first."
    )
    since: Annotated[str, AfterValidator(_iso_text)] | Nullable = Field(
        None, description="Only messages after this ISO date or time."
    )

    @model_validator(mode="after")
    def _one_target(self) -> "Arguments":
        if (self.conversation_id is None) == (self.profile_url is None):
            raise ValueError
        return self


def input_schema(limits: Limits, tokenizer: str | None = DEFAULT_TOKENIZER) -> dict[str, Any]:
    """The published JSON Schema. `tokenizer` says whose tokens budgets are, if known."""
    schema = schema_of(Arguments, tokenizer)
    schema["properties"]["count"]["maximum"] = limits.max_count
    return schema


def parse_arguments(raw: Mapping[str, object], limits: Limits) -> Query:
    """The query that `raw` asks for. Its `notes` name ignored fields of a client, and a focus without effect.

    Raises InvalidArguments naming everything that is wrong, or InvalidCursor for a cursor that cannot be one of ours.
    """
    given: dict[str, object] = {}
    for name, value in present(raw, (*Arguments.model_fields, _ALIAS)).items():
        canonical = _PROFILE_URL if name == _ALIAS else name
        if canonical in given:
            raise InvalidArguments(f"{_ALIAS} is an alias of {_PROFILE_URL}; send only one of them.")
        given[canonical] = value
    # People copy either address from their browser, and an entry of the list begins with either kind of target.
    if "conversation_id" not in given and isinstance(address := given.get(_PROFILE_URL), str) and _is_id(address):
        given["conversation_id"] = given.pop(_PROFILE_URL)
    elif (
        _PROFILE_URL not in given and isinstance(identity := given.get("conversation_id"), str) and _is_person(identity)
    ):
        given[_PROFILE_URL] = given.pop("conversation_id")
    arguments, ignored = validated(Arguments, given, limits, lambda error: _invalid(error, limits))
    return Query(
        target=_target(arguments),
        count=arguments.count,
        max_tokens=arguments.max_tokens,
        detail=arguments.detail,
        cursor=arguments.cursor,
        focus=arguments.focus,
        since_ms=None if arguments.since is None else _epoch_ms(_date_or_time(arguments.since), limits.zone),
        notes=(*ignored, _FOCUS_NOTE) if arguments.focus and arguments.detail == "verbatim" else ignored,
    )


def _invalid(error: ValidationError, limits: Limits) -> Iterator[str]:
    rules = {
        "conversation_id": f"an id of at most {MAX_ID_CHARS} characters, no spaces (a person's URL is profile_url)",
        "profile_url": f"a person's LinkedIn URL, such as {_EXAMPLE_URL}",
        "count": f"a whole number from 1 to {limits.max_count}",
        "max_tokens": f"a whole number from {MIN_TOKENS} to {MAX_TOKENS}",
        "detail": '"condensed" or "verbatim"',
        "focus": f"a text of at most {MAX_FOCUS_CHARS} characters",
        "since": "an ISO date or time, such as 2026-04-20 or 2026-04-20T09:00+02:00",
    }
    for detail in error.errors(include_url=False, include_context=False):
        match detail["loc"]:
            case ():
                yield "Give exactly one of conversation_id and profile_url."
            case (str() as name, *_) if name in rules:
                yield f"{name} must be {rules[name]}; you sent {quoted(detail['input'])}."
                if name in ("conversation_id", _PROFILE_URL) and is_name(str(detail["input"])):
                    yield NO_NAMES
            case _:
                pass  # the cursor: InvalidCursor has one wording for every fault


def _target(arguments: Arguments) -> Target:
    if arguments.conversation_id is not None:
        return Target("conversation_id", arguments.conversation_id)
    return Target("profile_url", arguments.profile_url or "")


def _epoch_ms(moment: datetime, zone: ZoneInfo) -> int:
    """Milliseconds since 1970 in UTC. `zone` applies to a moment without one."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (zoned - _EPOCH) // timedelta(milliseconds=1)
