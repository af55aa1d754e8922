"""Conversations for tests, and an upstream that serves them from memory, in odd pages if a test needs them."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.models import (
    ANY_CACHED,
    CachePolicy,
    Message,
    NotCached,
    Page,
    Participant,
    Query,
    Reading,
    Target,
)
from mcp_server.service import ConversationReader
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.budget import Vocabulary

TARGET = Target("conversation_id", "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA,2-test)")
JANE = Participant("in/jane-doe-42", "Jane Doe", "in/jane-doe-42")
JOHN = Participant("in/john-smith-99", "John Smith", "in/john-smith-99")
ANA = Participant("in/ana", "Ana Lima", "in/ana")
NOW_MS = 1_777_300_000_000
MINUTE_MS = 60_000


@lru_cache(maxsize=1)
def counter() -> O200kCounter:
    """The real tokenizer, built once for all tests."""
    return O200kCounter()


def message(number: int, text: str | None = None, *, sender: Participant | None = JANE, **rest: object) -> Message:
    """Message `number` of a conversation, ten minutes after the one before."""
    values: dict[str, object] = {"sent_at_ms": 1_776_000_000_000 + number * 10 * MINUTE_MS, "kind": "TEXT", **rest}
    text = f"message number {number}" if text is None else text
    return Message(id=f"urn:{number}", text=text, sender=sender, **values)  # type: ignore[arg-type]  # by name


def chat(length: int, people: Sequence[Participant | None] = (JANE, JOHN)) -> list[Message]:
    """A conversation of `length` messages, newest first, its people in turn."""
    return [message(number, sender=people[number % len(people)]) for number in range(length)][::-1]


class MemorySource:
    """Serves `messages` (newest first). Its cursors are offsets, so pages shift when messages arrive.

    `on_page` is called with the source before every page, to change the conversation between pages.
    """

    def __init__(
        self,
        messages: Sequence[Message],
        *,
        most: int = 1000,
        total: bool = True,
        on_page: Callable[["MemorySource"], None] = lambda source: None,
    ) -> None:
        self.messages = list(messages)
        self.asked: list[tuple[str | None, int]] = []
        self._most = most
        self._total = total
        self._on_page = on_page

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        if policy.cached_only:
            raise NotCached
        self._on_page(self)
        self.asked.append((cursor, count))
        start = int(cursor or 0)
        messages = tuple(self.messages[start : start + min(count, self._most)])
        end = start + len(messages)
        return Page(
            messages,
            next_cursor=str(end) if end < len(self.messages) else None,
            total=len(self.messages) if self._total else None,
            unread=0,
            credits=-(-len(messages) // 10),
        )


class TimeSource(MemorySource):
    """The same, with the time of the oldest message as cursor, so pages do not shift and may share a message."""

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        start = 0
        if cursor is not None:
            start = next(i for i, m in enumerate(self.messages) if (m.sent_at_ms or 0) <= int(cursor))
        page = await super().page(target, cursor=str(start), count=count + 1, deadline=deadline, policy=policy)
        last = page.messages[-1] if page.messages else None
        more = None if page.next_cursor is None or last is None else str(last.sent_at_ms)
        return Page(page.messages, more, page.total, page.unread, credits=page.credits)


def reader(source: object, **options: object) -> ConversationReader:
    """A reader of `source` with everything real but the network and the clock."""
    values: dict[str, object] = {
        "page_size": 50,
        "max_count": 1000,
        "timeout_s": 45.0,
        "zone": ZoneInfo("UTC"),
        "self_profile": None,
        "token_scale": 1.0,
        "structured_output": True,
        "banner": None,
        "now_ms": lambda: NOW_MS,
        "speakers": "marks",
        **options,
    }
    cursors = CursorCodec("test key", scope=("get_conversation", "account"))
    vocabulary = values.pop("vocabulary", None) or Vocabulary("o200k_base", counter())
    return ConversationReader(source, vocabulary, cursors, **values)  # type: ignore[arg-type]  # by name


def query(**options: object) -> Query:
    """A query of the test conversation."""
    return Query(TARGET, **options)  # type: ignore[arg-type]  # by name


def sizes(reading: Reading) -> tuple[int, int]:
    """Tokens of both channels, counted from outside: the text, and the structured content as JSON."""
    as_json = json.dumps(reading.structured, ensure_ascii=False, separators=(",", ":"))
    return counter().count(reading.text), counter().count(as_json)
