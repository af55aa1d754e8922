"""Gaps before a page: an API whose cursors are offsets skips messages after newer ones have been deleted.

Such a gap shows in the total, which has fallen since the API gave the cursor. It is closed by fetching a page at an
earlier cursor, which overlaps with the known messages.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from mcp_server.conversation.models import CachePolicy, Page
from mcp_server.conversation.positions import anchor_of, is_place
from mcp_server.errors import UpstreamError
from mcp_server.upstream.timeline_run import Place, Run


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `messages` may be missing before the page at `next_cursor`.

    They are on a page of `count` messages at `cursor`, after the last of the `known` ones; or nobody knows where, and
    `count` is 0.
    """

    messages: int
    next_cursor: str
    cursor: str | None = None
    known: tuple[str, ...] = ()
    count: int = 0


def gap_before(
    page: Page,
    cursor: str,
    *,
    total: int | None,
    totals: Mapping[str, int | None] = MappingProxyType({}),
    last: Place | None = None,
    is_newest: bool = False,
) -> Gap | None:
    """The gap that may be before a page, None if there is certainly none.

    `total` counts the messages at the time when the API gave `cursor`, and `totals` those when it gave others ("" for
    the newest page). `last` is the known message after which the page is expected; `is_newest`: its run begins with the
    newest message.
    """
    if total is None or page.total is None or page.total >= total or is_place(cursor):
        return None
    fallen = total - page.total
    if last is None:
        return Gap(fallen, cursor)
    entries = last.run.entries
    if any(message.id == entries[last.at].message.id for message in page.messages):
        return None
    # Messages have moved by as many places as the total has fallen, so one of the known ones is still on that page.
    starts = (at for at in range(last.at - fallen, -1, -1) if entries[at].cursor is not None)
    start = next(starts, 0 if is_newest else None)
    if start is None:
        return Gap(fallen, cursor)
    known = tuple(each.message.id for each in entries[start : last.at + 1])
    # An offset given at another time has moved by another number of places.
    moved = totals.get(entries[start].cursor or "") != total
    return Gap(fallen, cursor, entries[start].cursor, known, len(known) + (fallen + 1 if moved else 0))


async def closed(page: Page, gap: Gap, fetch: Callable[..., Awaitable[Page]], *, spare: int) -> Page:
    """The page, preceded by the messages that are missing before it, or with their number if they were not found.

    `fetch` is a source's `page` for this conversation, and is called for at most `spare` messages. The page's credits
    include those of that call.
    """
    if not 0 < gap.count <= spare:
        return replace(page, gap=gap.messages)
    try:
        earlier = await fetch(cursor=gap.cursor, count=gap.count, policy=CachePolicy(fresh=True))
    except UpstreamError as error:
        return replace(
            page,
            gap=gap.messages,
            joined=True,
            credits=page.credits + error.credits_spent,
            maybe_extra=page.maybe_extra + error.maybe_extra,
        )
    page = replace(
        page,
        joined=True,
        requested=0,
        credits=page.credits + earlier.credits,
        maybe_extra=page.maybe_extra + earlier.maybe_extra,
        price_unknown=page.price_unknown or earlier.price_unknown,
    )
    there = {message.id for message in page.messages}
    known = [at for at, message in enumerate(earlier.messages) if message.id in gap.known]
    overlap = [at for at, message in enumerate(earlier.messages) if message.id in there]
    following = gap.next_cursor if there else page.next_cursor
    if not known or not (overlap or (earlier.next_cursor == following and earlier.total == page.total)):
        return replace(page, gap=gap.messages)
    missing = earlier.messages[known[-1] + 1 : overlap[0] if overlap else None]
    return replace(page, messages=(*missing, *page.messages))


def anchored(runs: Iterable[Run], anchor: bytes) -> Place | None:
    """The known message with this anchor."""
    for run in runs:
        for at, entry in enumerate(run.entries):
            if anchor_of(entry.message.id) == anchor:
                return Place(run, at)
    return None
