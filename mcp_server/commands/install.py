"""`conversation-mcp install HOST`: adds the server to a client's configuration, once its settings have been tested.

The key comes from the environment or is typed without an echo, and no output contains it.
"""

import getpass
import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from mcp_server.commands.check import check_settings
from mcp_server.commands.configuration_file import ConfigurationFile, Unusable, locate
from mcp_server.commands.console import FAILED, SUCCESS, Console
from mcp_server.commands.extras import bring_extra
from mcp_server.commands.hosts import HOSTS, KEY, PROXY, SANDBOX_NAME, SERVER_NAME, Host, addition
from mcp_server.errors import SettingsError
from mcp_server.setting_values import DEFAULT_TOKENIZER, MappingReader
from mcp_server.setting_values import tokenizer as parse_tokenizer
from mcp_server.settings import ARCHIVE, MAX_CREDITS_PER_CALL, OPTIONAL, REQUIRED, Settings
from mcp_server.tokenizer.extras import CLAUDE_PYTHON, ESTIMATED, extra_of, installed

Ask = Callable[[str], str]
"""Returns the value of a variable, or an empty text if there is no answer or no terminal."""

_TOKENIZER = "CONVERSATION_TOKENIZER"
_QUESTIONS = {
    "CONVERSATION_API_BASE_URL": "Base URL of the messaging API: ",
    "CONVERSATION_API_KEY": "Its key (not shown): ",
    "CONVERSATION_ACCOUNT_ID": "Id of your account there: ",
    "CONVERSATION_SELF_PROFILE_URL": "URL of your own LinkedIn profile, to mark your messages (Enter to skip): ",
    "CONVERSATION_TIMEZONE": "Time zone of dates, such as Europe/Berlin (Enter for UTC): ",
    "CONVERSATION_MAX_CREDITS_PER_CALL": f"Maximum credits per call (Enter for {MAX_CREDITS_PER_CALL}): ",
}
_ADVICE = "Correct the environment and run this again, or run it in a terminal, which asks for what is missing."
_PLACEHOLDERS = {name: f"<{_QUESTIONS[name].partition(':')[0]}>" for name in REQUIRED} | {KEY: "<its key>"}
_ASKED_LATER = "asked-later"


def install(
    options: Namespace, environ: Mapping[str, str], console: Console, *, ask: Ask | None = None, platform: str = ""
) -> int:
    """Add the server to the configuration of `options.host`, or with `print_only` show the addition.

    The settings are tested first, without spending credits, unless `options.no_check`. Raises SettingsError if one is
    missing or invalid. Nothing is written then, or if the test fails.
    """
    path = locate(options.host, environ, platform=platform or sys.platform)
    client = HOSTS[options.host]
    tokenizer = _tokenizer(client, environ)
    variables = {} if tokenizer is None else {_TOKENIZER: tokenizer}
    command = [*_this_program(tokenizer), *(["--sandbox"] if options.sandbox else [])]
    server = SANDBOX_NAME if options.sandbox else SERVER_NAME
    if options.print_only:
        shown = variables if options.sandbox else _shown({**environ, **variables})
        console.say(json.dumps(addition(options.host, command, shown, server=server), indent=2, ensure_ascii=False))
        console.note(f"Nothing was written. For {client.title}, this belongs in {path}.")
        return SUCCESS
    settings = None
    if not options.sandbox:
        variables, settings = _settings(options.host, {**environ, **variables}, ask or _ask_person)
    if tokenizer is not None and not installed(tokenizer) and Path(command[0]).parent == Path(sys.executable).parent:
        bring_extra(tokenizer, console)
    if settings is not None and not options.no_check and not _tested(settings, client.title, console):
        console.note("Nothing was written. Correct the settings, or add --no-check to write them untested.")
        return FAILED
    try:
        # The URL of a proxy may contain a password.
        secret = (KEY in variables and not client.asks) or PROXY in variables
        added = addition(options.host, command, variables, server=server)
        for line in ConfigurationFile(path).put(added, secret=secret, client=client.title):
            console.say(line)
    except Unusable as error:
        console.note(f"configuration_file: {path} {error}")
        return FAILED
    if tokenizer is None:
        console.say(f"Tokens are counted in the vocabulary {DEFAULT_TOKENIZER}; {_TOKENIZER} selects another one.")
    if client.asks and KEY in variables:
        console.say("It asks for the key when it first starts the server, and stores it; the file does not contain it.")
    console.say(f"Restart {client.title}, then ask: catch me up on my conversation with linkedin.com/in/…")
    return SUCCESS


