"""`conversation-mcp sandbox`: serves the fictional messaging API alone, for other clients."""

import argparse
import time

from mcp_server.commands.console import FAILED, SUCCESS, Console, counted
from mcp_server.sandbox import SANDBOX_ACCOUNT, SANDBOX_KEY, Sandbox, Terms


def sandbox(options: argparse.Namespace, console: Console) -> int:
    """Print the settings for a client and the conversations, then serve until interrupted."""
    port: int = options.port
    terms = Terms(
        price=options.price,
        max_count=options.page_limit,
        refuse_larger=options.refuse_larger,
        request_s=options.request_ms / 1000,
        message_s=options.message_ms / 1000,
    )
    try:
        server = Sandbox(port=port, terms=terms)
    except OSError as error:
        console.note(f"port_in_use: 127.0.0.1:{port} cannot be opened ({error.strerror}). Choose another --port.")
        return FAILED
    try:
        with server:
            _introduce(server, console)
            # Short sleeps, because an interrupt just before a wait begins does not end that wait.
            while True:
                time.sleep(1)
    except KeyboardInterrupt:
        asked, billed = counted(server.ledger.requests, "request"), counted(server.ledger.credits, "credit")
        console.note(f"{asked}, {billed} billed.")
    return SUCCESS


def _introduce(server: Sandbox, console: Console) -> None:
    console.say(f"CONVERSATION_API_BASE_URL={server.base_url}")
    console.say(f"CONVERSATION_API_KEY={SANDBOX_KEY}")
    console.say(f"CONVERSATION_ACCOUNT_ID={SANDBOX_ACCOUNT}")
    console.say()
    for conversation in server.conversations:
        console.say(f"{conversation.settled:5} messages  {conversation.profile_url or conversation.id}")
    console.note("Press Ctrl-C to stop.")
