"""A page of the list of conversations in the API's format (`list_inbox`): newest first, with a cursor for more."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NotRequired, TypedDict

from mcp_server.sandbox.library import Conversation, Person, StoredMessage
from mcp_server.sandbox.pages import InvalidCursor

_CURSOR = re.compile(r"DESCENDING&([0-9]{1,15})&(.{1,500})", re.ASCII)


class InboxPage(TypedDict):
    """`total_results` is the number of conversations on this page, as the API's own example has it."""

    conversations: list[dict[str, object]]
    total_results: int
    next_cursor: NotRequired[str]


def inbox_page(
    conversations: Iterable[tuple[Conversation, tuple[StoredMessage, ...]]], count: int, cursor: object
) -> InboxPage:
    """The page of `count` conversations after `cursor`, or the newest if it is None.

    Each conversation comes with its messages, oldest first. Raises InvalidCursor.
    """
    newest_first = sorted(
        ((_place(one, messages), one, messages) for one, messages in conversations),
        key=lambda each: each[0],
        reverse=True,
    )
    after = _position(cursor)
    rest = [each for each in newest_first if after is None or each[0] < after]
    batch = rest[:count]
    page: InboxPage = {
        "conversations": [_wire(one, messages) for _, one, messages in batch],
        "total_results": len(batch),
    }
    if len(rest) > count:
        sent_at_ms, identity = batch[-1][0]
        page["next_cursor"] = b64encode(f"DESCENDING&{sent_at_ms}&{identity}".encode()).decode()
    return page


def _place(conversation: Conversation, messages: tuple[StoredMessage, ...]) -> tuple[int, str]:
    return (messages[-1].sent_at_ms if messages else 0, conversation.id)


def _position(cursor: object) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        match = _CURSOR.fullmatch(b64decode(str(cursor), validate=True).decode())
    except (binascii.Error, ValueError):
        match = None
    if match is None:
        raise InvalidCursor
    return int(match[1]), match[2]


def _wire(conversation: Conversation, messages: tuple[StoredMessage, ...]) -> dict[str, object]:
    partner = conversation.partner
    last = messages[-1] if messages else None
    return {
        "conversation_id": conversation.id,
        "participant": None if partner is None else _person(conversation, partner),
        "last_message": None
        if last is None
        else {
            "text": last.text,
            "time": last.sent_at_ms,
            "sender": None
            if last.sender is None
            else _person(conversation, last.sender) | {"is_me": last.sender is conversation.people["n"]},
        },
        "unread": conversation.unread,
        "type": "group" if partner is None else "normal",
    }


def _person(conversation: Conversation, person: Person) -> dict[str, object]:
    return {
        "name": f"{person.first_name} {person.last_name}".strip(),
        "headline": conversation.headline_of(person),
        "profile_url": person.profile_url,
        "profile_picture": None,
    }
