"""The values everything else speaks of. All frozen; outside data becomes these once, at the edge."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

Detail = Literal["condensed", "verbatim"]
TEXT_KIND = "TEXT"


@dataclass(frozen=True, slots=True)
class Target:
    """Which conversation: exactly one way of naming it, in canonical form.

    `value` is the conversation's id as the API knows it, or `https://www.linkedin.com/in/<slug>`.
    """

    kind: Literal["conversation_id", "profile_url"]
    value: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Who wrote a message.

    `key` tells people apart (the profile where there is one, the name otherwise); `name` is one line of clean
    text; `profile` is `in/<slug>`, its path on linkedin.com, or None.
    """

    key: str
    name: str
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as read, its text already made safe.

    `id` is the API's identity of it (or one derived from its content where that is missing), `kind` the API's
    `message_type` (an open set), `sender` None when the API does not say, `sent_at_ms` None when undated.
    """

    id: str
    text: str
    sent_at_ms: int | None
    sender: Participant | None
    kind: str = TEXT_KIND


@dataclass(frozen=True, slots=True)
class Page:
    """One bought page, newest message first, as the API ordered it.

    `next_cursor` is the API's own cursor of the next older page, None at the end. `total` and `unread` count the
    whole conversation. `seen` and `seen_at_ms` speak of the newest message of this page; the API does not say
    whose reading it is. `skipped` counts messages too broken to read, `replaced` the characters that were not valid
    UTF-8. `credits` is what the API says it charged, `maybe_extra` how many further requests brought no answer and may
    have been charged anyway. `from_cache`: an earlier
    request fetched it, and this one cost nothing.
    """

    messages: tuple[Message, ...]
    next_cursor: str | None
    total: int | None = None
    unread: int | None = None
    seen: bool | None = None
    seen_at_ms: int | None = None
    credits: int = 0
    skipped: int = 0
    maybe_extra: int = 0
    replaced: int = 0
    from_cache: bool = False


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Which cached pages may answer a request for a page.

    `continuing`: the caller continues from an earlier answer, so the newest page may be as old as any other.
    `min_messages`: a shorter page is not accepted, unless it is the last. `cached_only`: send nothing to the API, and
    raise NotCached instead.
    """

    continuing: bool = False
    min_messages: int = 0
    cached_only: bool = False

    def accepts(self, page: Page) -> bool:
        """Whether a cached page is long enough; its age is the cache's business."""
        return len(page.messages) >= self.min_messages or page.next_cursor is None


ANY_CACHED = CachePolicy()
"""Accepts every cached page that is not too old."""


class NotCached(Exception):
    """No acceptable page is cached, and `cached_only` was asked for."""


@dataclass(frozen=True, slots=True)
class Query:
    """What a caller asks for: `count` messages of `target`, in at most `max_tokens` o200k_base tokens.

    `since_ms`: nothing at or before it is shown. `cursor`: one of ours, from an earlier answer.
    """

    target: Target
    count: int = 10
    max_tokens: int = 4000
    detail: Detail = "condensed"
    cursor: str | None = None
    focus: str | None = None
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer: the transcript in the budget, and the figures a program wants.

    `text` is the whole answer for a reader of text. `structured` is the same for a reader of JSON: its `transcript`
    leaves out the line that `next_cursor` repeats. Both are within the budget; `tokens` is the count of `text`.
    """

    text: str
    structured: dict[str, object]
    tokens: int
    credits: int
    next_cursor: str | None
    notes: tuple[str, ...] = field(default=())


OnPage = Callable[[int, int], Awaitable[None]]
"""Awaited after each page of a reading: messages so far, messages wanted."""
