"""The client asks for the list of conversations, and for nothing else that the API knows."""

import anyio
import pytest

from mcp_server.conversation.models import INBOX
from mcp_server.errors import RequestRejected
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox
from mcp_server.settings import Settings
from mcp_server.upstream.client import MessagesClient

pytestmark = pytest.mark.anyio


async def test_a_page_of_the_list_is_one_documented_request() -> None:
    """`list_inbox` with a count and, for further pages, the cursor: no target, no other parameter."""
    with Sandbox() as sandbox:
        settings = Settings.from_mapping(
            {
                "CONVERSATION_API_BASE_URL": sandbox.base_url,
                "CONVERSATION_API_KEY": SANDBOX_KEY,
                "CONVERSATION_ACCOUNT_ID": SANDBOX_ACCOUNT,
            }
        )
        async with MessagesClient(settings) as client:
            deadline = anyio.current_time() + 20
            newest = await client.page(INBOX, cursor=None, count=10, deadline=deadline)
            older = await client.page(INBOX, cursor=newest.next_cursor, count=10, deadline=deadline)
            with pytest.raises(RequestRejected):
                await client.page(INBOX, cursor="1777147641366", count=10, deadline=deadline)
        requests = [dict(entry.request) for entry in sandbox.ledger.entries]
    assert [request["action"] for request in requests] == ["list_inbox"] * 3
    assert [request["params"] for request in requests[:2]] == [
        {"count": 10},
        {"count": 10, "cursor": newest.next_cursor},
    ]
    assert (len(newest.messages), newest.credits, newest.requested) == (10, 1, 10)
    assert not {message.id for message in newest.messages} & {message.id for message in older.messages}
    owners = {message.listed.owner for message in (*newest.messages, *older.messages) if message.listed}
    assert owners == {None, "in/nora-lindqvist-tidewater"}
