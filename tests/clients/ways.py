"""What an agent does to arguments, results and errors on their way between its model and the server."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.clients.model import Model, Seen
from tests.clients.scenario import BUDGET
from tests.clients.sight import plain
from tests.clients.wire import Wire

_LONGEST = 40
_READ = re.compile(r"^\d+ of 60 messages", re.M)


@dataclass(frozen=True, slots=True)
class Ways:
    """`of_text` and `of_budget`: tokens that the model was sent for a full page, of those of its text, of max_tokens.

    `left_out`: what is sent for an argument that the model leaves out. `null`, `blank`, `misspelt`: what comes of such
    arguments. `error`: an error as the model sees it, with "…" for the server's words; `of_error`: the share of tokens.
    """

    of_text: float
    of_budget: float
    left_out: str
    null: str
    blank: str
    misspelt: str
    error: str
    of_error: float


def ways(model: Model, wire: Wire, count: Callable[[str], int]) -> Ways:
    """What the steps of the scenario show. Raises AssertionError if the server's error did not arrive whole."""
    seen = {each.call.step: each for each in model.seen}
    calls, results = wire.calls(), wire.results()

    def text(step: str) -> str:
        said: str = results[seen[step].last]["content"][0]["text"]
        return said

    full, error = seen["budget"], seen["error"]
    return Ways(
        of_text=count(full.text) / count(text("budget")),
        of_budget=count(full.text) / BUDGET,
        left_out=_left_out(seen["page 1"], calls[seen["page 1"].last]),
        null=_outcome(seen["nulls"]),
        blank=_outcome(seen["blank"]),
        misspelt=_misspelt(seen["misspelt"], calls),
        error=_shape(error.text, text("error")),
        of_error=count(error.text) / count(text("error")),
    )


def _left_out(step: Seen, sent: dict[str, Any]) -> str:
    more = {name: value for name, value in sent["arguments"].items() if name not in step.call.arguments}
    assert not any(more.values()), f"made up: {more}"
    return "null" if more else "nothing"


def _outcome(step: Seen) -> str:
    if _READ.search(plain(step.text)):
        return "accepted"
    return "refused" if step.calls else "refused by the client"


def _misspelt(step: Seen, calls: list[dict[str, Any]]) -> str:
    if not step.calls:
        return "refused by the client"
    if "coutn" not in calls[step.last]["arguments"]:
        assert _READ.search(plain(step.text))
        return "**dropped**: a page is read"
    assert "did you mean count?" in plain(step.text)
    return "refused, with the right name"


def _shape(seen: str, words: str) -> str:
    before, there, after = " ".join(plain(seen).split()).partition(words)
    assert there, f"not in {seen}"
    if not before + after:
        return "as it is"
    before, after = (re.sub(r"(?<!\w)/[\w./-]+/\S*", "[..]", each).replace("`", "'") for each in (before, after))
    before = before if len(before) <= _LONGEST else "[..]" + before[-_LONGEST:]
    after = after if len(after) <= _LONGEST else after[:_LONGEST] + "[..]"
    return f"`{before}…{after}`"
