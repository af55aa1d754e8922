"""Installs the extra of a vocabulary, for `conversation-mcp install`."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, requires

from mcp_server.commands.console import Console
from mcp_server.tokenizer.extras import CLAUDE_PYTHON, ESTIMATED, extra_of, install_command

Run = Callable[[Sequence[str]], int]
"""Runs a command and returns its exit code."""


def bring_extra(tokenizer: str, console: Console, *, run: Run | None = None, python: tuple[int, ...] = ()) -> None:
    """Install what counting in this vocabulary needs into this Python, and say what was done or remains to be done.

    `run` and `python` default to a subprocess and the version of this interpreter.
    """
    if tokenizer in ESTIMATED and (python or sys.version_info[:2]) < CLAUDE_PYTHON:
        console.say(
            f"Tokens of {tokenizer} are estimated: counting them needs Python 3.12 or later. Install the server with "
            "that and run this again."
        )
        return
    extra = extra_of(tokenizer)
    needed = requirements(extra)
    if needed and (run or _run)([sys.executable, "-m", "pip", "install", "--quiet", *needed]) == 0:
        console.say(f"Installed {', '.join(needed)}, which counts tokens of {tokenizer}.")
    else:
        console.say(f"Counting tokens of {tokenizer} needs one more step: {install_command(tokenizer)}")


def requirements(extra: str) -> list[str]:
    """What the extra installs, without markers; nothing when this program is not an installed package."""
    try:
        declared = requires("conversation-mcp") or []
    except PackageNotFoundError:
        return []
    split = (requirement.partition(";") for requirement in declared)
    return [name.strip() for name, _, marker in split if f"extra == '{extra}'" in marker.replace('"', "'")]


def _run(command: Sequence[str]) -> int:
    # pip writes to the standard output, which is for what this command says.
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
