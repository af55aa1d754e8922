"""Lists of conversations for tests: as the API answers them, and as they are read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from mcp_server.conversation.cursor import CursorCodec
from mcp_server.conversation.known_people import KnownPeople
from mcp_server.conversation.listed import ListedConversation
from mcp_server.conversation.models import Message, Participant
from mcp_server.lister import ConversationLister
from mcp_server.transcript.budget import Vocabulary
from tests.support.conversations import counter

NEWEST_MS = 1_777_147_641_366
HOUR_MS = 3_600_000
MAILBOX = "urn:li:fsd_profile:ACoAAB7tWkQBn0r4L1ndqv1stT"
OWNER = "in/nora-lindqvist"


def conversation_id(number: int) -> str:
    """The API's id of conversation `number`."""
    return f"urn:li:msg_conversation:({MAILBOX},2-{number:08x}==)"


def listed(number: int = 0, text: str | None = None, *, at_ms: int | None = -1, **of: Any) -> Message:
    """Conversation `number` of a list, five hours older than the one before, with its last message."""
    fields: dict[str, Any] = {"name": f"Person {number}", "profile": f"in/person-{number}", "mine": False, **of}
    sent_at_ms = NEWEST_MS - number * 5 * HOUR_MS if at_ms == -1 else at_ms
    sender = Participant(f"in/person-{number}", fields["name"], fields["profile"])
    words = f"The last words of person {number}, about the order of last week." if text is None else text
    return Message(conversation_id(number), words, sent_at_ms, sender, listed=ListedConversation(**fields))


def inbox(length: int) -> list[Message]:
    """A list of `length` conversations, newest first: every third answered by the owner, every fourth unread."""
    return [listed(number, mine=number % 3 == 2, unread=0 if number % 4 else number % 5) for number in range(length)]


def wire_conversation(number: int = 0, **fields: Any) -> dict[str, object]:
    """A conversation as `list_inbox` answers it."""
    person = {
        "name": f"Person {number}",
        "headline": f"Head of number {number}",
        "profile_url": f"https://www.linkedin.com/in/person-{number}",
        "profile_picture": None,
    }
    return {
        "conversation_id": conversation_id(number),
        "participant": person,
        "last_message": {
            "text": f"The last words of person {number}",
            "time": NEWEST_MS - number * 5 * HOUR_MS,
            "sender": {**person, "is_me": False},
        },
        "unread": 0,
        "type": "normal",
        **fields,
    }


def inbox_body(rows: Sequence[object], *, data: Mapping[str, object] | None = None) -> bytes:
    """A successful answer with these conversations; `data` adds fields to it."""
    content = {"conversations": rows, "total_results": len(rows), **(data or {})}
    metadata = {"action": "list_inbox", "account_id": "a", "credits_consumed": max(1, -(-len(rows) // 10))}
    return json.dumps({"success": True, "data": content, "metadata": metadata}).encode()


def lister(source: object, people: KnownPeople | None = None, **options: object) -> ConversationLister:
    """A lister of `source` with everything real but the network."""
    values: dict[str, object] = {
        "timeout_s": 45.0,
        "zone": ZoneInfo("UTC"),
        "token_scale": 1.0,
        "structured_output": True,
        "banner": None,
        "speakers": "marks",
        **options,
    }
    cursors = CursorCodec(str(values.pop("secret", "test key")), scope=("get_conversation", "tenant", "account"))
    vocabulary = Vocabulary("o200k_base", counter())
    return ConversationLister(source, vocabulary, cursors, people or KnownPeople(), **values)  # type: ignore[arg-type]  # by name
