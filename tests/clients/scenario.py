"""What every agent of the matrix is made to do: the calls of its model, by what the model has seen."""

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

Scenario = Generator["Call", str, None]
QUERY = "priya"
READ, LIST = "get_conversation", "list_conversations"
BUDGET = 1_000
OPTIONAL = ("conversation_id", "count", "cursor", "max_tokens", "detail", "focus", "since")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool, and the name of the step."""

    step: str
    tool: str
    arguments: dict[str, Any] = field(hash=False)


def scenario() -> Scenario:
    """List, then read two pages of a conversation in the list; fill a budget; make two mistakes; fill in everything."""
    listed = yield Call("list", LIST, {"count": 5, "query": QUERY})
    target = {"profile_url": found(r"(in/\S+) \d\d:\d\d", listed)}
    first = yield Call("page 1", READ, {**target, "count": 5})
    yield Call("page 2", READ, {**target, "count": 5, "cursor": found(r"next_cursor\W+([\w-]+)", first)})
    yield Call("budget", READ, {**target, "count": 60, "max_tokens": BUDGET, "detail": "verbatim"})
    yield Call("error", READ, {**target, "since": "soon"})
    yield Call("misspelt", READ, {**target, "coutn": 3})
    yield Call("nulls", READ, {**dict.fromkeys(OPTIONAL), **target, "count": 2})
    filled = {"count": 2, "max_tokens": BUDGET, "detail": "condensed"}
    yield Call("blank", READ, {**dict.fromkeys(OPTIONAL, ""), **target, **filled})


def found(pattern: str, text: str) -> str:
    """The last group, or the whole match, of `pattern` in `text`. Raises LookupError if there is none."""
    match = re.search(pattern, text)
    if match is None:
        raise LookupError(f"no {pattern}")
    return match[match.lastindex or 0]
