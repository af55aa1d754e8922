"""The newest message of a conversation: its sender, its age, who is expected to answer, and whether it was read."""

from collections.abc import Sequence

from mcp_server.transcript.grammar import Latest
from mcp_server.transcript.layout import LaidOutMessage, Legend, can_be_answered
from mcp_server.transcript.window import Window


def latest(window: Window, legend: Legend, shown: Sequence[LaidOutMessage], now_ms: int) -> Latest | None:
    """The newest turn, if it is shown and dated, and who is expected to answer it, if that is known."""
    newest = next((message for message in window.messages if message.is_turn), None)
    mark = next((each.mark for each in reversed(shown) if newest and each.id == newest.id), None)
    if not window.from_newest or newest is None or newest.sent_at_ms is None or mark is None:
        return None
    turn_is_known = not window.from_memory and can_be_answered(newest) and _is_between_two(window, legend)
    awaited = legend.other_mark(mark) if turn_is_known else None
    return Latest(mark, _ago(now_ms - newest.sent_at_ms), awaited)


def read_by_recipient(window: Window, legend: Legend) -> bool | None:
    """Whether the newest message was read; None in groups, where the API does not say by whom."""
    if not window.from_newest or not window.messages or legend.is_group:
        return None
    return window.seen


def _is_between_two(window: Window, legend: Legend) -> bool:
    """Whether the conversation is known to be between the account owner and one other person.

    It was requested by that person's profile, the list of conversations says so, or all of it is known. Two senders
    alone prove nothing: a group may have silent members, or others who wrote earlier.
    """
    if legend.me is None or legend.is_group or len(legend.people) != 2:
        return False
    if any(one.sender is None for one in window.known_messages):
        return False
    end = window.resume_at(len(window.messages), 0)
    is_whole = window.from_newest and end.cursor is None and end.end == "beginning"
    return is_whole or window.is_group is False or legend.has_other(window.other_profile)


def _ago(elapsed_ms: int) -> str:
    """`2 days ago`, in the largest unit of which at least two have passed (one for days and less)."""
    minutes = elapsed_ms // 60_000
    for unit, length in (("year", 525_600), ("month", 43_800), ("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= 2 * length or (minutes >= length and unit in ("day", "hour", "minute")):
            number = minutes // length
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"
