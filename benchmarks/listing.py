"""What a list of conversations costs a model, against the API's own JSON and against text of one line each.

    python -m benchmarks.listing

On the sandbox's list, in o200k_base tokens. The one line has the same target, time, turn, unread messages, name,
headline and last message, labelled, as servers write it that print a list for a model.
"""

import json
from collections.abc import Mapping
from typing import Any

import anyio

from benchmarks.rows import Row, table
from mcp_server.commands.source import settings_from
from mcp_server.conversation.models import ListQuery
from mcp_server.reader_factory import open_reader
from mcp_server.sandbox.api import SANDBOX_ACCOUNT, SANDBOX_KEY, Api
from mcp_server.sandbox.ledger import Ledger
from mcp_server.sandbox.library import load_library
from mcp_server.tokenizer import O200kCounter

COUNT = 20
BUDGETS = (400, 800, 2000)


def api_answer() -> bytes:
    """The API's own answer for these conversations."""
    request = {"account_id": SANDBOX_ACCOUNT, "action": "list_inbox", "params": {"count": COUNT}}
    return Api(load_library(), Ledger()).answer(key=SANDBOX_KEY, body=json.dumps(request).encode()).body


def one_line(row: Mapping[str, Any]) -> str:
    """A conversation on one line, with its fields by name."""
    person, last = row["participant"] or {}, row["last_message"] or {}
    sender = last.get("sender") or {}
    return (
        f"Conversation ID: {row['conversation_id']} | Participant: {person.get('name')} | "
        f"Headline: {person.get('headline')} | Profile: {person.get('profile_url')} | "
        f"Last message ({'me' if sender.get('is_me') else sender.get('name')}, {last.get('time')}): "
        f"{last.get('text')} | Unread: {row['unread']}\n"
    )


async def listed(max_tokens: int) -> tuple[int, int]:
    """Conversations shown within a budget, and the tokens that they took."""
    with settings_from({}, sandbox=True) as settings:
        async with open_reader(settings) as reader:
            reading = await reader.read(ListQuery(COUNT, max_tokens))
    shown = reading.structured["shown"]
    assert isinstance(shown, int)
    return shown, reading.tokens


def rows() -> list[Row]:
    """Tokens per conversation listed, in each budget against each of the two others."""
    counter, answer = O200kCounter(), api_answer()
    conversations = json.loads(answer)["data"]["conversations"]
    peers = {
        "the API's JSON": counter.count(answer.decode()) / COUNT,
        "one labelled line each": counter.count("".join(map(one_line, conversations))) / COUNT,
    }
    found = []
    for budget in BUDGETS:
        shown, tokens = anyio.run(listed, budget)
        ours, what = tokens / shown, f"tokens per conversation, {shown} of {COUNT} in {budget:,}"
        found += [
            Row(f"{what}: against {name}", f"{ours:.0f}", f"{peer:.0f}", ours / peer) for name, peer in peers.items()
        ]
    return found


if __name__ == "__main__":
    print(table(rows()))
