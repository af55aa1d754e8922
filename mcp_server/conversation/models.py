"""The frozen values that all other modules use. Data from outside is converted to them once, where it enters."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, unquote

from mcp_server.conversation.listed import ListedConversation, Show

Detail = Literal["condensed", "verbatim"]
EndReason = Literal["beginning", "incomplete", "asked", "stopped"]
"""Why no older messages follow an answer: the conversation begins there; it does, but messages are missing; `since`
was reached; or the API's pages lead nowhere."""

TEXT_KIND = "TEXT"

_THREAD = re.compile(r"(?:^|,)(2-[A-Za-z0-9_+/-]+)(?:=|%3[Dd])*\)?$")


def thread_key(identity: str) -> str:
    """What all spellings of a conversation's id have in common: `2-...` without padding. Other ids are unchanged."""
    found = _THREAD.search(identity)
    return identity if found is None else found[1]


@dataclass(frozen=True, slots=True)
class Target:
    """A conversation, named in one of two ways: `value` is the API's id of it or `https://www.linkedin.com/in/<slug>`.

    `INBOX` is the one target that is no conversation but the list of all: pages of it hold the last message of each.

    Targets are equal if their `key` is: a profile in lower case, as LinkedIn ignores the case of slugs, and the last
    part of a conversation's URN without padding, as it names the conversation by itself. Whatever belongs to a
    conversation is bound to the key; the API is sent the value.
    """

    kind: Literal["conversation_id", "profile_url", "inbox"]
    value: str = field(compare=False)
    key: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", _folded(self.value) if self.kind == "profile_url" else thread_key(self.value))


INBOX = Target("inbox", "")


def _folded(profile_url: str) -> str:
    """The address in lower case. Unchanged where the slug is a member id, which has case, or cannot be decoded."""
    address, _, slug = profile_url.rpartition("/")
    if slug.startswith("ACoAA"):
        return profile_url
    try:
        return f"{address}/{quote(unquote(slug, errors='strict').lower(), safe='-_.~')}"
    except UnicodeError:
        return profile_url


@dataclass(frozen=True, slots=True)
class Participant:
    """The sender of a message.

    `key` identifies the person: the profile if there is one, otherwise the name. `name` is one line of clean text.
    `profile` is the path on linkedin.com, `in/<slug>`, or None. `is_owner`: the source itself says that this is the
    account owner, so no profile has to.
    """

    key: str
    name: str
    profile: str | None = None
    is_owner: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message; its text is already cleaned.

    `id` is the API's identity of the message, or one derived from its content if the API gives none. `kind` is the
    API's `message_type`, an open set. `sender` and `sent_at_ms` are None if the API does not state them. `tag` is a tag
    in place of the one made of `kind`: clean text on one line without brackets and semicolons. `is_turn` is False for
    drafts, notices and advertising, which nobody has to answer and which answer nobody.

    On a page of `INBOX` it is the last message of a conversation: `id` is the conversation's, and `listed` is what the
    list says of it.
    """

    id: str
    text: str
    sent_at_ms: int | None
    sender: Participant | None
    kind: str = TEXT_KIND
    tag: str | None = None
    is_turn: bool = True
    listed: ListedConversation | None = None

    @property
    def shown_as(self) -> tuple[str, str]:
        """Equal for what need not be shown twice: an edited message is new, a conversation of the list is the same
        one whatever its last message."""
        return self.id, self.text if self.listed is None else ""

    def is_version_of(self, other: "Message") -> bool:
        """Whether this is the other message, perhaps edited. An API may use an identity again for another one."""
        is_another = None not in (self.sent_at_ms, other.sent_at_ms) and self.sent_at_ms != other.sent_at_ms
        return self.id == other.id and (not is_another or self.text == other.text or self.listed is not None)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the API, newest message first, in the API's order.

    `next_cursor` is the API's cursor of the next older page, None at the end. `cursor_unusable`: there is one, but it
    is not a text or a number and cannot be sent back. `total` and `unread` count messages of the whole conversation.
    `seen` and `seen_at_ms` are about the newest message of this page; the API does not say who has seen it. `skipped`
    is the number of messages that could not be parsed, `replaced` the number of characters that were not valid UTF-8.
    `credits` is the charge that the API reported. `maybe_extra` is the number of further requests that got no answer
    and may have been charged. `joined`: several requests fetched the page, so that its charge shows no price.
    `price_unknown`: the API reported no charge. `from_cache`: an earlier request fetched the page, so it cost nothing.
    `requested`: the size of the request that fetched it, 0 if unknown. `age_s`: how many seconds ago it was fetched;
    None if that was during this request. `next_total` counts the messages at the time when the API gave `next_cursor`,
    if that was another one than of `total`. `gap`: up to so many messages may be missing before the page. `notes` are
    sentences about the page, for the answer.
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
    price_unknown: bool = False
    cursor_unusable: bool = False
    from_cache: bool = False
    requested: int = 0
    age_s: float | None = None
    joined: bool = False
    next_total: int | None = None
    gap: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Which cached pages may answer a request for a page, and what the caller knows of its place.

    `continuing`: the caller continues from an earlier answer, so the newest page may be as old as any other.
    `min_messages`: a shorter page is not accepted, unless it is the last. `fresh`: no cached page is
    accepted. `cached_only`: send nothing to the API, and raise NotCached instead. `after`: the identity of the message
    that precedes the page, if it is known; a page that another message preceded is not accepted then.
    `anchor` names the message that the caller continues from (see `anchor_of`), and `total` counts the messages at the
    time when the API gave the cursor: with these, messages that the cursor would skip are found, by fetching at most
    `spare` more.
    """

    continuing: bool = False
    min_messages: int = 0
    fresh: bool = False
    cached_only: bool = False
    after: str | None = None
    anchor: bytes | None = None
    total: int | None = None
    spare: int = 0

    def accepts(self, page: Page) -> bool:
        """Whether a cached page is long enough; its age is the cache's business."""
        return not self.fresh and (len(page.messages) >= self.min_messages or page.next_cursor is None)


