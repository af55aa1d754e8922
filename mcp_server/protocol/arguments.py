"""What a caller may send, checked into a `Query`; errors in the caller's own words.

The tool, the prompts, the resource and the command line share it. One flat pydantic model gives both the published
schema and the checks; everything that is wrong is told at once, and nothing of it has cost anything.
"""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
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
from mcp_server.conversation.profile import canonical_profile_url
from mcp_server.errors import InvalidArguments, InvalidCursor

LEAST_TOKENS, MOST_TOKENS = 200, 20_000
MOST_ID_CHARS = 512
MOST_FOCUS_CHARS = 500

_EXAMPLE_URL = "https://www.linkedin.com/in/jane-doe-42"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ECHO_CHARS = 40
_PROBLEMS_TOLD = 5
_PROFILE_URL, _ALIAS = "profile_url", "linkedin_url"
_OTHER_WORDS = {"limit": "count", "url": "profile_url", "budget": "max_tokens", "query": "focus", "after": "since"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say about arguments: the most messages in one call, and the zone of dates without one."""

    max_count: int
    zone: ZoneInfo


def _whole(value: object) -> object:
    """`3.0` is a whole number to JSON Schema, and the only kind JavaScript has; `"3"`, `true` and `2.5` are not."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _within_limit(count: int, info: ValidationInfo) -> int:
    if isinstance(info.context, Limits) and count > info.context.max_count:
        raise ValueError
    return count


def _id(value: str) -> str:
    # Neither white space nor control characters: an id goes into a request, and a URL is the other argument.
    if len(value) > MOST_ID_CHARS or not value.isprintable() or " " in value or "://" in value:
        raise ValueError
    return value


def _cursor(value: str) -> str:
    if len(value) > MAX_CURSOR_CHARS or not value.isascii():
        raise ValueError
    return value


def _topic(value: str) -> str | None:
    if len(value) > MOST_FOCUS_CHARS:
        raise ValueError
    return clean(value) or None


def _moment(value: str) -> datetime:
    """Raises ValueError for what is no ISO date or time."""
    return datetime.fromisoformat(value.strip())


def _iso(value: str) -> str:
    _moment(value)
    return value


_Nullable = SkipJsonSchema[None]
_Whole = Annotated[int, BeforeValidator(_whole)]


class Arguments(BaseModel):
    """The arguments as published, all of them optional to the schema; descriptions name the defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    conversation_id: Annotated[str, AfterValidator(_id)] | _Nullable = Field(
        None, description="Conversation id (URN). Give this or profile_url."
    )
    profile_url: Annotated[str, AfterValidator(canonical_profile_url)] | _Nullable = Field(
        None, description=f"The other person's URL, such as {_EXAMPLE_URL}"
    )
    count: Annotated[_Whole, AfterValidator(_within_limit)] = Field(
        10, ge=1, description="Messages to cover, newest first. Default 10."
    )
    cursor: Annotated[str, AfterValidator(_cursor)] | _Nullable = Field(
        None, description="next_cursor of the last answer: goes on with older messages. Repeat the target."
    )
    max_tokens: _Whole = Field(
        4000, ge=LEAST_TOKENS, le=MOST_TOKENS, description="Budget for the whole answer. Default 4000."
    )
    detail: Detail = Field(
        "condensed",
        description="condensed (default): all count messages, what does not fit shortened or left out. "
        "verbatim: whole messages, newest first, until the budget is full.",
    )
    focus: Annotated[str, AfterValidator(_topic)] | _Nullable = Field(
        None, description="Question or topic to keep first."
    )
    since: Annotated[str, AfterValidator(_iso)] | _Nullable = Field(
        None, description="ISO date or time: only messages after it."
    )

    @model_validator(mode="after")
    def _one_target(self) -> "Arguments":
        if (self.conversation_id is None) == (self.profile_url is None):
            raise ValueError
        return self


def input_schema(limits: Limits) -> dict[str, Any]:
    """The published JSON Schema: flat, closed, plain types.

    Null is accepted, not published: a list of types makes Gemini refuse every tool of its host, and several hosts turn
    `anyOf` into such a list. No `default` either: OpenAI's strict mode refuses it. And no alias: a second name for one
    thing is only one more thing to choose.
    """
    properties: dict[str, dict[str, Any]] = Arguments.model_json_schema()["properties"]
    properties["count"]["maximum"] = limits.max_count
    return {
        "type": "object",
        "properties": {
            name: {key: value for key, value in field.items() if key not in ("title", "default")}
            for name, field in properties.items()
        },
        "additionalProperties": False,
    }


def parse_arguments(raw: Mapping[str, object], limits: Limits) -> Query:
    """The query that `raw` asks for. None and the empty text mean that an argument is not given: clients that have to
    fill in all of them send one or the other.

    Raises InvalidArguments naming everything that is wrong, or InvalidCursor for what cannot be a cursor of ours.
    """
    given: dict[str, object] = {}
    for name, value in raw.items():
        if value is None or value == "":
            continue
        canonical = _PROFILE_URL if name == _ALIAS else name
        if canonical in given:
            raise InvalidArguments(f"{_ALIAS} is another name of {_PROFILE_URL}; send one of them.")
        given[canonical] = value
    unknown = [name for name in given if name not in Arguments.model_fields]
    known = {name: value for name, value in given.items() if name in Arguments.model_fields}
    try:
        arguments = Arguments.model_validate(known, context=limits)
    except ValidationError as error:
        raise _refusal([*_wrong(error, limits), *map(_unknown, unknown)]) from None
    if unknown:
        raise _refusal(map(_unknown, unknown))
    return Query(
        target=_target(arguments),
        count=arguments.count,
        max_tokens=arguments.max_tokens,
        detail=arguments.detail,
        cursor=arguments.cursor,
        focus=arguments.focus,
        since_ms=None if arguments.since is None else _epoch_ms(_moment(arguments.since), limits.zone),
    )


def target_arguments(raw: str) -> dict[str, object]:
    """The argument that names the conversation, out of one text that may be an address or an id."""
    text = raw.strip()
    is_address = "://" in text or "linkedin.com" in text.lower() or text.startswith("in/")
    return {"profile_url" if is_address else "conversation_id": text}


def shown(value: object) -> str:
    """`value` as an error may repeat it: one line, at most 40 characters, safe to encode, JSON's spelling."""
    match value:
        case str():
            line = " ".join(clean(value[: _ECHO_CHARS * 4]).split())
            cut = f'"{line[:_ECHO_CHARS]}"'
            return cut if len(value) <= _ECHO_CHARS else f"{cut} and more, {len(value)} characters"
        case bool():
            return json.dumps(value)
        case int() | float():
            return repr(value) if abs(value) < 1e15 else "a number out of all bounds"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _refusal(problems: Iterable[str]) -> InvalidArguments | InvalidCursor:
    """One error out of sentences, each told once; none at all is what a bad cursor leaves."""
    sentences = list(dict.fromkeys(problems))
    return InvalidArguments(" ".join(sentences[:_PROBLEMS_TOLD])) if sentences else InvalidCursor()


def _wrong(error: ValidationError, limits: Limits) -> Iterator[str]:
    rules = {
        "conversation_id": f"an id of at most {MOST_ID_CHARS} characters, no spaces (a person's URL is profile_url)",
        "profile_url": f"a person's LinkedIn URL, such as {_EXAMPLE_URL}",
        "count": f"a whole number from 1 to {limits.max_count}",
        "max_tokens": f"a whole number from {LEAST_TOKENS} to {MOST_TOKENS}",
        "detail": '"condensed" or "verbatim"',
        "focus": f"a text of at most {MOST_FOCUS_CHARS} characters",
        "since": "an ISO date or time, such as 2026-04-20 or 2026-04-20T09:00+02:00",
    }
    for detail in error.errors(include_url=False, include_context=False):
        match detail["loc"]:
            case ():
                yield "Give either conversation_id or profile_url: exactly one names the conversation."
            case (str() as name, *_) if name in rules:
                yield f"{name} must be {rules[name]}; you sent {shown(detail['input'])}."
            case _:
                pass  # the cursor, which has one wording, whatever is wrong with it


def _unknown(name: str) -> str:
    known = list(Arguments.model_fields)
    near = difflib.get_close_matches(name[:_ECHO_CHARS].lower(), known, n=1)
    hint = near[0] if near else _OTHER_WORDS.get(name.lower())
    if hint is None:
        return f"There is no argument {shown(name)}; there are {', '.join(known)}."
    return f"There is no argument {shown(name)}; did you mean {hint}?"


def _target(arguments: Arguments) -> Target:
    if arguments.conversation_id is not None:
        return Target("conversation_id", arguments.conversation_id)
    return Target("profile_url", arguments.profile_url or "")


def _epoch_ms(moment: datetime, zone: ZoneInfo) -> int:
    """Milliseconds since 1970 in UTC; a moment that names no zone is one of `zone`."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (zoned - _EPOCH) // timedelta(milliseconds=1)
