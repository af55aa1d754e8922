"""`conversation-mcp conversations`: what a person sees of the list, and what a program gets."""

import io
import json

import pytest

from mcp_server.cli import main
from mcp_server.commands.paint import painted_list
from mcp_server.listing.parse import parse

LIST = """\
SANDBOX: made-up people and messages
2 looked at (Nov 20 2026, UTC), 2 matched, 2 shown, 1 to answer. 1 credit.
! a note
# Nov 20
in/tessa 06:11 >[4 unread] Tessa [group] Okafor
  Engineer
 A5 done. [..]
2-x ??:?? < Sofie
No older conversations."""


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command on the sandbox."""
    out, err = io.StringIO(), io.StringIO()
    code = main(["conversations", "--sandbox", *arguments], environ={}, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_the_list_is_printed_with_its_cost() -> None:
    """What a model would see, without colour where nobody looks."""
    code, out, err = run("--show", "unread", "--count", "5", "--query", "Tessa")
    header = parse(out.rstrip("\n")).header
    assert code == 0
    assert (header.looked_at, header.matched, header.show) == (5, 1, "unread")
    assert "1 credit." in err


def test_a_program_gets_the_structured_content() -> None:
    """With a cursor to go on, and the size that it asked for."""
    first = json.loads(run("--count", "3", "--json", "--max-tokens", "300")[1])
    assert (first["looked_at"], first["credits"]) == (3, 1)


@pytest.mark.parametrize("arguments", [("--count", "500"), ("--cursor", "forged")])
def test_what_the_tool_refuses_the_command_refuses_too(arguments: tuple[str, ...]) -> None:
    """With the same words."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "invalid_arguments: " in err or "invalid_cursor: " in err


def test_colours_add_nothing_but_colours() -> None:
    """Every kind of line has its own; the text between them is that of the list."""
    coloured = painted_list(LIST)
    assert coloured != LIST
    plain = "".join(part.partition("m")[2] if index else part for index, part in enumerate(coloured.split("\x1b[")))
    assert plain == LIST
    assert all("\x1b[" in line for line in coloured.splitlines())
