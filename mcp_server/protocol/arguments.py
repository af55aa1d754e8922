"""The tool's arguments: their schema, and the check that turns them into a `Query`.

The tool, the prompts, the resource and the command line share it. One flat pydantic model provides both the published
schema and the checks. An error names everything that is wrong at once; no request has been made by then.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.cursor import MAX_CURSOR_CHARS
from mcp_server.conversation.models import Detail, Query, Target
from mcp_server.conversation.profile import canonical_profile_url, is_name, thread_id, unwrapped
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.protocol.unknown_arguments import sort_unknown
from mcp_server.setting_values import DEFAULT_TOKENIZER, plain_integer

MIN_TOKENS, MAX_TOKENS = 200, 20_000
MAX_ID_CHARS = 512
MAX_FOCUS_CHARS = 500

NO_NAMES = "Names cannot be looked up here."
_EXAMPLE_URL = "https://www.linkedin.com/in/jane-doe-42"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ECHO_CHARS = 40
_MAX_PROBLEMS = 5
_PROFILE_URL, _ALIAS = "profile_url", "linkedin_url"
_MAX_NAMED, _NAMED_CHARS = 3, 24


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits from the settings: the largest `count`, and the time zone of a `since` that names none."""

    max_count: int
    zone: ZoneInfo


def _integral(value: object) -> object:
    """`3.0` and `"3"` as 3; all else unchanged, for the strict check to refuse.

    JSON Schema counts 3.0 as an integer, and some clients send every argument as a string.
    """
    if isinstance(value, str):
        integer = plain_integer(value)
        return value if integer is None else integer
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _within_limit(count: int, info: ValidationInfo) -> int:
    if isinstance(info.context, Limits) and count > info.context.max_count:
        raise ValueError
    return count


def _id(value: str) -> str:
    found = thread_id(value) or unwrapped(value)
    # No spaces or control characters, because an id is put into a request; a profile belongs in the other argument.
    if not found or len(found) > MAX_ID_CHARS or not found.isprintable() or " " in found or "://" in found:
        raise ValueError
    return found


def _cursor(value: str) -> str:
    if len(value) > MAX_CURSOR_CHARS or not value.isascii():
        raise ValueError
    return value


def _focus(value: str) -> str | None:
    if len(value) > MAX_FOCUS_CHARS:
        raise ValueError
    return clean(value) or None


def _date_or_time(value: str) -> datetime:
    """The parsed ISO date or time, without a zone where it names none. Raises ValueError."""
    return datetime.fromisoformat(value.strip())


def _iso_text(value: str) -> str:
    _date_or_time(value)
    return value


_Nullable = SkipJsonSchema[None]
_Integer = Annotated[int, BeforeValidator(_integral)]


