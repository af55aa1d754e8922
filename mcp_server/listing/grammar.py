"""The parts of a list of conversations. `render` writes one, `parse` reads it back: `parse(render(l)) == l`.

    SANDBOX: made-up people and messages                            banner (optional)
    20 looked at (Oct 6 - Nov 20 2026, UTC), 3 matched, 3 shown, 9 to answer. 2 credits. Show: unread.
    ! 1 conversation could not be read and was skipped.             a note
    # Nov 20                                                        a day
    in/tessa-okafor-field 10:40 >[4 unread] Tessa Okafor            target, time, turn, tags, name
      Field engineer, anything with an antenna                      headline
     Ferry cancelled, wind. Next one is at 17:45. [..]              last message, cut at [..]
    urn:li:msg_conversation:(...) 09:15 >[3 unread; group] 伟 陈     no profile to read it by: its id
    # Nov 19
    in/sofie-van-damme 10:02 < Sofie van Damme                      the owner wrote last
    More: older conversations. next_cursor: AQx9...

The first word of an entry is the target as `get_conversation` takes it. `>`: the other side wrote last, `<`: the
owner did, `?`: unknown. Where first names say who wrote a line, `them` and `me` stand here for `>` and `<`. Text that a
stranger wrote is at the end of an entry's line, after the one space that follows the mark or the tags, or on a line of
its own that starts with one space (a text) or two (a headline). So no name, headline or text can imitate another part
of the list, and nothing needs escaping. U+200E follows the mark where right-to-left letters would have it drawn as its
mirror image.

Token counts are additive: an entry is counted as one piece, which starts with a letter or digit and ends in a newline.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from mcp_server.conversation.listed import Show
from mcp_server.transcript.grammar import Day, Footer

Turn = Literal[">", "<", "?", "them", "me"]

NO_TARGET = "-"
"""The target of a conversation that cannot be read: it has neither an id nor a profile."""


class ListedEntry(NamedTuple):
    """One conversation. `time` is `HH:MM` or UNDATED. Empty texts are not shown."""

    target: str
    time: str
    turn: Turn
    name: str
    unread: int = 0
    tags: tuple[str, ...] = ()
    headline: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What was searched for, quoted, and where: in `all_texts` of the conversations, or in what a list shows only."""

    quoted: str
    all_texts: bool = False


@dataclass(frozen=True, slots=True)
class ListHeader:
    """The summary line. Counts are of conversations.

    `first` and `last` are the days of the oldest and newest looked at, None where none is known. `to_answer` of those
    looked at wait for the owner. `credits` is "unknown" if the API did not report what it charged.
    """

    looked_at: int
    matched: int
    shown: int
    to_answer: int
    first: date | None = None
    last: date | None = None
    timezone: str = "UTC"
    credits: int | Literal["unknown"] = 0
    show: Show = "all"
    search: Search | None = None


Item = Day | ListedEntry


@dataclass(frozen=True, slots=True)
class ConversationList:
    """A whole answer, newest conversation first."""

    header: ListHeader
    items: tuple[Item, ...]
    footer: Footer
    notes: tuple[str, ...] = ()
    banner: str | None = None
