"""Lenient parsing of the list of conversations (`list_inbox`). Each one becomes the last message that it shows."""

import hashlib
import json
from collections.abc import Mapping

from mcp_server.conversation.cleaning import clean, clean_name
from mcp_server.conversation.listed import ListedConversation, is_usable_id
from mcp_server.conversation.models import Message, Page, Participant
from mcp_server.errors import BadResponse
from mcp_server.upstream import wire

_ORDINARY = frozenset(("", "normal", "inbox"))
_MAX_TAGS = 3
_TAG_CHARS = 24


def read_inbox(document: object) -> Page:
    """The page of conversations in a successful answer, each of them once, in the API's order.

    Unknown fields and missing ones are accepted. A conversation that is not an object is skipped and counted. Raises
    BadResponse where there is no list of conversations.
    """
    data = wire.as_object(wire.as_object(document).get("data"))
    rows = data.get("conversations")
    if not isinstance(rows, list) or len(rows) > wire.MAX_MESSAGES:
        raise BadResponse("The API's answer contains no readable list of conversations.")
    read = [_read_conversation(row) for row in rows if isinstance(row, dict)]
    conversations: dict[str, Message] = {}
    for message in read:
        conversations.setdefault(message.id, message)
    cursor, credits = data.get("next_cursor"), wire.read_credits(document)
    return Page(
        messages=tuple(conversations.values()),
        next_cursor=wire.read_cursor(cursor),
        cursor_unusable=wire.is_unusable_cursor(cursor),
        credits=credits or 0,
        price_unknown=credits is None,
        skipped=len(rows) - len(read),
    )


def _read_conversation(row: Mapping[str, object]) -> Message:
    last = wire.as_object(row.get("last_message"))
    sender, participant = wire.as_object(last.get("sender")), wire.as_object(row.get("participant"))
    is_me = sender.get("is_me")
    mine = is_me if isinstance(is_me, bool) else None
    author, other = _person(sender), _person(participant)
    # Without a participant (a group, perhaps) the last sender is the only name there is, but not who to read with.
    named = other or (author if mine is False else None)
    identity = wire.read_id(row.get("conversation_id"))
    has_id = is_usable_id(identity)
    sent_at_ms, tags = wire.read_moment(last.get("time")), _tags(row.get("type"))
    return Message(
        id=identity if has_id else _derived(identity, named, sent_at_ms),
        text=_one_line(last.get("text")),
        sent_at_ms=sent_at_ms,
        sender=author,
        listed=ListedConversation(
            name="" if named is None else named.name,
            profile=None if other is None else other.profile,
            headline=_one_line(participant.get("headline")),
            unread=wire.read_count(row.get("unread")) or 0,
            tags=tags,
            mine=mine,
            owner=author.profile if mine and author is not None else None,
            has_id=has_id,
            is_group=True if "group" in tags else None if other is None else False,
            total=wire.read_count(row.get("total_message_count")),
        ),
    )


def _person(fields: Mapping[str, object]) -> Participant | None:
    """A person as the list names them, or None where it does not."""
    name, url = clean_name(wire.as_text(fields.get("name"))), wire.as_text(fields.get("profile_url"))
    known = wire.read_sender(name, "", "", url)
    return Participant(f"name:{name}", name) if known is None and name else known


def _one_line(value: object) -> str:
    return " ".join(clean(wire.as_text(value)).split())


def _tags(kind: object) -> tuple[str, ...]:
    """The type of a conversation as tags: the API's own words, as far as they are not the ordinary one."""
    words = (clean_name(word).casefold() for word in wire.as_text(kind).replace("_", " ").split())
    return tuple(word[:_TAG_CHARS] for word in words if word.isalnum() and word not in _ORDINARY)[:_MAX_TAGS]


def _derived(identity: str, named: Participant | None, sent_at_ms: int | None) -> str:
    """The identity of a conversation without a usable id of its own, the same on every page."""
    content = json.dumps([identity, None if named is None else named.key, None if named is not None else sent_at_ms])
    return f"derived:{hashlib.sha256(content.encode()).hexdigest()[:32]}"
