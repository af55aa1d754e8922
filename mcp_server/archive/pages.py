"""The conversations of an export as pages of messages, for the reader that reads the API's."""

import re

import anyio.to_thread

from mcp_server.archive.archive import Archive
from mcp_server.archive.inbox import ArchiveInbox
from mcp_server.archive.messages import ArchivedMessage
from mcp_server.archive.names import name_key
from mcp_server.archive.people import Person
from mcp_server.conversation.cleaning import clean_name
from mcp_server.conversation.models import ANY_CACHED, INBOX, CachePolicy, Message, Page, Participant, Target
from mcp_server.conversation.profile import profile_label
from mcp_server.errors import RequestRejected

# What separates tags and ends them, in a subject: it must not look like either.
_STRUCTURE = str.maketrans({"[": "(", "]": ")", ";": ","})
_SPACES = re.compile(r"\s+")

_REPLACED_NOTE = "Some characters were not UTF-8; they were read as Windows-1252."
NOT_THERE = "See what it has with list_conversations, or export your data again if it is newer."


class ArchivePages:
    """A source of pages that cost nothing. A page's cursor is how many messages are older than the page before it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.inbox = ArchiveInbox(archive)

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """A page of the list, or of a conversation that is named by its id. Raises RequestRejected if there is none."""
        del deadline, policy  # nothing is waited for, and nothing gets old
        if target == INBOX:
            return await anyio.to_thread.run_sync(self.inbox.page, cursor, count)
        return await anyio.to_thread.run_sync(self._page, target, cursor, count)

    def _page(self, target: Target, cursor: str | None, count: int) -> Page:
        number = self._archive.find(target.value)
        if number is None:
            raise RequestRejected("The archive has no conversation of this id.", advice=NOT_THERE)
        part = self._archive.read(number, before=None if cursor is None else int(cursor), count=count)
        return Page(
            messages=tuple(map(message_of, part.messages)),
            next_cursor=str(part.older) if part.older else None,
            total=part.total,
            requested=count,
            notes=(_REPLACED_NOTE,) if part.replaced else (),
        )


def message_of(archived: ArchivedMessage) -> Message:
    """A message of an export as one that can be shown."""
    return Message(
        id=archived.id,
        text=archived.text,
        sent_at_ms=None if archived.sent_at_s is None else archived.sent_at_s * 1_000,
        sender=None if archived.sender is None else participant_of(archived.sender),
        tag=None if archived.tag is None else clean_name(archived.tag.translate(_STRUCTURE)),
        is_turn=not (archived.draft or archived.sponsored or archived.kind == "notice"),
    )


def participant_of(person: Person) -> Participant:
    """A person as the sender of a message. Without a profile the name identifies them, within one conversation."""
    profile = profile_label(person.profile_url)
    own = "owner" if person.owner else f"name:{name_key(person.name)}"  # a contact may have the owner's name
    key = profile.casefold() if profile else person.profile_url or own
    return Participant(key=key, name=clean_name(person.name) or "-", profile=profile, is_owner=person.owner)
