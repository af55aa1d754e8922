"""The parts of a transcript. `render` writes one, `parse` reads it back: `parse(render(t)) == t`.

    SANDBOX: made-up conversation                                   banner (optional)
    > in/jane-doe-42 Jane Doe                                       legend: mark, linkedin.com profile, name
    < (me) in/john-smith-99 John Smith
    23 of 55 messages, Apr 20 - 26 2026, UTC. Last: > 2 days ago, < to answer. Unread: 1. 3 credits.
    ! 1 message could not be read and was skipped.                  a note
    # Apr 20                                                        a day
    09:00 > first message                                           time, sender, text
    < a reply in the same clock hour
     a second line of the same message
    ~ 12 messages, Apr 21 - 24 [40]                                 a gap: messages left out
    16:02 >[shared post] Worth a read                               another type of message
    >~ shortened [..] text                                          cut inside
    ><[characters 1-900 of 5000] ...
    window_cursor: AgQ...                                           AgQ...:40 reads the gap marked [40]
    More: 32 older. next_cursor: AQx9...

The first character of a line decides its type. First names can say who wrote a line, in place of marks (`Jane:
in/jane-doe-42 Jane Doe`, `09:00 Jane: first message`, `Last: Jane 2 days ago`); see `labels`. Text that a stranger
wrote follows exactly one space, or is on a line that starts with a space, or is at the end of a line that begins with
our own words. So no text or name can imitate another part of the transcript, and nothing needs escaping. In front of
right-to-left text, which would have `>` and `<` drawn as each other, U+200E follows them. Without first names, three or
more people get letters (`A:`); `-` repeats the letter of the line above.

Token counts are additive: every line starts with neither white space nor `/` and ends in a newline, every prefix ends
in a character that is not white space, and a text follows it as one space, the text, a newline.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from mcp_server.conversation.models import EndReason

UNDATED = "??:??"
UNKNOWN = "?"
SIGNS = (">", "<", UNKNOWN)
NAME_END = ""
"""What follows a name at the beginning of a line, before tags and the space in front of the text."""


def is_letters(mark: str) -> bool:
    """Whether a mark is one of the letters of a group: A, B ... Z, AA, AB ... No name is spelt like that."""
    return mark.isascii() and mark.isupper()


@dataclass(frozen=True, slots=True)
class Speaker:
    """A line of the legend. `mark` is `>`, `<`, letters or a name; `profile` is `in/<slug>` or None."""

    mark: str
    name: str
    profile: str | None = None
    me: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The day of the lines that follow, in the transcript's timezone."""

    date: date


@dataclass(frozen=True, slots=True)
class Part:
    """The characters shown of a message too long for one answer: `start` to `end` of `total`, counted from 1."""

    start: int
    end: int
    total: int


class Line(NamedTuple):
    """One message. `time` is `HH:MM`, UNDATED, or None where the last time shown is in the same hour.

    `kind` is the tag of a message that is not plain text. `shortened` means that `[..]` in the text is our cut.
    """

    mark: str
    text: str
    time: str | None = None
    kind: str | None = None
    part: Part | None = None
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages left out: their number, and the days of the first and last (None where the days around imply them).

    `at` is the index of the gap's newest message in the window (0 is the newest); a window cursor with `:at` reads it.
    """

    count: int
    first: date | None = None
    last: date | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest message of the conversation: its sender, its age, and who is expected to answer (None if unknown)."""

    mark: str
    ago: str
    awaited: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The summary line. Counts are of messages; None means unknown.

    `first` and `last` are the days of the oldest and newest message shown. `read_by_recipient` is about
    the newest message of the conversation. `credits` is "unknown" if the API did not report what it charged, None if
    not shown.
    """

    shown: int
    shortened: int = 0
    omitted: int = 0
    total: int | None = None
    first: date | None = None
    last: date | None = None
    timezone: str = "UTC"
    latest: Latest | None = None
    unread: int | None = None
    read_by_recipient: bool | None = None
    credits: int | Literal["unknown"] | None = None
    focus: str | None = None

    @property
    def covered(self) -> int:
        return self.shown + self.shortened + self.omitted


@dataclass(frozen=True, slots=True)
class More:
    """Older messages exist: their number (None if unknown) and the cursor that reads them."""

    next_cursor: str
    older: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """No cursor follows, for the reason `why`."""

    why: EndReason = "beginning"


Entry = Day | Line | Gap
Footer = More | End


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole answer, oldest message first. `window_cursor` with `:n` appended reads the gap whose `at` is n."""

    header: Header
    entries: tuple[Entry, ...]
    footer: Footer
    speakers: tuple[Speaker, ...] = ()
    notes: tuple[str, ...] = ()
    banner: str | None = None
    window_cursor: str | None = None
