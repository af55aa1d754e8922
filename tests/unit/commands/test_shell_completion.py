"""Completion in shells: what is offered is what there is."""

import io
import re
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from mcp_server.cli import main
from mcp_server.commands.hosts import HOSTS
from tests.support.patience import PATIENCE_S


def script(shell: str) -> str:
    """What `completion SHELL` prints."""
    out = io.StringIO()
    assert main(("completion", shell), environ={}, out=out, err=io.StringIO()) == 0
    return out.getvalue()


def helped(*command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The help of a command."""
    with pytest.raises(SystemExit):
        main((*command, "--help"), environ={})
    return capsys.readouterr().out


def offered(words: Sequence[str]) -> list[str]:
    """What bash offers for the last of the words, by the script."""
    bash = shutil.which("bash")
    assert bash is not None
    line = " ".join(f"'{word}'" for word in words)
    ask = f"COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _conversation_mcp; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(
        [bash, "-c", f"{script('bash')}\n{ask}"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    return done.stdout.split()


def test_bash_completes_commands_hosts_and_options() -> None:
    """By the beginning of a word, and by the command before it."""
    assert offered(["conversation-mcp", "in"]) == ["install"]
    assert offered(["conversation-mcp", "install", ""])[: len(HOSTS)] == list(HOSTS)
    assert offered(["conversation-mcp", "read", "x", "--max"]) == ["--max-tokens"]
    assert offered(["conversation-mcp", "no-such", "--ver"]) == ["--version"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_every_command_and_option_of_the_help_is_in_every_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that the parser has is forgotten, in any of the three."""
    text = script(shell)
    commands = re.findall(r"^    ([a-z]+)(?: |$)", helped(capsys=capsys), flags=re.M)
    assert len(commands) >= 7
    for command in commands:
        assert command in text
        for option in re.findall(r"--[a-z-]+", helped(command, capsys=capsys)):
            assert option in text


def test_zsh_uses_what_bash_does() -> None:
    """zsh has a way to run bash's completions; it comes first."""
    assert script("zsh").startswith("autoload -U +X bashcompinit && bashcompinit\n_conversation_mcp() {")