def _tokenizer(client: Host, environ: Mapping[str, str]) -> str | None:
    """The vocabulary that the environment names, or else that of the client's models. Raises SettingsError."""
    reader = MappingReader(environ)
    found: str | None = reader.optional(_TOKENIZER, parse_tokenizer, client.tokenizer)
    if problems := reader.problems():
        raise SettingsError(" ".join(problems), advice=_ADVICE)
    return found


def _settings(host: str, environ: Mapping[str, str], ask: Ask) -> tuple[dict[str, str], Settings]:
    """The variables to write, from the environment or from a person, and the settings they make.

    A client that asks for the key itself gets none, but a key in the environment is good for a test. Raises
    SettingsError.
    """
    given = {name: environ[name] for name in (*REQUIRED, *OPTIONAL) if environ.get(name, "").strip()}
    with_api = ARCHIVE not in given
    if HOSTS[host].asks and with_api:
        given.setdefault(KEY, _ASKED_LATER)
    for name in _QUESTIONS if with_api else ():
        if name not in given and (answer := ask(name).strip()):
            given[name] = answer
    try:
        settings = Settings.from_mapping(given)
        return {name: given[name] for name in (*REQUIRED, *OPTIONAL) if name in given}, settings
    except SettingsError as error:
        raise SettingsError(error.what, advice=_ADVICE) from None


def _tested(settings: Settings, client: str, console: Console) -> bool:
    if settings.api_key.get_secret_value() == _ASKED_LATER:
        console.say(f"Not tested: {client} asks for the key itself. To test it, set {KEY} and run this again.")
        return True
    return check_settings(settings, console) == SUCCESS


def _shown(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings for the screen: without secrets, and with placeholders for required ones that are missing."""
    names = [name for name in (*REQUIRED, *OPTIONAL) if name not in (KEY, PROXY)]
    given = {name: environ[name] for name in names if environ.get(name, "").strip()}
    if ARCHIVE in given:
        return given
    return {name: given.get(name) or _PLACEHOLDERS[name] for name in REQUIRED} | given


def _ask_person(name: str) -> str:
    """What a person types at a terminal, or nothing if there is none."""
    if not sys.stdin.isatty():
        return ""
    with suppress(EOFError):
        if name == KEY:
            return getpass.getpass(_QUESTIONS[name])
        sys.stderr.write(_QUESTIONS[name])
        sys.stderr.flush()
        return sys.stdin.readline()
    return ""


def _this_program(tokenizer: str | None) -> list[str]:
    """The command that starts this installation, by full path, since desktop apps have a PATH of their own."""
    if "archive-v0" in Path(sys.prefix).parts:  # what uvx runs from its cache may be gone tomorrow
        uvx = shutil.which("uvx") or "uvx"
        if tokenizer is None or tokenizer == DEFAULT_TOKENIZER:
            return [uvx, "conversation-mcp"]
        python = ["--python", f">={CLAUDE_PYTHON[0]}.{CLAUDE_PYTHON[1]}"] if tokenizer in ESTIMATED else []
        return [uvx, *python, "--from", f"conversation-mcp[{extra_of(tokenizer)}]", "conversation-mcp"]
    folder = Path(sys.executable).parent
    for script in (folder / "conversation-mcp", folder / "conversation-mcp.exe"):
        if script.is_file():
            return [str(script)]
    return [sys.executable, "-m", "mcp_server"]
