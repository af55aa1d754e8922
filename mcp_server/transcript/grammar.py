"""The transcript: what it is made of. `render` writes it, `parse` reads it back: `parse(render(t)) == t`.

    SANDBOX: made-up conversation                                   banner, rarely
    > in/jane-doe-42 Jane Doe                                       who is who, by profile on linkedin.com
    < (me) in/john-smith-99 John Smith
    23 of 55 messages, Apr 20 - 26 2026, UTC. Last: > 2 days ago, < to answer. Unread: 1. 3 credits.
    ! 1 message could not be read and was skipped.                  a note
    # Apr 20                                                        a day
    09:00 > first message                                           time, sender, text
    < a reply in the same clock hour
     a second line of the same message
    ~ 12 messages, Apr 21 - 24 [40]                                 a stretch left out
    16:02 >[shared post] Worth a read                               another type of message
    >~ shortened [..] text                                          cut inside
    ><[characters 1-900 of 5000] ...
    window_cursor: AgQ...                                           AgQ...:40 reads the stretch marked [40]
    More: 32 older. next_cursor: AQx9...

The first character of a line decides what it is. Whatever a stranger wrote stands behind exactly one space, on a line
that starts with a space, or at the end of a line whose trusted part comes first: so no text and no name can pass for
anything else, and nothing needs escaping. Three or more people get letters (`A:`), with `-` for the same one again.

Token counts add up: every line starts with neither white space nor `/` and ends in a newline, every prefix ends in
something other than white space, and a text follows it as one space, the text, a newline.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

UNDATED = "??:??"
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Speaker:
    """A line of the legend. `mark` is `>`, `<` or letters; `profile` None when there is none to show."""

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
    """Which characters of a message too long for one answer are shown: `start` to `end` of `total`, from 1."""

    start: int
    end: int
    total: int


class Line(NamedTuple):
    """One message. `time` is `HH:MM`, UNDATED, or None where the last time shown has the same hour.

    `kind` is the tag of a message that is not plain text; `shortened` says that `[..]` in the text is our cut.
    """

    mark: str
    text: str
    time: str | None = None
    kind: str | None = None
    part: Part | None = None
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch left out: how many messages, and their first and last day (None: the days around tell).

    `at` is the number of its newest message in the window, for the cursor that reads it.
    """

    count: int
    first: date | None = None
    last: date | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Latest:
    """Whose message is the newest of the conversation, how long ago, and whose turn it is where that is known."""

    mark: str
    ago: str
    awaited: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """The figures line. Counts are of messages; `total` is None where the API does not say.

    `first` and `last` are the days of the oldest and newest message shown. `seen` is whether the newest message has
    been read, by whom the API does not say, and `seen_on` the day of that.
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
    seen: bool | None = None
    seen_on: date | None = None
    credits: int | None = None
    focus: str | None = None

    @property
    def covered(self) -> int:
        return self.shown + self.shortened + self.omitted


@dataclass(frozen=True, slots=True)
class More:
    """There is more to read: how many messages (None: not known) and the cursor that goes on there."""

    next_cursor: str
    older: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more to read: the conversation begins here, no more was `asked` for, or the API gives no more."""

    why: Literal["beginning", "asked", "stopped"] = "beginning"


Entry = Day | Line | Gap
Footer = More | End


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole answer, oldest message first. `window_cursor`, with `:n` behind it, reads a stretch left out at n."""

    header: Header
    entries: tuple[Entry, ...]
    footer: Footer
    speakers: tuple[Speaker, ...] = ()
    notes: tuple[str, ...] = ()
    banner: str | None = None
    window_cursor: str | None = None
