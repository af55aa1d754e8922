"""What an export says of a conversation, in the values that readers of it use."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from mcp_server.archive.messages import ArchivedMessage
from mcp_server.archive.people import Person

ConversationKind = Literal["direct", "group", "unknown_member", "sponsored", "self"]


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """One conversation of the listing.

    `messages` and `drafts` are counts; `newest_at_s` is the moment of the newest message, None where no date is known.
    `title` is a group's name, an InMail's or an advertisement's headline. `folders` are the export's own words.
    """

    id: str
    kind: ConversationKind
    title: str | None
    participants: tuple[Person, ...]
    messages: int
    drafts: int
    newest_at_s: int | None
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Messages of a conversation, newest first; `older` is how many come before them, `total` how many there are.

    `replaced` counts the characters in them that were no UTF-8 and were read as Windows-1252.
    """

    messages: tuple[ArchivedMessage, ...]
    older: int
    total: int
    replaced: int


class Counts(NamedTuple):
    """How much there is: `replaced` are characters that were no UTF-8, `empty` records of nothing but commas."""

    conversations: int
    messages: int
    drafts: int
    undated: int
    replaced: int
    empty: int
