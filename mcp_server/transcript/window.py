"""The input of an answer: the messages it is about, and what is known around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mcp_server.conversation.models import EndReason, Message


class Continuation(NamedTuple):
    """What follows an answer: older messages at `cursor`, or nothing, for the reason `end`.

    `notes` are for this case alone. `undelivered` is the number of messages that the API counted but did not deliver.
    """

    cursor: str | None
    end: EndReason = "beginning"
    notes: tuple[str, ...] = ()
    undelivered: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The messages an answer is about, newest first, and what is known around them.

    `resume_at(n, offset)` returns how to resume at message n of the window, `offset` characters into it (n past the
    last: at the next older page). `window_cursor(pages)` returns a cursor that, with `:n` appended, resumes at message
    n; it names at most `pages` pages. `credits` is None if the API did not report what it charged. `remaining` counts
    from the first message of the window to the beginning of the conversation. `from_newest` means that the window
    starts at the conversation's newest message. The first `offset` characters of the first message were shown earlier.
    `further_messages` are known but not part of the answer; their senders take part in the conversation too.
    `from_memory` means that newer messages may have arrived since the newest one was fetched. `is_group`: whether
    several other people take part, even if they have not written; None if unknown. `labels` are the first names that
    say who wrote a line, by the senders' keys; None for marks.
    """

    messages: tuple[Message, ...]
    resume_at: Callable[[int, int], Continuation]
    window_cursor: Callable[[int], str | None] = lambda _pages: None
    credits: int | None = 0
    total: int | None = None
    unread: int | None = None
    seen: bool | None = None
    remaining: int | None = None
    from_newest: bool = True
    from_memory: bool = False
    offset: int = 0
    other_profile: str | None = None
    is_group: bool | None = None
    further_messages: tuple[Message, ...] = ()
    notes: tuple[str, ...] = ()
    labels: Mapping[str, str] | None = None

    @property
    def known_messages(self) -> tuple[Message, ...]:
        """All known messages, newest first."""
        return (*self.messages, *self.further_messages)