ANY_CACHED = CachePolicy()
"""Accepts every cached page that is not too old."""


class NotCached(Exception):
    """No acceptable page is cached, and `cached_only` was asked for."""


@dataclass(frozen=True, slots=True)
class Query:
    """A call: `count` messages of `target` within `max_tokens` o200k_base tokens.

    Messages sent at or before `since_ms` are not shown. `cursor` is a cursor of an earlier answer. `notes` are
    sentences about the call, which its answer repeats. `other_profile` is the label of the other person's profile where
    `target` is an id that a profile was resolved to. `token_scale` is how many tokens the model sees per counted token,
    where this call's client says so.
    """

    target: Target
    count: int = 10
    max_tokens: int = 4000
    detail: Detail = "condensed"
    cursor: str | None = None
    focus: str | None = None
    since_ms: int | None = None
    notes: tuple[str, ...] = ()
    other_profile: str | None = None
    token_scale: float | None = None


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A call that lists conversations: the newest `count` are looked at, and those that match are shown.

    `show` and `query` (words, or None for any) limit what is shown. The rest is as for `Query`.
    """

    count: int = 20
    max_tokens: int = 2000
    cursor: str | None = None
    show: Show = "all"
    query: str | None = None
    notes: tuple[str, ...] = ()
    token_scale: float | None = None

    @property
    def target(self) -> Target:
        """The list itself, as a target of requests and cursors."""
        return INBOX


AnyQuery = Query | ListQuery


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer in two channels, both within the budget: `text`, and `structured` for clients that read JSON.

    The `transcript` in `structured` omits the line with the cursor, which `next_cursor` holds. `tokens` is the size of
    `text`. `credits_saved` is about what the messages from memory would have cost. `targets` are the conversations that
    the answer is about, as far as it names them.
    """

    text: str
    structured: dict[str, object]
    tokens: int
    credits: int
    next_cursor: str | None
    notes: tuple[str, ...] = field(default=())
    credits_saved: int = 0
    targets: tuple[Target, ...] = ()


OnPage = Callable[[int, int], Awaitable[None]]
"""Awaited after each page of a call with two numbers: messages read so far, and messages requested.

The second is 0 while an archive is being read for the call: it is then not known how many there are.
"""
