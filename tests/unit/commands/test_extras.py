"""What `install` does about the extra that a vocabulary needs."""

import io
import sys
from collections.abc import Sequence

from mcp_server.commands.console import Console
from mcp_server.commands.extras import bring_extra, requirements


def brought(tokenizer: str, *, code: int = 0, python: tuple[int, int] = (3, 12)) -> tuple[str, list[Sequence[str]]]:
    """What was said, and the commands that were run."""
    out, ran = io.StringIO(), []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        return code

    bring_extra(tokenizer, Console(out, io.StringIO()), run=run, python=python)
    return out.getvalue(), ran


def test_the_extra_is_installed_into_this_python() -> None:
    """What the package declares for it, by pip; if that fails, the command is shown."""
    said, ran = brought("claude")
    assert ran == [[sys.executable, "-m", "pip", "install", "--quiet", *requirements("claude")]]
    assert said == f"Installed {requirements('claude')[0]}, which counts tokens of claude.\n"
    said, _ = brought("claude", code=1)
    assert said == "Counting tokens of claude needs one more step: pip install 'conversation-mcp[claude]'\n"


def test_an_older_python_estimates() -> None:
    """pip would refuse."""
    said, ran = brought("claude", python=(3, 11))
    assert ran == []
    assert said.startswith("Tokens of claude are estimated: counting them needs Python 3.12 or later.")


def test_requirements_are_those_the_package_declares() -> None:
    """Of one extra alone."""
    assert [name.partition("<")[0].partition(">")[0] for name in requirements("claude")] == ["ctok"]
    assert [name.partition("<")[0].partition(">")[0] for name in requirements("tokenizers")] == ["splintr-rs"]
    assert requirements("none") == []
