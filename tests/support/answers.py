"""Answers over messages written out in a test, composed with everything real but the pages and the clock."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from mcp_server.conversation.models import Message, Participant
from mcp_server.transcript.answer import AnswerBuilder, AnswerContext
from mcp_server.transcript.budget import Allowance, TokenCounter, Vocabulary
from mcp_server.transcript.layout import Calendar, Item
from mcp_server.transcript.layout_cache import LayoutCache
from mcp_server.transcript.parse import parse
from mcp_server.transcript.render import render
from mcp_server.transcript.token_sizes import TokenSizes
from mcp_server.transcript.verbatim import verbatim
from mcp_server.transcript.window import Continuation, Window
from tests.support.conversations import JANE, counter

NOW = "2026-04-27T14:26:40Z"


class CharacterCounter:
    """Counts a token for each character, and remembers what it was given to count."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    def count(self, text: str) -> int:
        self.counted.append(text)
        return len(text)

    count_piece = count
    count_json_piece = count

    def prepare(self) -> None:
        """Nothing to load."""

    def warm(self) -> None:
        """Nothing to load."""


def at(moment: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 time."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


def said(moment: str | None, sender: Participant | None = JANE, text: str = "ok", kind: str = "TEXT") -> Message:
    """A message sent at that time (None: undated), with an id derived from its content."""
    sent_at_ms = None if moment is None else at(moment)
    return Message(f"urn:{moment}:{sender and sender.key}:{text}", text, sent_at_ms, sender, kind)


def builder(
    messages: Sequence[Message],
    *,
    tokens: TokenCounter | None = None,
    planner: TokenCounter | None = None,
    max_tokens: int = 4000,
    structured: bool = True,
    zone: str = "UTC",
    self_profile: str | None = None,
    banner: str | None = None,
    focus: str | None = None,
    **window: object,
) -> AnswerBuilder:
    """A builder of `messages`, oldest first; its cursors name the position where they continue.

    Nothing follows the last message unless `window` has a `resume_at` of its own.
    """

    def resume_at(index: int, offset: int) -> Continuation:
        return Continuation(None if index == len(messages) else f"AQx{index}-{offset}")

    values: dict[str, object] = {"messages": tuple(messages[::-1]), "resume_at": resume_at, **window}
    vocabulary = Vocabulary("of a test", tokens or counter(), planner)
    layouts = LayoutCache(Calendar(ZoneInfo(zone)), TokenSizes.of(vocabulary))
    return AnswerBuilder(
        Window(**values),  # type: ignore[arg-type]  # by name
        AnswerContext(layouts, self_profile, banner),
        allowance=Allowance(max_tokens, structured=structured),
        now_ms=at(NOW),
        focus=focus,
    )


def transcript(messages: Sequence[Message], **options: object) -> list[str]:
    """The lines of the answer that shows all of `messages`, after parsing and rendering it again."""
    return lines_of(builder(messages, **options))  # type: ignore[arg-type]  # by name


def lines_of(answers: AnswerBuilder, items: Sequence[Item] | None = None) -> list[str]:
    """The lines of an answer with these items, or with every message whole."""
    covered = len(answers.laid_out)
    reading = verbatim(answers) if items is None else answers.answer(items, covered=covered)
    assert reading is not None
    assert render(parse(reading.text)) == reading.text
    return reading.text.split("\n")
