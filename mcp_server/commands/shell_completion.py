"""`conversation-mcp completion SHELL`: a script that completes commands and options, generated from the parser.

    bash    eval "$(conversation-mcp completion bash)"
    zsh     eval "$(conversation-mcp completion zsh)"
    fish    conversation-mcp completion fish | source

The script is self-contained: completing does not start Python. It offers no conversations, as none is kept on disk.
"""

import argparse
from collections.abc import Callable, Iterator

from mcp_server.commands.console import SUCCESS, Console

_PROGRAM = "conversation-mcp"


def shell_completion(shell: str, parser: argparse.ArgumentParser, console: Console) -> int:
    """Print the script for `shell`, a key of SHELLS."""
    console.say(SHELLS[shell](parser))
    return SUCCESS


def _bash(parser: argparse.ArgumentParser) -> str:
    cases = "\n".join(
        f"        {name}) words={_quoted(' '.join(words(command)))} ;;" for name, command in commands(parser)
    )
    return f"""\
_conversation_mcp() {{
    local words command=${{COMP_WORDS[1]}}
    case $command in
{cases}
        *) words={_quoted(" ".join(words(parser)))} ;;
    esac
    if [ "$COMP_CWORD" -eq 1 ]; then words={_quoted(" ".join(words(parser)))}; fi
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _conversation_mcp {_PROGRAM}"""


def _zsh(parser: argparse.ArgumentParser) -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash(parser)}"


def _fish(parser: argparse.ArgumentParser) -> str:
    lines = [f"complete -c {_PROGRAM} -f"]
    lines.extend(f"complete -c {_PROGRAM} -n __fish_use_subcommand -a {_quoted(word)}" for word in words(parser))
    for name, command in commands(parser):
        here = _quoted(f"__fish_seen_subcommand_from {name}")
        lines.extend(f"complete -c {_PROGRAM} -n {here} -a {_quoted(word)}" for word in words(command))
    return "\n".join(lines)


SHELLS: dict[str, Callable[[argparse.ArgumentParser], str]] = {"bash": _bash, "fish": _fish, "zsh": _zsh}


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """(name, parser) of every command. argparse has no public way to ask; a test compares this with its help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def words(parser: argparse.ArgumentParser) -> list[str]:
    """The words that may follow: commands or choices, then options."""
    actions = parser._actions
    choices = [choice for action in actions if not action.option_strings for choice in action.choices or ()]
    return choices + [option for action in actions for option in action.option_strings if option.startswith("--")]


def _quoted(text: str) -> str:
    """`text` quoted for any of the shells. The words of a parser contain no quotes."""
    return f"'{text}'"
