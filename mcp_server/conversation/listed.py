"""What the list of conversations says of one of them, besides its last message."""

import re
from dataclasses import dataclass
from typing import Literal

Show = Literal["all", "unread", "to_answer"]

_USABLE_ID = re.compile(r"[A-Za-z0-9][!-~]*")


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """A conversation in the list. Texts are cleaned.

    `name` is one line, empty if nobody is named. `profile` is the other person's `in/<slug>`, None for a group and for
    a person without a profile. `tags` are words that describe it, such as `group`. `mine`: whether the owner wrote the
    last message; None if that is unknown. `owner` is the profile of the account's owner where the list names it.
    `has_id`: the source gave the conversation a usable id, so that it can be read by it. `is_group`: whether it has
    several other people; None if unknown. `total` counts its messages, None if unknown.
    """

    name: str
    profile: str | None = None
    headline: str = ""
    unread: int = 0
    tags: tuple[str, ...] = ()
    mine: bool | None = None
    owner: str | None = None
    has_id: bool = True
    is_group: bool | None = None
    total: int | None = None

    @property
    def awaits_answer(self) -> bool:
        """Whether the last message is somebody else's and may be waiting for the owner."""
        return self.mine is False and not _NOBODY_WAITS.intersection(self.tags)

    @property
    def target(self) -> str | None:
        """`in/<slug>` of a conversation of two; None where only the conversation's id names it."""
        of_person = self.profile is not None and self.profile.startswith("in/")
        return self.profile if of_person and not self.is_group else None


def is_usable_id(identity: str) -> bool:
    """Whether a conversation can be named by this id: one word of ASCII, which nothing else in a list begins with."""
    return _USABLE_ID.fullmatch(identity) is not None


_NOBODY_WAITS = frozenset(("sponsored", "notes", "spam"))
