"""`conversation-mcp conversations`: prints the list of conversations, newest first, from the API or an archive."""

import json
from argparse import Namespace
from collections.abc import Mapping

import anyio

from mcp_server.commands.console import SUCCESS, Console, counted
from mcp_server.commands.paint import painted_list, wants_colour
from mcp_server.commands.source import settings_from
from mcp_server.conversation.models import ListQuery, Reading
from mcp_server.errors import ConversationError
from mcp_server.protocol.arguments import MAX_TOKENS
from mcp_server.protocol.list_arguments import parse_list_arguments
from mcp_server.reader_factory import open_reader
from mcp_server.settings import Settings


def conversations(options: Namespace, environ: Mapping[str, str], console: Console) -> int:
    """Print the list; progress and cost go to stderr. Raises SettingsError, ArchiveError and InvalidArguments."""
    with settings_from(environ, sandbox=options.sandbox) as settings:
        names = ("count", "max_tokens", "show", "query", "cursor")
        given = {name: value for name in names if (value := getattr(options, name)) is not None}
        query = parse_list_arguments({"max_tokens": MAX_TOKENS, **given})
        return anyio.run(_list, settings, query, options, console, wants_colour(console.out, environ))


async def _list(settings: Settings, query: ListQuery, options: Namespace, console: Console, colour: bool) -> int:
    async def on_page(read: int, wanted: int) -> None:
        console.progress(f"{read} of {wanted} conversations" if wanted else f"Reading the archive: {read} messages")

    reading: Reading | ConversationError
    async with open_reader(settings) as reader:
        try:
            reading = await reader.read(query, on_page=on_page)
        except ConversationError as error:  # outside of the context it would come in an exception group
            reading = error
    console.progress("")
    if isinstance(reading, ConversationError):
        return console.fail(reading)
    if options.as_json:
        console.say(json.dumps(reading.structured, ensure_ascii=False))
    else:
        console.say(painted_list(reading.text) if colour else reading.text)
    console.note(f"{counted(reading.tokens, 'token')}, {counted(reading.credits, 'credit')}.")
    return SUCCESS
