"""What the list of conversations tells about people: who the owner is, and with whom each conversation is."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from mcp_server.conversation.listed import ListedConversation
from mcp_server.conversation.models import Message, Page, Participant, Target, thread_key
from mcp_server.conversation.profile import profile_label

_MAX_CONVERSATIONS = 2_000
_RECALL_S = 30.0


@dataclass(frozen=True, slots=True)
class KnownConversation:
    """What the list says of one conversation. `other` is the one other person in it, as far as it has a profile.

    `is_group` is None if unknown. `total` counts the messages up to the one sent at `newest_at_ms`.
    """

    other: Participant | None = None
    is_group: bool | None = None
    total: int | None = None
    newest_at_ms: int | None = None

    def completed(self, newest: Page) -> Page:
        """The newest page with the total of the list, if the page has none and nothing has arrived since."""
        if newest.total is not None or self.total is None or self.newest_at_ms is None or not newest.messages:
            return newest
        return replace(newest, total=self.total) if newest.messages[0].sent_at_ms == self.newest_at_ms else newest


UNKNOWN = KnownConversation()


class OwnerMemory(Protocol):
    """Remembers an account's owner for several processes, and what their lists said."""

    async def recall(self) -> str | None:
        """The owner's profile, None if unknown."""
        ...

    async def listed(self) -> Iterable[Message]:
        """The conversations that one of them has listed lately."""
        ...

    def share(self, profile: str) -> None:
        """Remember the owner's profile. Returns at once, and fails silently."""
        ...


class KnownPeople:
    """The people of one account, as its list of conversations names them.

    `owner` is the owner's profile (`in/<slug>`), None until a list has named it. `memory` shares it.
    """

    def __init__(self, memory: OwnerMemory | None = None) -> None:
        self.owner: str | None = None
        self._memory = memory
        self._recalled_s = float("-inf")
        self._conversations: OrderedDict[str, KnownConversation] = OrderedDict()

    def note(self, conversations: Iterable[Message]) -> None:
        """Remember what these conversations of the list say."""
        named = self._remember(conversations)
        if named is not None:
            self.owner = named
            if self._memory is not None:
                self._memory.share(named)

    def _remember(self, conversations: Iterable[Message]) -> str | None:
        """Remember these conversations. Returns the owner that they name."""
        named = None
        for message in conversations:
            listed = message.listed
            if listed is None:
                continue
            named = listed.owner or named
            known = _known(message, listed)
            own_key = thread_key(message.id) if listed.has_id else None
            for name in (own_key, None if known.other is None else known.other.key):
                if name is not None:
                    self._conversations[name] = known
                    self._conversations.move_to_end(name)
        while len(self._conversations) > _MAX_CONVERSATIONS:
            self._conversations.popitem(last=False)
        return named

    async def recall_owner(self) -> None:
        """Set `owner` where another process knows it."""
        if self.owner is None and self._memory is not None:
            self.owner = await self._memory.recall()

    async def recall(self, target: Target, *, now_s: float) -> None:
        """Learn of a conversation that only other processes have listed. They are asked every half a minute at most."""
        if self._memory is None or now_s - self._recalled_s < _RECALL_S or self.of(target) is not UNKNOWN:
            return
        self._recalled_s = now_s
        self._remember(await self._memory.listed())

    def of(self, target: Target) -> KnownConversation:
        """What is known of this conversation."""
        profile = profile_label(target.value) if target.kind == "profile_url" else None
        return self._conversations.get(profile.casefold() if profile else target.key, UNKNOWN)


def _known(message: Message, listed: ListedConversation) -> KnownConversation:
    other = None if listed.target is None else Participant(listed.target.casefold(), listed.name, listed.target)
    return KnownConversation(other, listed.is_group, listed.total, message.sent_at_ms)
