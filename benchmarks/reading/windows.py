"""Stretches of the sandbox's conversations as the product answers them: verbatim, and condensed with gaps."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import anyio

from benchmarks.measured import reader_of
from benchmarks.tokens import in_a_group
from mcp_server.conversation.cleaning import clean
from mcp_server.conversation.models import Detail, Message, Participant, Query, Reading, Target
from mcp_server.conversation.profile import profile_label
from mcp_server.sandbox.library import SANDBOX_SELF_PROFILE, Conversation, Person, load_library
from mcp_server.setting_values import Speakers
from mcp_server.tokenizer import O200kCounter
from mcp_server.transcript.grammar import Entry, Gap, Line, Transcript
from mcp_server.transcript.parse import parse

SIZE = 12
"""Messages in a verbatim window."""

CONDENSED_TOKENS = 650
BETWEEN_TWO = {
    "norbury-sales": ("English", (12, 26, 43, 60)),
    "enclosures-german": ("German", (12, 24)),
    "pharma-french": ("French", (10, 20)),
    "investor": ("English", (14, 30, 46)),
    "distributor-spanish": ("Spanish", (10, 21)),
    "recruiter": ("English", (17, 35)),
    "distributor-japanese": ("Japanese", (12,)),
    "harbour-lane": ("English", (230, 777, 1501)),
    "jane-doe-writer": ("English", (13, 27)),
    "jane-doe-hospital": ("English", (14,)),
}
GROUPS = {"expo-panel": ("English", (14, 28, 42)), "app-translators": ("English", (32,))}
CONDENSED = {
    "norbury-sales": (40, 60),
    "investor": (34, 46),
    "recruiter": (35,),
    "enclosures-german": (24,),
    "pharma-french": (20,),
    "distributor-spanish": (21,),
    "harbour-lane": (90, 700),
    "jane-doe-writer": (27,),
    "expo-panel": (42,),
}
"""After how many messages each window ends. What follows is left out, as if it had not been written yet."""

CONDENSED_COUNT = 40


class Window(NamedTuple):
    """An answer about `messages`, oldest first; `shown[i]` is the message that the transcript's line i is about."""

    name: str
    conversation: str
    language: str
    messages: tuple[Message, ...]
    transcript: Transcript

    @property
    def lines(self) -> list[Line]:
        return [entry for entry in self.transcript.entries if isinstance(entry, Line)]

    @property
    def shown(self) -> list[Message]:
        """The message of each line: gaps say how many are between."""
        at, found = 0, []
        for entry in self.transcript.entries:
            if isinstance(entry, Gap):
                at += entry.count
            elif isinstance(entry, Line):
                found.append(self.messages[at])
                at += 1
        return found

    @property
    def is_group(self) -> bool:
        return self.conversation in GROUPS


def first_name(person: Participant | None) -> str:
    """How questions and labels name a person."""
    return "?" if person is None else person.name.split()[0]


def verbatim_windows(size: int = SIZE) -> list[Window]:
    """The newest messages of each stretch; the first of every conversation come first."""
    asked = BETWEEN_TWO | GROUPS
    rounds = max(len(ends) for _, ends in asked.values())
    return [
        _window(name, language, ends[place], size, 20_000, "verbatim")
        for place in range(rounds)
        for name, (language, ends) in asked.items()
        if place < len(ends)
    ]


def condensed_windows() -> list[Window]:
    """Up to forty messages each in a budget too small for them, so that some are left out."""
    languages = BETWEEN_TWO | GROUPS
    found = [
        _window(name, languages[name][0], end, CONDENSED_COUNT, CONDENSED_TOKENS, "condensed")
        for name, ends in CONDENSED.items()
        for end in ends
    ]
    return [window for window in found if any(isinstance(entry, Gap) for entry in window.transcript.entries)]


def cut_windows() -> list[Window]:
    """The first stretch of every conversation; every other message that can be is cut after its first sentence."""
    return [_cut(window) for window in verbatim_windows()[: len(BETWEEN_TWO | GROUPS)]]


def _cut(window: Window) -> Window:
    entries: list[Entry] = []
    long, cut = 0, 0
    for entry in window.transcript.entries:
        if isinstance(entry, Line) and (sentence := re.match(r".{8,}?[.?!。？！](?=.{20})", entry.text, re.DOTALL)):
            long += 1
            if long % 2:
                cut += 1
                entry = entry._replace(text=f"{sentence[0]} [..]", shortened=True)
        entries.append(entry)
    header = replace(window.transcript.header, shortened=cut, shown=len(window.lines) - cut)
    transcript = replace(window.transcript, header=header, entries=tuple(entries))
    return window._replace(name=f"{window.name}-cut", transcript=transcript)


def crowded_windows() -> list[Window]:
    """The stretches of conversations between two as if five people had written them; runs of one sender stay."""
    return [
        _window(name, language, end, SIZE, 20_000, "verbatim", crowded=True)
        for name, (language, ends) in BETWEEN_TWO.items()
        for end in ends
    ]


def _window(
    name: str, language: str, end: int, count: int, tokens: int, detail: Detail, *, crowded: bool = False
) -> Window:
    messages = list(_messages(name))[:end]
    if crowded:
        senders = (Participant(person, person) for person, _, _ in in_a_group(spoken(messages)))
        messages = [replace(message, sender=sender) for message, sender in zip(messages, senders, strict=True)]
    count = min(count, end)
    read = parse(_printed(name, messages, count, tokens, detail, "marks"))
    return Window(f"{name}-{end}-{'crowded' if crowded else detail}", name, language, tuple(messages[-count:]), read)


def printed(window: Window, speakers: Speakers) -> str:
    """The product's own answer of a verbatim window."""
    return _printed(window.conversation, window.messages, len(window.messages), 20_000, "verbatim", speakers)


def _printed(
    name: str, messages: Sequence[Message], count: int, tokens: int, detail: Detail, speakers: Speakers
) -> str:
    target = Target("profile_url", _conversations()[name].profile_url or "https://www.linkedin.com/in/nobody")
    reader = reader_of(messages, _counter(), self_profile=SANDBOX_SELF_PROFILE, speakers=speakers)
    reading: Reading = anyio.run(reader.read, Query(target, count, tokens, detail))
    return reading.text


def _messages(name: str) -> Iterator[Message]:
    for number, stored in enumerate(_conversations()[name].messages):
        sender = None if stored.sender is None else _participant(stored.sender)
        yield Message(str(number), clean(stored.text), stored.sent_at_ms, sender, stored.kind)


def _participant(person: Person) -> Participant:
    name, profile = f"{person.first_name} {person.last_name}", profile_label(person.profile_url)
    return Participant(profile or name, name, profile)


@lru_cache(maxsize=1)
def _conversations() -> dict[str, Conversation]:
    return {conversation.name: conversation for conversation in load_library().conversations}


@lru_cache(maxsize=1)
def _counter() -> O200kCounter:
    return O200kCounter()


def spoken(messages: Sequence[Message]) -> list[tuple[str, int, str]]:
    """Name, milliseconds and text of each message, as other styles of printing them take it."""
    return [(one.sender.name if one.sender else "", one.sent_at_ms or 0, one.text) for one in messages]
