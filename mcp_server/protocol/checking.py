"""Checks the arguments of a tool: what all tools share.

A flat pydantic model provides both the published schema and the checks. An error names everything that is wrong at
once; no request has been made by then.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.json_schema import SkipJsonSchema

from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.cursor import MAX_CURSOR_CHARS
from mcp_server.errors import InvalidArguments, InvalidCursor
from mcp_server.protocol.unknown_arguments import sort_unknown
from mcp_server.setting_values import plain_integer

_ECHO_CHARS = 40
_AROUND_CURSOR = " \t\r\n\"'`"
_BRACKETED = re.compile(r": ?\[([0-9]+)\]$")
_MAX_PROBLEMS = 5
_MAX_NAMED, _NAMED_CHARS = 3, 24

_Model = TypeVar("_Model", bound=BaseModel)


def integral(value: object) -> object:
    """`3.0` and `"3"` as 3; all else unchanged, for the strict check to refuse.

    JSON Schema counts 3.0 as an integer, and some clients send every argument as a string.
    """
    if isinstance(value, str):
        integer = plain_integer(value)
        return value if integer is None else integer
    return int(value) if isinstance(value, float) and value.is_integer() else value


Nullable = SkipJsonSchema[None]
Integer = Annotated[int, BeforeValidator(integral)]


def cursor_text(value: str) -> str:
    """A cursor that may be one of ours, without what copying adds: spaces, quotes, the brackets of a number.

    Raises ValueError.
    """
    text = _BRACKETED.sub(r":\1", value.strip(_AROUND_CURSOR))
    if len(text) > MAX_CURSOR_CHARS or not text.isascii():
        raise ValueError
    return text


def schema_of(model: type[BaseModel], tokenizer: str | None) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments: flat, closed, with plain types.

    Every argument is optional and says `nullable`, OpenAPI's keyword: smolagents takes any other argument for required.
    Null is not published as a type: Gemini rejects all tools of a client when one has a list of types, and several
    clients turn `anyOf` into such a list. There is no `default`, which OpenAI's strict mode rejects, and no alias.
    """
    properties: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
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


def present(raw: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    """The arguments that were given, `names` being those that exist.

    None and the empty string count as absent: clients that must fill in every argument send one or the other. Some
    clients put all arguments into one object, such as `{"input": {...}}`; they are taken out of it.
    """
    given = _filled(raw)
    if given.keys().isdisjoint(names):
        objects = {name: cast(Mapping[str, object], value) for name, value in given.items() if isinstance(value, dict)}
        wrappers = [name for name, value in objects.items() if not value.keys().isdisjoint(names)]
        if len(wrappers) == 1:
            del given[wrappers[0]]
            return given | _filled(objects[wrappers[0]])
    return given


def _filled(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def validated(
    model: type[_Model],
    given: Mapping[str, object],
    context: object,
    explain: Callable[[ValidationError], Iterable[str]],
) -> tuple[_Model, tuple[str, ...]]:
    """The checked arguments, and a note on fields that were ignored. `explain` says what is wrong with arguments, in
    sentences. Raises InvalidArguments, or InvalidCursor if only the cursor is wrong."""
    names = model.model_fields
    try:
        unknown = sort_unknown(given, names)
    except ValueError as error:
        raise InvalidArguments(f"{error} The arguments are {', '.join(names)}.") from None
    misspelt = [f"Unknown argument {quoted(name)}: did you mean {meant}?" for name, meant in unknown.misspelt]
    ignored = _unknown_note(unknown.ignorable)
    known = {name: value for name, value in given.items() if name in names}
    try:
        arguments = model.model_validate(known, context=context)
    except ValidationError as error:
        raise _refusal([*explain(error), *misspelt], ignored) from None
    if misspelt:
        raise _refusal(misspelt, ignored)
    return arguments, ignored


def quoted(value: object) -> str:
    """`value` as an error quotes it: in JSON's spelling, on one line, at most 40 characters, encodable."""
    match value:
        case str():
            # Cleaning strips spaces at both ends, which may be just what is wrong with the value.
            before, after = " " * value[:1].isspace(), " " * value[1:][-1:].isspace()
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
