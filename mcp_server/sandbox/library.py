"""The sandbox's conversations, read from `conversations/*.json`.

A file lists its people once, and one message per line, oldest first:

    {"conversation_id": "2-...", "with": "p", "unread": 1, "seen": "2026-11-02 09:00",
     "people": {"p": ["Priya", "Raman", "https://www.linkedin.com/in/priya-raman/"]},
     "messages": [["2026-02-03 09:12", "p", "text"], ["=", "n", "text", "SHARED_POST"]]}

Times are UTC minutes. Messages of one minute are spread over its seconds; `=` is the same millisecond as the message
before. `n` is the account's owner. A person without a third entry has no profile, and a message may have a null
sender. `with` is the person whose profile resolves to this conversation. `headlines` are what people say of
themselves. `arrivals` are further messages, one of which appears after every `arrive_every` requests. `scenes` names
a plan that generates messages (see scenes.py).
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.resources import files
from typing import NotRequired, TypedDict

from mcp_server.conversation.models import Target
from mcp_server.conversation.profile import canonical_profile_url
from mcp_server.sandbox.gateway_log import gateway_log
from mcp_server.sandbox.scenes import Line, Plan, play

SANDBOX_SELF_PROFILE = "https://www.linkedin.com/in/nora-lindqvist-tidewater"
_MEMBER = "urn:li:fsd_profile:ACoAAB7tWkQBn0r4L1ndqv1stT1deW4terSns0rs"
_SECONDS_APART = 7


@dataclass(frozen=True, slots=True)
class Person:
    """A participant. `profile_url` is as the API writes it, with a trailing slash; None for a deleted profile."""

    first_name: str
    last_name: str
    profile_url: str | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    urn: str
    text: str
    sent_at_ms: int
    sender: Person | None
    kind: str


class _LongText(TypedDict):
    """A text too long for the file: a gateway's log of this many characters, see gateway_log.py."""

    gateway_log: int


_Row = list[str | _LongText | None]


class _File(TypedDict):
    conversation_id: str
    people: dict[str, list[str]]
    headlines: NotRequired[dict[str, str]]
    messages: NotRequired[list[_Row]]
    scenes: NotRequired[str]
    arrivals: NotRequired[list[_Row]]
    arrive_every: NotRequired[int]
    unread: NotRequired[int]
    seen: NotRequired[str]


@dataclass(frozen=True)
class Conversation:
    """One conversation; its messages are generated at first use.

    `name` is the file's name, `id` the URN that callers send, `profile_url` the canonical address that resolves to it
    (None for a group). The first `settled` of `messages`, oldest first, exist from the start; one of the others is
    added after every `arrive_every` requests.
    """

    name: str
    source: _File

    @property
    def id(self) -> str:
        return f"urn:li:msg_conversation:({_MEMBER},{self.source['conversation_id']})"

    @cached_property
    def people(self) -> dict[str, Person]:
        owner = Person("Nora", "Lindqvist", f"{SANDBOX_SELF_PROFILE}/")
        return {"n": owner} | {
            key: Person(first, last, profile[0] if profile else None)
            for key, (first, last, *profile) in self.source["people"].items()
        }

    @property
    def partner(self) -> Person | None:
        """The person whom this conversation is with; None in a group."""
        return self.people.get(str(self.source.get("with")))

    def headline_of(self, person: Person) -> str:
        """What a person says of themselves; empty for nothing."""
        headlines = self.source.get("headlines", {})
        return next((headlines.get(key, "") for key, each in self.people.items() if each is person), "")

    @property
    def profile_url(self) -> str | None:
        partner = self.partner
        return canonical_profile_url(partner.profile_url) if partner and partner.profile_url else None

    @property
    def arrive_every(self) -> int:
        return self.source.get("arrive_every", 0)

    @property
    def settled(self) -> int:
        return len(self.messages) - len(self.source.get("arrivals", ()))

    @property
    def unread(self) -> int:
        return self.source.get("unread", 0)

    @property
    def seen_at_ms(self) -> int:
        """When the other side last read the conversation, in milliseconds since 1970; 0 for never."""
        return _milliseconds(self.source["seen"]) if "seen" in self.source else 0

    @cached_property
    def messages(self) -> tuple[StoredMessage, ...]:
        return tuple(
            StoredMessage(
                urn=self._urn(index, sent_at_ms),
                text=line.text,
                sent_at_ms=sent_at_ms,
                sender=None if line.sender is None else self.people[line.sender],
                kind=line.kind,
            )
            for index, (sent_at_ms, line) in enumerate(_dated(self._lines()))
        )

    def _lines(self) -> Iterator[Line]:
        if plan := self.source.get("scenes"):
            yield from play(_plan(plan))
        for row in [*self.source.get("messages", []), *self.source.get("arrivals", [])]:
            time, sender, text, *kind = row
            if isinstance(text, dict):
                text = gateway_log(text["gateway_log"])
            yield Line(str(time), None if sender is None else str(sender), str(text), str(kind[0]) if kind else "TEXT")

    def _urn(self, index: int, sent_at_ms: int) -> str:
        identity = b64encode(f"{sent_at_ms}b{index:05d}-{self.name}".encode()).decode()
        return f"urn:li:msg_message:({_MEMBER},2-{identity})"


@dataclass(frozen=True)
class Library:
    """All conversations, found by id or by canonical profile URL."""

    conversations: tuple[Conversation, ...]

    @cached_property
    def by_id(self) -> dict[str, Conversation]:
        return {conversation.id: conversation for conversation in self.conversations}

    @cached_property
    def by_profile(self) -> dict[str, Conversation]:
        return {one.profile_url: one for one in self.conversations if one.profile_url is not None}

    def with_profile(self, profile_url: str) -> Conversation | None:
        """The conversation with this person. The case of an address does not count, as on LinkedIn."""
        return self._by_target.get(Target("profile_url", profile_url))

    @cached_property
    def _by_target(self) -> dict[Target, Conversation]:
        return {Target("profile_url", profile): one for profile, one in self.by_profile.items()}


def load_library() -> Library:
    """Every conversation of the package: about 150 kB to read, a few milliseconds. Long texts are generated later."""
    folder = files("mcp_server.sandbox") / "conversations"
    found = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".json")), key=lambda entry: str(entry.name)
    )
    return Library(
        tuple(
            Conversation(entry.name.removesuffix(".json"), json.loads(entry.read_text(encoding="utf-8")))
            for entry in found
        )
    )


def _plan(name: str) -> Plan:
    text = (files("mcp_server.sandbox") / "conversations" / "scenes" / name).read_text(encoding="utf-8")
    plan: Plan = json.loads(text)
    return plan


def _milliseconds(minute: str) -> int:
    return int(datetime.strptime(minute, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()) * 1000


def _dated(lines: Iterable[Line]) -> Iterator[tuple[int, Line]]:
    """Each line with its time in milliseconds: lines of one minute are seconds apart, with uneven milliseconds."""
    minute, place, sent_at_ms = "", 0, 0
    for index, line in enumerate(lines):
        if line.time != "=":
            place = place + 1 if line.time == minute else 0
            minute = line.time
            sent_at_ms = _milliseconds(minute) + place * _SECONDS_APART * 1000 + (index * 379 + 41) % 1000
        yield sent_at_ms, line
