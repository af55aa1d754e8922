"""The arguments of `list_conversations`: their schema, and the check that turns them into a `ListQuery`."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.listed import Show
from mcp_server.conversation.models import ListQuery
from mcp_server.errors import InvalidCursor
from mcp_server.lister import MAX_LISTED
from mcp_server.protocol.arguments import MAX_TOKENS, MIN_TOKENS
from mcp_server.protocol.checking import Integer, Nullable, cursor_text, present, quoted, schema_of, validated
from mcp_server.setting_values import DEFAULT_TOKENIZER

MAX_QUERY_CHARS = 200


def _query(value: str) -> str | None:
    if len(value) > MAX_QUERY_CHARS:
        raise ValueError
    return " ".join(clean(value).split()) or None


class ListArguments(BaseModel):
    """The published arguments; the descriptions state the defaults."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    count: Integer = Field(20, ge=1, le=MAX_LISTED, description="To look at. Default 20")
    cursor: Annotated[str, AfterValidator(cursor_text)] | Nullable = Field(None, description="next_cursor")
    max_tokens: Integer = Field(2000, ge=MIN_TOKENS, le=MAX_TOKENS, description="Default 2000")
    show: Show = Field("all", description="Default all")
    query: Annotated[str, AfterValidator(_query)] | Nullable = Field(None, description="Name or words")


def list_schema(tokenizer: str | None = DEFAULT_TOKENIZER) -> dict[str, Any]:
    """The published JSON Schema. `tokenizer` says whose tokens budgets are, if known."""
    return schema_of(ListArguments, tokenizer)


def parse_list_arguments(raw: Mapping[str, object]) -> ListQuery:
    """The query that `raw` asks for. Fields that a client added are ignored, which the query's `notes` say.

    Raises InvalidArguments naming everything that is wrong, or InvalidCursor for a cursor that cannot be one of ours.
    """
    try:
        arguments, ignored = validated(ListArguments, present(raw, ListArguments.model_fields), None, _invalid)
    except InvalidCursor:
        raise InvalidCursor(of_list=True) from None
    return ListQuery(
        count=arguments.count,
        max_tokens=arguments.max_tokens,
        cursor=arguments.cursor,
        show=arguments.show,
        query=arguments.query,
        notes=ignored,
    )


def _invalid(error: ValidationError) -> Iterator[str]:
    rules = {
        "count": f"a whole number from 1 to {MAX_LISTED}",
        "max_tokens": f"a whole number from {MIN_TOKENS} to {MAX_TOKENS}",
        "show": '"all", "unread" or "to_answer"',
        "query": f"a text of at most {MAX_QUERY_CHARS} characters",
    }
    for detail in error.errors(include_url=False, include_context=False):
        name = str(detail["loc"][0])
        if name in rules:  # all but the cursor: InvalidCursor has one wording for every fault
            yield f"{name} must be {rules[name]}; you sent {quoted(detail['input'])}."
