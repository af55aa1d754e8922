"""Reads conversations from an export with the reader that reads them from the API."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Protocol

import anyio.to_thread

from mcp_server.archive.archive import Archive
from mcp_server.archive.loading import ArchiveLoader
from mcp_server.archive.pages import NOT_THERE
from mcp_server.conversation.models import AnyQuery, OnPage, Query, Reading, Target
from mcp_server.conversation.profile import profile_label
from mcp_server.errors import RequestRejected

_MOST_NAMED = 2


class Reader(Protocol):
    """Answers a query about a conversation that is named by its id, or about the list of conversations."""

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading: ...


class ArchiveReader:
    """Answers queries from the export that `loader` gives; `make` makes the reader of one export."""

    def __init__(self, loader: ArchiveLoader, make: Callable[[Archive], Reader]) -> None:
        self._loader = loader
        self._make = make
        self._made: tuple[Archive, Reader] | None = None

    async def read(self, query: AnyQuery, *, on_page: OnPage | None = None) -> Reading:
        """The answer to `query`. While the export is being read, `on_page` hears of its messages, their number unknown.

        Raises ArchiveError, RequestRejected for a conversation that is not in it, and whatever the reader raises.
        """

        async def on_progress(messages_read: int) -> None:
            if on_page is not None:
                await on_page(messages_read, 0)

        archive = await self._loader.archive(on_progress)
        made = self._made
        if made is None or made[0] is not archive:
            made = self._made = archive, await anyio.to_thread.run_sync(self._make, archive)
        if isinstance(query, Query):
            query = await anyio.to_thread.run_sync(resolved, archive, query)
        return await made[1].read(query, on_page=on_page)


def resolved(archive: Archive, query: Query) -> Query:
    """The query about the conversation of the export that it means, with notes on what it leaves open.

    Raises RequestRejected where there is none.
    """
    if query.target.kind == "conversation_id":
        number = archive.find(query.target.value)
        if number is None:
            raise RequestRejected("The archive has no conversation of this id.", advice=NOT_THERE)
        others: list[int] = []
    else:
        found = archive.with_profile(query.target.value)
        if not found:
            raise RequestRejected("The archive has no one-to-one conversation with this person.", advice=NOT_THERE)
        number, *others = found
    return replace(
        query,
        target=Target("conversation_id", archive.id_of(number)),
        notes=(*query.notes, *_others_note(archive, others), *archive.notes(number)),
        other_profile=profile_label(query.target.value) if query.target.kind == "profile_url" else None,
    )


def banner(day: date | None) -> str:
    """The first line of a transcript from an export."""
    return "ARCHIVE without dates" if day is None else f"ARCHIVE of {day.isoformat()}: nothing newer"


def _others_note(archive: Archive, others: list[int]) -> tuple[str, ...]:
    if not others:
        return ()
    named = ", ".join(archive.id_of(number) for number in others[:_MOST_NAMED])
    more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
    return (f"The newest conversation with this person; there is also conversation_id {named}{more}.",)
