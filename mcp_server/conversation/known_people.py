"""What the list of conversations tells about people: who the owner is, and with whom a conversation is."""

from collections import OrderedDict
from collections.abc import Iterable

from mcp_server.conversation.models import Message

_MAX_CONVERSATIONS = 2_000


class KnownPeople:
    """The people of one account, as its list of conversations names them.

    `owner` is the owner's profile (`in/<slug>`), None until a list has named it.
    """

    def __init__(self) -> None:
        self.owner: str | None = None
        self._others: OrderedDict[str, str] = OrderedDict()

    def note(self, conversations: Iterable[Message]) -> None:
        """Remember what these conversations of the list say."""
        for message in conversations:
            listed = message.listed
            if listed is None:
                continue
            self.owner = listed.owner or self.owner
            if listed.target is not None and listed.has_id:
                self._others[message.id] = listed.target
                self._others.move_to_end(message.id)
        while len(self._others) > _MAX_CONVERSATIONS:
            self._others.popitem(last=False)

    def other(self, conversation_id: str) -> str | None:
        """The profile of the other person in a conversation of two; None for others, and for unknown ones."""
        return self._others.get(conversation_id)
