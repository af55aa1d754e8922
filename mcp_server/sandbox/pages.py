"""A page of a conversation in the API's format: newest message first, with a cursor for older messages."""

import re
from typing import NotRequired, TypedDict

from mcp_server.sandbox.library import Conversation, StoredMessage

_CURSOR = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,4}))?", re.ASCII)


class InvalidCursor(ValueError):
    """The text is not a cursor that this API gave out."""


class Page(TypedDict):
    total_message_count: int
    unread_count: int
    last_seen_message: bool
    last_seen_at: int | None
    messages: list[dict[str, object]]
    next_cursor: NotRequired[str]


def page(conversation: Conversation, visible: tuple[StoredMessage, ...], count: int, cursor: object) -> Page:
    """The page of `count` messages at `cursor`, or the newest page if it is None. `visible` is oldest first.

    Raises InvalidCursor.
    """
    newest_first = visible[::-1]
    start = _position(newest_first, cursor)
    end = start + count
    batch = newest_first[start:end]
    data: Page = {
        "total_message_count": len(newest_first),
        "unread_count": conversation.unread,
        "last_seen_message": bool(batch) and batch[0].sent_at_ms <= conversation.seen_at_ms,
        "last_seen_at": conversation.seen_at_ms or None,
        "messages": [_wire(message) for message in batch],
    }
    if end < len(newest_first):
        data["next_cursor"] = _cursor(newest_first, end)
    return data


def _cursor(newest_first: tuple[StoredMessage, ...], position: int) -> str:
    """The time in ms of the message at `position`, with `.k` for the k-th message after the first of that time."""
    sent_at_ms = newest_first[position].sent_at_ms
    first = next(place for place, message in enumerate(newest_first) if message.sent_at_ms == sent_at_ms)
    return f"{sent_at_ms}.{position - first}" if position > first else str(sent_at_ms)


def _position(newest_first: tuple[StoredMessage, ...], cursor: object) -> int:
    if cursor is None:
        return 0
    match = _CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
    if match is None:
        raise InvalidCursor
    sent_at_ms, further = int(match[1]), int(match[2] or 0)
    first = next(
        (place for place, message in enumerate(newest_first) if message.sent_at_ms <= sent_at_ms), len(newest_first)
    )
    return min(first + further, len(newest_first))


def _wire(message: StoredMessage) -> dict[str, object]:
    sender = message.sender
    wire: dict[str, object] = {"text": message.text, "timestamp": message.sent_at_ms}
    if sender is not None:
        wire["sender"] = f"{sender.first_name} {sender.last_name}".strip()
        wire["sender_info"] = {
            "first_name": sender.first_name,
            "last_name": sender.last_name,
            "profile_url": sender.profile_url,
        }
    return wire | {"message_type": message.kind, "entity_urn": message.urn}
