"""The list of conversations in memory: kept like messages, although conversations move when messages arrive."""

import pytest

from mcp_server.conversation.models import INBOX
from mcp_server.upstream.timeline_run import NEWEST_TTL_S
from tests.support.caching import Api, Clock, ask, cached
from tests.support.inbox import NEWEST_MS, inbox, listed

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("moved", [0, 3, 9, 10, 25])
async def test_a_conversation_that_moves_to_the_top_leaves_the_rest_known(moved: int) -> None:
    """One request of ten shows what is new; all that follows is known, and the conversation is in one place only."""
    api, clock = Api(inbox(30), total=False), Clock()
    async with cached(api, clock) as pages:
        await ask(pages, count=30, target=INBOX)
        clock.now_s += NEWEST_TTL_S
        kept = [message for number, message in enumerate(api.messages) if number != moved]
        api.messages = [listed(moved, "A new message", at_ms=NEWEST_MS + 1), *kept]
        page = await ask(pages, count=30, target=INBOX)
        found = list(page.messages)
        while page.next_cursor is not None:
            page = await ask(pages, page.next_cursor, count=30 - len(found), target=INBOX)
            found += page.messages
    assert [message.id for message in found] == [message.id for message in api.messages]
    assert api.asked[1:] == [(None, 10)]


async def test_the_list_is_forgotten_where_everything_in_it_has_moved() -> None:
    """Nothing that was known is in its place any more."""
    api, clock = Api(inbox(3), total=False), Clock()
    async with cached(api, clock) as pages:
        await ask(pages, target=INBOX)
        clock.now_s += NEWEST_TTL_S
        api.messages = [listed(number, at_ms=NEWEST_MS + 10 - number) for number in (2, 0, 1)]
        page = await ask(pages, target=INBOX)
    assert page.messages == tuple(api.messages)
