"""What one replica's list of conversations says, for all replicas: whose account it is, and who is in the newest."""

from contextlib import suppress

from anyio.abc import TaskGroup

from mcp_server.conversation.listed import ListedConversation
from mcp_server.conversation.models import INBOX, Message, Page, Target
from mcp_server.upstream.breaker import StoreUnavailable
from mcp_server.upstream.redis_store import Stored
from mcp_server.upstream.sealing import Seal
from mcp_server.upstream.shared import Store
from mcp_server.upstream.timeline_run import OLDER_TTL_S

OWNER_TTL_S = 24 * 60 * 60.0
"""A profile does not get old as messages do; each list that names the owner starts the time again."""
_PLACE = Target(INBOX.kind, "owner")


class SharedOwner:
    """Remembers the owner of one tenant's account in `store`, sealed as its pages are.

    It also finds the newest page of the list that a replica has read. Tasks in `background` write to the store: no
    caller waits for that.
    """

    def __init__(self, store: Store, seal: Seal, background: TaskGroup) -> None:
        self._store = store
        self._seal = seal
        self._background = background
        self._name = seal.name(_PLACE, None)
        self._list = seal.name(INBOX, None)

    async def recall(self) -> str | None:
        """The owner's profile, None if no replica knows it or the store does not answer."""
        messages = await self._messages(self._name, max_age_s=OWNER_TTL_S)
        return next((each.listed.owner for each in messages if each.listed is not None), None)

    async def listed(self) -> tuple[Message, ...]:
        """The newest page of the list, as a replica has read it lately; empty if none has."""
        return await self._messages(self._list, max_age_s=OLDER_TTL_S)

    async def _messages(self, name: str, *, max_age_s: float) -> tuple[Message, ...]:
        with suppress(StoreUnavailable):
            found = await self._store.look_up(name, max_age_s=max_age_s)
            page = self._seal.open(name, found.value) if isinstance(found, Stored) else None
            if page is not None:
                return page.messages
        return ()

    def share(self, profile: str) -> None:
        """Let other replicas know the owner's profile."""
        self._background.start_soon(self._keep, profile)

    async def _keep(self, profile: str) -> None:
        # A page of the list in which nothing is known but the owner: whatever is sealed is a page.
        page = Page((Message("", "", None, None, listed=ListedConversation("", owner=profile)),), None)
        with suppress(StoreUnavailable):  # the next list tries again
            found = await self._store.look_up(self._name, max_age_s=0)
            now_ms = 0 if isinstance(found, Stored) else found.now_ms
            sealed = self._seal.close(self._name, page, fetched_at_ms=now_ms)
            await self._store.keep(self._name, "", sealed, ttl_s=OWNER_TTL_S)
