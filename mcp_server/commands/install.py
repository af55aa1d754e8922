"""`conversation-mcp install HOST`: puts the server into a host's configuration.

Everything else in that file stays. It is written in one step, after a copy of it was kept; the key comes from the
environment or is typed unseen, and no output holds it.
"""

import getpass
import json
import os
import shutil
import stat
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mcp_server.commands.console import FAILED, SUCCESS, Console
from mcp_server.commands.hosts import HOSTS, KEY, SERVER_NAME, addition, configuration_file, merged
from mcp_server.errors import SettingsError
from mcp_server.settings import OPTIONAL, REQUIRED, Settings

Ask = Callable[[str], str]
"""Gives the value of a variable, from whoever knows it; an empty one where nobody does."""

_QUESTIONS = {
    "CONVERSATION_API_BASE_URL": "Base URL of the messaging API: ",
    "CONVERSATION_API_KEY": "Its key (not shown): ",
    "CONVERSATION_ACCOUNT_ID": "Id of your account there: ",
}
_ADVICE = "Set it in the environment and run this again, or run it in a terminal, where it asks."
_PLACEHOLDERS = {name: f"<{question.partition(':')[0]}>" for name, question in _QUESTIONS.items()} | {KEY: "<its key>"}


class _Unusable(Exception):
    """The host's file cannot be read, understood or written; the text says why and what to do."""


def install(
    options: Namespace, environ: Mapping[str, str], console: Console, *, ask: Ask | None = None, platform: str = ""
) -> int:
    """Write the configuration of `options.host`, or with `print_only` show what would go into it.

    Raises SettingsError when something is missing or makes no sense; then nothing is written.
    """
    path = configuration_file(options.host, platform or sys.platform, environ)
    command = [*_this_program(), *(["--sandbox"] if options.sandbox else [])]
    if options.print_only:
        variables = {} if options.sandbox else _shown(environ)
        console.say(json.dumps(addition(options.host, command, variables), indent=2, ensure_ascii=False))
        console.note(f"Nothing was written. For {HOSTS[options.host].title}, this belongs into {path}.")
        return SUCCESS
    variables = {} if options.sandbox else _variables(options.host, environ, ask or _ask_person)
    try:
        said = _put(path, addition(options.host, command, variables))
    except _Unusable as error:
        console.note(f"configuration_file: {path} {error}")
        return FAILED
    for line in said:
        console.say(line)
    if HOSTS[options.host].asks and variables:
        console.say("It asks for the key when it first starts the server, and keeps it; the file has none.")
    console.say(f"Restart {HOSTS[options.host].title}, then ask: catch me up on my conversation with linkedin.com/in/…")
    return SUCCESS


def _variables(host: str, environ: Mapping[str, str], ask: Ask) -> dict[str, str]:
    """The settings to write: those of the environment, the required ones asked for where they are not there."""
    given = {name: environ[name] for name in (*REQUIRED, *OPTIONAL) if environ.get(name, "").strip()}
    stand_in = {KEY: "asked-later"} if HOSTS[host].asks else {}
    for name in REQUIRED:
        if name not in given | stand_in:
            given[name] = ask(name).strip()
    try:
        Settings.from_mapping(given | stand_in)
    except SettingsError as error:
        raise SettingsError(error.what, advice=_ADVICE) from None
    return {name: value for name, value in (given | stand_in).items() if value}


def _shown(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings as they may stand on a screen."""
    given = {name: environ[name] for name in (*REQUIRED, *OPTIONAL) if name != KEY and environ.get(name, "").strip()}
    return {name: given.get(name) or _PLACEHOLDERS[name] for name in REQUIRED} | given


def _ask_person(name: str) -> str:
    """What a person types; nothing where there is none to ask."""
    if not sys.stdin.isatty():
        return ""
    with suppress(EOFError):
        if name == KEY:
            return getpass.getpass(_QUESTIONS[name])
        sys.stderr.write(_QUESTIONS[name])
        sys.stderr.flush()
        return sys.stdin.readline()
    return ""


def _this_program() -> list[str]:
    """How a host starts this installation: by full path, since desktop apps have a PATH of their own."""
    if "archive-v0" in Path(sys.prefix).parts:  # what uvx runs from its cache may be gone tomorrow
        return [shutil.which("uvx") or "uvx", "conversation-mcp"]
    folder = Path(sys.executable).parent
    for script in (folder / "conversation-mcp", folder / "conversation-mcp.exe"):
        if script.is_file():
            return [str(script)]
    return [sys.executable, "-m", "mcp_server"]


def _put(path: Path, added: Mapping[str, Any]) -> list[str]:
    """Merge into the file at `path` and say what was done. Raises _Unusable."""
    # Through a link to where the file is: some people keep their settings elsewhere and link to them.
    file = Path(os.path.realpath(path))
    try:
        before = file.read_text(encoding="utf-8-sig") if file.exists() else ""
        existing = json.loads(before) if before.strip() else {}
        if not isinstance(existing, dict):
            raise ValueError("it is not an object")  # noqa: TRY004 - what a file holds, not what a caller passed
        after = merged(existing, added)
        if after == existing:
            return [f"{path} has it already; nothing was changed."]
        said = [f"Kept the file as it was: {_keep(file)}"] if before else []
        _write(file, json.dumps(after, indent=2, ensure_ascii=False) + "\n")
    except ValueError as error:
        raise _Unusable(
            f"is not the JSON expected there ({error}); comments, too, are more than JSON. It was left alone. "
            "Mend it, or put in by hand what --print shows."
        ) from None
    except OSError as error:
        raise _Unusable(f"could not be changed: {error.strerror}. Put in by hand what --print shows.") from None
    return [*said, f"Wrote {SERVER_NAME} into {path}"]


def _keep(file: Path) -> Path:
    """A copy beside the file, with its permissions; earlier copies stay."""
    number = 1
    while (copy := file.with_name(f"{file.name}.bak{number}")).exists():
        number += 1
    shutil.copy2(file, copy)
    return copy


def _write(file: Path, text: str) -> None:
    """The whole text or nothing of it. A new file is its owner's alone, as it may hold a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            os.chmod(name, stat.S_IMODE(file.stat().st_mode))
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
