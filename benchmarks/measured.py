"""The conversations with questions on which condensing is measured, and how the benchmarks call the product.

A file of conversations holds `[{"id", "messages": [[sender, sent_at_ms, text], ...] oldest first, "questions":
[{"question", "evidence": [index, ...]}]}]`. The default is the conversations of the sandbox.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.sandbox_dialogues import Dialogue, dialogues
from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Message, Page, Participant, Target
from mcp_server.service import ConversationReader, Similarity
from mcp_server.setting_values import DEFAULT_SPEAKERS, Speakers
from mcp_server.transcript.answer import AnswerBuilder
from mcp_server.transcript.budget import TokenCounter, Vocabulary
from tests.support.answers import builder

TARGET = Target("conversation_id", "benchmark")
NOW_MS = 1_795_000_000_000
PAGE = Path(__file__).resolve().parent.parent / "docs" / "condensing.md"

_WINDOW_CURSOR = "BjvjEYyxPD0AAAADxLvdk8UzMgChKHgcqxTTHg"
"""A cursor of the usual length, for a peer's answers, which are built without the reader."""

Row = Sequence[tuple[str, int, str]]


class OnePage:
    """A source that has the whole conversation on one page."""

    def __init__(self, messages: Iterable[Message]) -> None:
        several = tuple(messages)
        self._page = Page(several, None, total=len(several))

    async def page(
        self,
        target: Target,  # noqa: ARG002
        *,
        cursor: str | None,  # noqa: ARG002
        count: int,  # noqa: ARG002
        deadline: float,  # noqa: ARG002
        policy: CachePolicy = ANY_CACHED,  # noqa: ARG002
    ) -> Page:
        return self._page


def load(paths: Sequence[str]) -> list[Dialogue]:
    """The conversations of these files, or those of the sandbox."""
    if not paths:
        return dialogues()
    return [one for path in paths for one in json.loads(Path(path).read_text(encoding="utf-8"))]


def messages_of(rows: Row) -> list[Message]:
    """The messages as the product would have read them, oldest first."""
    return [
        Message(str(number), clean(text), sent_at_ms, Participant(sender, sender))
        for number, (sender, sent_at_ms, text) in enumerate(rows)
    ]


def reader_of(
    messages: Sequence[Message],
    counter: TokenCounter,
    similarity: Similarity | None = None,
    *,
    self_profile: str | None = None,
    speakers: Speakers = DEFAULT_SPEAKERS,
) -> ConversationReader:
    """The product's reader over one conversation, oldest message first."""
    return ConversationReader(
        OnePage(messages[::-1]),
        Vocabulary("o200k_base", counter),
        CursorCodec("benchmark", scope=()),
        page_size=len(messages),
        max_count=len(messages),
        timeout_s=45,
        zone=ZoneInfo("UTC"),
        self_profile=self_profile,
        speakers=speakers,
        token_scale=1.0,
        structured_output=True,
        banner=None,
        now_ms=lambda: NOW_MS,
        similarity=similarity,
    )


def composer_of(
    messages: Sequence[Message], counter: TokenCounter, max_tokens: int, focus: str | None = None
) -> AnswerBuilder:
    """What puts answers about one conversation together, without a reader. Messages oldest first."""
    return builder(
        messages,
        tokens=counter,
        max_tokens=max_tokens,
        focus=focus,
        total=len(messages),
        window_cursor=lambda _pages: _WINDOW_CURSOR,
    )


def write_between(name: str, text: str) -> None:
    """Puts `text` into docs/condensing.md, between the markers of this name. Raises ValueError without them."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(found.findall(page)) != 1:
        raise ValueError(f"{PAGE.name} does not have the markers of {name} once.")
    PAGE.write_text(found.sub(lambda _: f"{begin}{text.rstrip()}\n{end}", page), encoding="utf-8")