class Arguments(BaseModel):
    """The published arguments. The schema requires none of them; the descriptions state the defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    conversation_id: Annotated[str, AfterValidator(_id)] | _Nullable = Field(
        None, description="Conversation URN. Give this or profile_url, not both."
    )
    profile_url: Annotated[str, AfterValidator(canonical_profile_url)] | _Nullable = Field(
        None, description="The other person's profile, e.g. linkedin.com/in/jane-doe-42"
    )
    count: Annotated[_Integer, AfterValidator(_within_limit)] = Field(
        10, ge=1, description="Messages to read, newest first. Default 10."
    )
    cursor: Annotated[str, AfterValidator(_cursor)] | _Nullable = Field(
        None, description="next_cursor of the previous answer, for older messages. Repeat the target."
    )
    max_tokens: _Integer = Field(4000, ge=MIN_TOKENS, le=MAX_TOKENS, description="Size limit in tokens. Default 4000.")
    detail: Detail = Field(
        "condensed",
        description="condensed (default): cover all count messages, shortening or omitting what doesn't fit. "
        "verbatim: whole messages until the budget is full.",
    )
    focus: Annotated[str, AfterValidator(_focus)] | _Nullable = Field(
        None, description="Question or topic; related messages are kept first."
    )
    since: Annotated[str, AfterValidator(_iso_text)] | _Nullable = Field(
        None, description="Only messages after this ISO date or time."
    )

    @model_validator(mode="after")
    def _one_target(self) -> "Arguments":
        if (self.conversation_id is None) == (self.profile_url is None):
            raise ValueError
        return self


def input_schema(limits: Limits, tokenizer: str | None = DEFAULT_TOKENIZER) -> dict[str, Any]:
    """The published JSON Schema: flat, closed, with plain types. `tokenizer` says whose tokens budgets are, if known.

    Every argument is optional and says `nullable`, OpenAPI's keyword: smolagents takes any other argument for required.
    Null is not published as a type: Gemini rejects all tools of a client when one has a list of types, and several
    clients turn `anyOf` into such a list. There is no `default`, which OpenAI's strict mode rejects, and no alias.
    """
    properties: dict[str, dict[str, Any]] = Arguments.model_json_schema()["properties"]
    properties["count"]["maximum"] = limits.max_count
    if tokenizer is not None:
        budget = properties["max_tokens"]
        budget["description"] = budget["description"].replace("in tokens", f"in {tokenizer} tokens")
    return {
        "type": "object",
        "properties": {
            name: {key: value for key, value in field.items() if key not in ("title", "default")} | {"nullable": True}
            for name, field in properties.items()
        },
        "additionalProperties": False,
    }


def parse_arguments(raw: Mapping[str, object], limits: Limits) -> Query:
    """The query that `raw` asks for. None and the empty string count as absent: clients that must fill in every
    argument send one or the other. Fields that a client added are ignored, which the query's `notes` say.

    Raises InvalidArguments naming everything that is wrong, or InvalidCursor for a cursor that cannot be one of ours.
    """
    given: dict[str, object] = {}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        canonical = _PROFILE_URL if name == _ALIAS else name
        if canonical in given:
            raise InvalidArguments(f"{_ALIAS} is an alias of {_PROFILE_URL}; send only one of them.")
        given[canonical] = value
    # People copy the address of a conversation from their browser, and models put it where addresses go.
    if "conversation_id" not in given and isinstance(address := given.get(_PROFILE_URL), str) and thread_id(address):
        given["conversation_id"] = given.pop(_PROFILE_URL)
    known = {name: value for name, value in given.items() if name in Arguments.model_fields}
    try:
        unknown = sort_unknown(given, Arguments.model_fields)
    except ValueError as error:
        raise InvalidArguments(f"{error} The arguments are {', '.join(Arguments.model_fields)}.") from None
    misspelt = [f"Unknown argument {quoted(name)}: did you mean {meant}?" for name, meant in unknown.misspelt]
    ignored = _unknown_note(unknown.ignorable)
    try:
        arguments = Arguments.model_validate(known, context=limits)
    except ValidationError as error:
        raise _refusal([*_invalid(error, limits), *misspelt], ignored) from None
    if misspelt:
        raise _refusal(misspelt, ignored)
    return Query(
        target=_target(arguments),
        count=arguments.count,
        max_tokens=arguments.max_tokens,
        detail=arguments.detail,
        cursor=arguments.cursor,
        focus=arguments.focus,
        since_ms=None if arguments.since is None else _epoch_ms(_date_or_time(arguments.since), limits.zone),
        notes=ignored,
    )


def quoted(value: object) -> str:
    """`value` as an error quotes it: in JSON's spelling, on one line, at most 40 characters, encodable."""
    match value:
        case str():
            # Cleaning strips spaces at both ends, which may be just what is wrong with the value.
            before, after = " " * value[:1].isspace(), " " * value[-1:].isspace()
            line = f"{before}{' '.join(clean(value[: _ECHO_CHARS * 4]).split())}{after}"
            cut = f'"{line[:_ECHO_CHARS]}"'
            return cut if len(value) <= _ECHO_CHARS else f"{cut} and more, {len(value)} characters"
        case bool():
            return json.dumps(value)
        case int() | float():
            return repr(value) if abs(value) < 1e15 else "a number that is far too large"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _refusal(problems: Iterable[str], notes: Iterable[str] = ()) -> InvalidArguments | InvalidCursor:
    """One error from these sentences, each used once. Without a problem, only the cursor was invalid."""
    sentences = list(dict.fromkeys(problems))[:_MAX_PROBLEMS]
    return InvalidArguments(" ".join((*sentences, *notes))) if sentences else InvalidCursor()


def _unknown_note(names: Sequence[str]) -> tuple[str, ...]:
    """A sentence about fields that are not arguments, or none."""
    if not names:
        return ()
    named = ", ".join(quoted(name[:_NAMED_CHARS]) for name in names[:_MAX_NAMED])
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return (f"Ignored unknown argument{'s' if len(names) > 1 else ''} {named}{more}.",)


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
                if name == _PROFILE_URL and is_name(str(detail["input"])):
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
