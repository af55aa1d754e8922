"""`conversation-mcp check`: tests settings, API and tokenizer without spending credits."""

import time
from collections.abc import Mapping

import anyio

from mcp_server.commands.console import SUCCESS, Console
from mcp_server.commands.source import settings_from
from mcp_server.errors import ConversationError
from mcp_server.settings import Settings


def check(environ: Mapping[str, str], console: Console, *, sandbox: bool) -> int:
    """Print one line per test that passes, up to the first failure. Returns the exit code."""
    with settings_from(environ, sandbox=sandbox) as settings:
        console.say(f"settings   ok: {settings.api_base_url}, account {settings.account_id}, key set")
        for warning in settings.warnings:
            console.say(f"settings   {warning}")
        return anyio.run(_check, settings, console)


async def _check(settings: Settings, console: Console) -> int:
    from mcp_server.tokenizer import Vocabularies
    from mcp_server.upstream.client import MessagesClient

    try:
        async with MessagesClient(settings) as client:
            began_s = time.monotonic()
            sentence = await client.probe()
            console.say(f"API        ok: {sentence} ({time.monotonic() - began_s:.1f} s)")
        began_s = time.monotonic()
        vocabulary = Vocabularies().of(settings.tokenizer)
        vocabulary.warm()
        how = "estimated" if vocabulary.estimated else "counted"
        console.say(f"tokenizer  ok: {vocabulary.name}, {how}, loaded in {time.monotonic() - began_s:.1f} s")
    except ConversationError as error:
        return console.fail(error)
    console.say(_self(settings))
    return SUCCESS


def _self(settings: Settings) -> str:
    if settings.self_profile_url is not None:
        return f"you        {settings.self_profile_url}"
    return (
        "you        unknown: set CONVERSATION_SELF_PROFILE_URL to the URL of your own profile, "
        "so that transcripts of groups and of conversation ids mark your messages"
    )
