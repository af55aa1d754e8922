"""`conversation-mcp check`: tests settings, API and tokenizer without spending credits."""

import shutil
import time
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

import anyio

from mcp_server.commands.configuration_file import ConfigurationFile, Unusable, locate
from mcp_server.commands.console import FAILED, SUCCESS, Console, counted
from mcp_server.commands.hosts import HOSTS, KEY, SANDBOX_NAME, SERVER_NAME
from mcp_server.commands.source import settings_from
from mcp_server.conversation.cleaning import clean_name
from mcp_server.errors import ConversationError
from mcp_server.setting_values import MappingReader
from mcp_server.settings import Settings


def check(options: Namespace, environ: Mapping[str, str], console: Console) -> int:
    """Print one line per test that passes, up to the first failure. Returns the exit code.

    Tests the settings in the file of `options.host` if one is named, otherwise those of the environment.
    """
    sandbox, variables = options.sandbox, environ
    if options.host is not None:
        try:
            variables, sandbox = _configured(options.host, environ, console, sandbox=sandbox)
        except Unusable as error:
            console.note(f"configuration_file: {locate(options.host, environ)} {error}")
            return FAILED
    with settings_from(variables, sandbox=sandbox) as settings:
        return check_settings(settings, console)


def check_settings(settings: Settings, console: Console) -> int:
    """The same for given settings."""
    if settings.archive is not None:
        console.say("settings   ok: an archive, so no API is needed")
        for warning in settings.warnings:
            console.say(f"settings   {warning}")
        return _test_archive(settings, settings.archive, console)
    console.say(f"settings   ok: {settings.api_base_url}, account {settings.account_id}, key set")
    if settings.ignored_proxy is not None:
        console.say(f"settings   {settings.ignored_proxy} is not used; for a proxy, set CONVERSATION_PROXY")
    for warning in settings.warnings:
        console.say(f"settings   {warning}")
    return anyio.run(_test, settings, console)


async def _test(settings: Settings, console: Console) -> int:
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


def _test_archive(settings: Settings, path: Path, console: Console) -> int:
    from mcp_server.archive.archive import Archive
    from mcp_server.archive.files import read_files

    began_s = time.monotonic()
    try:
        archive = Archive(read_files(path), self_profile_url=settings.self_profile_url)
    except ConversationError as error:
        return console.fail(error)
    counts = archive.counts
    found = f"{counted(counts.conversations, 'conversation')}, {counted(counts.messages, 'message')}"
    until = f" until {archive.day}" if archive.day else ""
    console.say(f"archive    ok: {found}{until} ({time.monotonic() - began_s:.1f} s)")
    for number, thing in (
        (counts.drafts, "draft"),
        (counts.undated, "message without a date that can be read"),
        (counts.replaced, "character that was not UTF-8 and was read as Windows-1252"),
        (counts.empty, "empty record"),
    ):
        if number:
            console.say(f"archive    {number:,} x {thing}")
    if archive.owner is None:
        console.say(_self(settings))
    else:
        who = archive.owner.name or archive.owner.profile_url
        unsure = "" if archive.owner.sure else "; a guess: set CONVERSATION_SELF_PROFILE_URL if it is wrong"
        console.say(f"you        {clean_name(who or '')} (by {archive.owner.how}{unsure})")
    return SUCCESS


def _self(settings: Settings) -> str:
    if settings.self_profile_url is not None:
        return f"you        {settings.self_profile_url}"
    return (
        "you        unknown: set CONVERSATION_SELF_PROFILE_URL to the URL of your own profile, "
        "so that transcripts of groups and of conversation ids mark your messages"
    )


def _configured(
    name: str, environ: Mapping[str, str], console: Console, *, sandbox: bool
) -> tuple[dict[str, str], bool]:
    """The variables that a client starts the server with, and whether it starts the sandbox. Raises Unusable.

    Prints a line about the entry. A client that asks for the key does not store it in the file, so that it is taken
    from the environment.
    """
    path = locate(name, environ)
    servers = ConfigurationFile(path).value()
    servers = servers.get(HOSTS[name].servers) if isinstance(servers, dict) else None
    server = SANDBOX_NAME if sandbox else SERVER_NAME
    entry = servers.get(server) if isinstance(servers, dict) else None
    if not isinstance(entry, dict) or not isinstance(entry.get("command"), str):
        raise Unusable(f"has no server {server}. Add it with conversation-mcp install {name}.")
    if shutil.which(entry["command"]) is None:
        raise Unusable(f"starts {entry['command']}, which does not exist. Run conversation-mcp install {name} again.")
    console.say(f"{'client':<10} ok: {path} starts {entry['command']}")
    given = entry.get("env")
    variables = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    unset = not MappingReader(variables).optional(KEY, str, "")
    if HOSTS[name].asks and unset:
        variables[KEY] = environ.get(KEY, "")
        if not variables[KEY]:
            console.note(f"{HOSTS[name].title} asks for the key itself. To test it, set {KEY} and run this again.")
    arguments = entry.get("args")
    return variables, isinstance(arguments, list) and "--sandbox" in arguments
